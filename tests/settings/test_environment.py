"""What the site reads from its environment: said in .env.example, checked with clear sentences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"env\.(?:str|int|bool|list|db_url)\(\s*\"([A-Z_]+)\"|os\.environ\.get\(\"([A-Z_]+)\"")


def names_read() -> set[str]:
    files = [*(ROOT / "mesoinfo").rglob("*.py"), *(ROOT / "procedures").rglob("*.py")]
    found = {
        name
        for file in files
        if file.name != "test.py"
        for pair in READ.findall(file.read_text())
        for name in pair
        if name
    }
    return found - {"RUN_MAIN"}


def names_in_example() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_the_example_names_exactly_the_settings_that_are_read():
    assert names_in_example() == names_read()


def test_operating_names_every_setting():
    text = (ROOT / "docs" / "operating.md").read_text()
    assert sorted(name for name in names_in_example() if f"`{name}`" not in text) == []


def manage(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in names_in_example() and not name.startswith("DJANGO_")
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_an_https_address_passes_the_deploy_check_without_a_warning(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", folder=tmp_path, SITE_URL="https://example.org")
    assert done.returncode == 0, done.stderr
    assert "0 silenced" in done.stdout
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://8.8.8.8", "ftp://127.0.0.1", "https://example.org/path", "example.org"]
)
def test_an_address_that_would_expose_passwords_or_makes_no_sense_is_refused_in_one_sentence(tmp_path, url):
    done = manage("check", folder=tmp_path, SITE_URL=url)
    assert done.returncode != 0
    assert "SITE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "http://localhost",
        "http://192.168.1.5:8000",
        "http://[::1]:8000",
        "https://example.org/",
    ],
)
def test_https_and_private_addresses_are_accepted(tmp_path, url):
    done = manage("check", folder=tmp_path, SITE_URL=url)
    assert done.returncode == 0, done.stderr


def test_a_data_folder_that_cannot_be_written_is_named_in_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    done = manage("check", folder=file)
    assert done.returncode != 0
    assert str(file) in done.stderr
    assert "DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    show = ("shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = manage(*show, folder=tmp_path), manage(*show, folder=tmp_path)
    assert first.stdout == second.stdout
    assert len(first.stdout.strip()) >= 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
