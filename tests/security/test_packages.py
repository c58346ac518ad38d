"""A package is installed only if its bytes are those whose hash was written down."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_to_one_version_with_its_hashes(name: str) -> None:
    text = re.sub(r"\\\n", " ", (ROOT / name).read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 10
    assert [
        line for line in lines if not re.match(r"[A-Za-z0-9._\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_whatever_installs_packages_asks_for_their_hashes() -> None:
    for name in ("Makefile", "deploy/Containerfile"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if re.search(r"pip install.* -r ", line)]
        assert lines, name
        assert [line for line in lines if "--require-hashes" not in line] == []


def test_pip_refuses_a_package_of_which_one_byte_was_changed(tmp_path: Path) -> None:
    wheel = tmp_path / "small-1.0-py3-none-any.whl"
    inside = {
        "small.py": "",
        "small-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n",
        "small-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as file:
        for name, text in inside.items():
            file.writestr(name, text)
        record = "".join(f"{name},{_sum(text)},{len(text)}\n" for name, text in inside.items())
        file.writestr("small-1.0.dist-info/RECORD", f"{record}small-1.0.dist-info/RECORD,,\n")
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"small==1.0 --hash=sha256:{right}\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes", "--no-index",
               "--find-links", str(tmp_path), "--target", str(tmp_path / "there"), "-r", str(wanted)]  # fmt: skip
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    wheel.write_bytes(wheel.read_bytes().replace(b"Generator: t", b"Generator: x"))
    refused = subprocess.run([*command, "--upgrade"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def _sum(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
