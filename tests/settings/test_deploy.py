"""The files for a server name what exists: commands, folders, settings; nginx accepts its part."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_exists_and_reads_the_shipped_settings(unit: Path) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    service = parser["Service"]
    words = service["ExecStart"].split()
    assert words[1] == "manage.py"
    assert words[2] in get_commands()
    assert service["User"] != "root"
    assert service["EnvironmentFile"] == "/etc/mesoinfo.env"


def test_every_setting_of_the_environment_file_is_one_the_site_reads() -> None:
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (DEPLOY / "environment").read_text(), re.M))
    assert {"SITE_URL", "PROXIES", "DATA_DIR"} <= named
    assert named - SETTINGS == set()


def test_the_container_copies_what_exists_and_all_that_runs() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = re.findall(r"^COPY (?!--)(\S+) ", text, re.M)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"manage.py", "mesoinfo", "procedures", "templates", "static", "content", "requirements.txt"} <= set(copied)
    assert re.search(r"^USER mesoinfo$", text, re.M)
    assert "--require-hashes" in text


def test_compose_gives_the_site_only_settings_it_reads_and_opens_it_to_this_machine_only() -> None:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    site = found["services"]["site"]
    assert set(site["environment"]) - SETTINGS == set()
    assert (DEPLOY / site["build"]["context"] / site["build"]["dockerfile"]).is_file()
    assert all(port.startswith("127.0.0.1:") for port in site["ports"])
    assert {name.split(":")[0] for service in found["services"].values() for name in service["volumes"]} == set(
        found["volumes"]
    )


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert nginx, "nginx is needed: make test installs it"
    site = tmp_path / "site.conf"
    site.write_text("server { listen 127.0.0.1:8099; return 204; }\n")
    text = (DEPLOY / "nginx.conf").read_text()
    for was, now in (
        ("user mesoinfo;", f"pid {tmp_path}/pid;"),
        ("/etc/nginx/mesoinfo-site.conf", str(site)),
        ("/var/log/nginx/error.log", f"{tmp_path}/error.log"),
    ):
        assert was in text
        text = text.replace(was, now)
    file = tmp_path / "nginx.conf"
    file.write_text(text)
    done = subprocess.run(
        [nginx, "-t", "-c", str(file), "-e", f"{tmp_path}/start.log"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    file.write_text(text.replace("send_timeout 30s;", "send_timeout;"))
    broken = subprocess.run(
        [nginx, "-t", "-c", str(file), "-e", f"{tmp_path}/start.log"], capture_output=True, text=True, check=False
    )
    assert broken.returncode != 0
