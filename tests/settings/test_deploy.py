"""The files for a server name what exists: commands, folders, settings; nginx accepts its part."""

from __future__ import annotations

import configparser
import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import boto3
import pytest
import yaml
from django.core.management import get_commands

from mesoinfo.settings.environment import shared_pictures

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
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


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_systemd_knows_every_word_of_a_unit(unit: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed here, so nothing can say what it makes of its units")
    text, count = re.subn(r"^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text(), flags=re.M)
    assert count == 1
    copy = tmp_path / unit.name
    copy.write_text(text)
    said = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    copy.write_text(text.replace("ReadWritePaths=", "ReadWritePath="))
    said = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert "ReadWritePath" in said.stderr


def test_every_setting_of_the_environment_file_is_one_the_site_reads() -> None:
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (DEPLOY / "environment").read_text(), re.M))
    assert {"SITE_URL", "PROXIES", "DATA_DIR"} <= named
    assert named - SETTINGS == set()


def values(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", (DEPLOY / file).read_text(), re.M))


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_may_write_the_folders_the_settings_name_and_no_others(unit: Path) -> None:
    text = unit.read_text()
    named = values("environment")
    assert re.search(r"^ProtectSystem=strict$", text, re.M)
    states = re.findall(r"^StateDirectory=(.+)$", text, re.M)
    assert [f"/var/lib/{name}" for name in states] == [named["DATA_DIR"]]
    # the minus: a folder that is missing must not keep the site from starting
    assert re.findall(r"^ReadWritePaths=(.+)$", text, re.M) == [f"-{named['BACKUP_DIR']}"]
    (log,) = re.findall(r"LOG_FILE=(\S+)", (DEPLOY / "environment").read_text())
    assert [f"/var/log/{name}" for name in re.findall(r"^LogsDirectory=(.+)$", text, re.M)] == [str(Path(log).parent)]


def test_a_server_and_a_container_publish_nothing_of_their_own_accord() -> None:
    assert values("environment")["SAMPLE"] == "off"
    assert re.search(r"^ENV .*\bSAMPLE=off\b", (DEPLOY / "Containerfile").read_text(), re.M)


def test_the_container_can_make_backups_of_its_database_and_keeps_them_in_a_volume_of_their_own() -> None:
    file = (DEPLOY / "Containerfile").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    (client,) = re.findall(r"install .*\bpostgresql-client-(\d+)", file)
    (server, system) = re.findall(r"postgres:(\d+)-(\w+)", compose["database"]["image"])[0]
    assert int(client) >= int(server)  # an older pg_dump refuses
    assert client == {"bookworm": "15", "trixie": "17"}[system]  # what that Debian has
    assert all(base.endswith(f"-{system}") for base in re.findall(r"^FROM (\S+)", file, re.M))
    (folder,) = re.findall(r"^ENV .*\bBACKUP_DIR=(\S+)", file, re.M)
    assert re.search(rf"install -d -o mesoinfo .*{folder}\b", file)
    assert any(volume.split(":")[1] == folder for volume in compose["site"]["volumes"])
    assert folder in re.findall(r"^VOLUME (.+)$", file, re.M)[0]


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
    of_storage = set(re.findall(r"\bAWS_[A-Z_]+\b", (ROOT / ".env.example").read_text()))
    assert set(site["environment"]) - SETTINGS == of_storage
    for name in (*of_storage, "EMAIL_URL", "MAIL_FROM", "MEDIA_S3"):
        assert site["environment"][name] == f"${{{name}:-}}"
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()  # deploy/.env holds passwords
    assert (DEPLOY / site["build"]["context"] / site["build"]["dockerfile"]).is_file()
    assert all(port.startswith("127.0.0.1:") for port in site["ports"])
    assert {name.split(":")[0] for service in found["services"].values() for name in service["volumes"]} == set(
        found["volumes"]
    )


def test_what_compose_hands_on_as_empty_is_taken_for_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 takes an empty region for the name of one, and asks https://s3..amazonaws.com."""
    given = {"MEDIA_S3": "s3://pictures/of/clinic", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": ""}
    for name, value in {**given, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(name, value)
    assert shared_pictures()["pictures"]
    assert boto3.session.Session().client("s3").meta.endpoint_url == "https://s3.amazonaws.com"


def test_compose_looks_after_the_site_and_the_database_and_limits_what_both_log() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    (words,) = re.findall(r"^HEALTHCHECK .* CMD (\[.+\])$", (DEPLOY / "Containerfile").read_text(), re.M)
    assert services["site"]["healthcheck"]["test"] == ["CMD", *json.loads(words)]
    asked = services["database"]["healthcheck"]["test"]
    assert asked[asked.index("-h") + 1] == "127.0.0.1"  # over the socket the server that only sets up answers as well
    for name, service in services.items():
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name


def test_the_journal_is_kept_as_long_as_patients_are_told_and_whoever_sets_up_is_told_to_copy_that() -> None:
    parser = configparser.ConfigParser()
    parser.read(DEPLOY / "journald.conf")
    told = (ROOT / "content" / "site" / "privacy.md").read_text()
    days = re.search(r"log holds no reader’s address and is kept for (\d+) days", told)
    assert days
    assert parser["Journal"]["maxretentionsec"] == f"{days[1]}day"
    assert parser["Journal"]["maxfilesec"] == "1day"  # a whole file goes at once
    for name in ("operating.md", "security.md"):
        text = (ROOT / "docs" / name).read_text()
        assert "deploy/journald.conf /etc/systemd/journald.conf.d/mesoinfo.conf" in text, name
        assert "systemctl restart systemd-journald" in text, name


def test_the_unit_reloads_by_the_signal_the_server_knows() -> None:
    assert re.search(r"^ExecReload=/bin/kill -HUP \$MAINPID$", (DEPLOY / "mesoinfo.service").read_text(), re.M)


def test_nobody_is_told_to_write_into_the_file_nginx_uses() -> None:
    """The shell empties it before the command has run."""
    count = 0
    for file in (ROOT / "docs" / "operating.md", ROOT / "docs" / "security.md", DEPLOY / "nginx.conf"):
        for target, then in re.findall(r"prerender --nginx > (\S+)(.*)", file.read_text()):
            count += 1
            assert target.endswith(".new"), file
            assert then == f" && mv {target} {target.removesuffix('.new')}", file
    assert count >= 3


def test_the_guide_names_the_version_of_gunicorn_that_is_tested() -> None:
    (version,) = re.findall(r"^gunicorn==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.M)
    assert f"gunicorn=={version}" in (ROOT / "docs" / "operating.md").read_text()


def nginx_file(folder: Path, *, port: int, server: str) -> tuple[str, str]:
    """The program, and the shipped file with paths and the port of plain http changed, and `server` for the site."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert nginx, "nginx is needed: make test installs it"
    site = folder / "site.conf"
    site.write_text(server)
    text = (DEPLOY / "nginx.conf").read_text()
    for was, now in (
        ("user mesoinfo;", f"pid {folder}/pid;"),
        ("include /etc/nginx/mesoinfo-site.conf", f"include {site}"),
        ("include /etc/nginx/mesoinfo-certificate.conf;", ""),
        ("/var/log/nginx/error.log", f"{folder}/error.log"),
        ("listen 80 default_server;", f"listen 127.0.0.1:{port} default_server;"),
        ("listen [::]:80 default_server;", ""),
        ("sendfile on;", "".join(f"{name}_temp_path {folder}/{name}; " for name in TEMPORARY)),
    ):
        assert was in text
        text = text.replace(was, now)
    return nginx, text


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    nginx, text = nginx_file(tmp_path, port=8098, server="server { listen 127.0.0.1:8099; return 204; }\n")
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


@pytest.mark.parametrize("level", ["emerg", "warn"])
def test_nginx_writes_no_reader_down_even_when_the_site_behind_it_is_gone(tmp_path: Path, level: str) -> None:
    """With `warn`, as it was, the address and the words stand in the log: the test would see them."""
    plain, front, nobody = (free_port() for _port in range(3))
    server = f"server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://127.0.0.1:{nobody}; }} }}\n"
    nginx, text = nginx_file(tmp_path, port=plain, server=server)
    file = tmp_path / "nginx.conf"
    file.write_text("daemon off;\n" + text.replace("emerg;", f"{level};"))
    running = subprocess.Popen([nginx, "-c", str(file), "-e", f"{tmp_path}/start.log"])
    try:
        asked = [answer(port) for port in (front, plain)]
    finally:
        running.terminate()
        running.wait(timeout=10)
    assert asked == [502, 301]
    text = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert ("hivsecretword" in text, "127.0.0.1" in text) == ((False, False) if level == "emerg" else (True, True))


def answer(port: int) -> int:
    end = time.monotonic() + 10
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/search/?q=hivsecretword")
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.05)
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
