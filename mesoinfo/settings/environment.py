"""Reading the environment: one place for names, defaults and what each value must look like."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
if (ROOT / ".env").is_file():
    env.read_env(ROOT / ".env")


def data_dir() -> Path:
    """The one folder that holds all state. Raises ImproperlyConfigured with a sentence when it cannot be written."""
    folder = Path(env.str("DATA_DIR", default=str(ROOT / "var"))).expanduser()
    folder = folder if folder.is_absolute() else ROOT / folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".write-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise ImproperlyConfigured(
            f"The folder for data, {folder}, cannot be written ({reason}). "
            "Make it writable, or set DATA_DIR to a folder that is."
        ) from error
    return folder


def backup_dir(folder: Path) -> Path | None:
    """BACKUP_DIR: where backups go, without it `backups` in the data folder; None for "off"."""
    given = env.str("BACKUP_DIR", default="") or str(folder / "backups")
    return None if given == "off" else ROOT / Path(given).expanduser()


def secret_key(folder: Path) -> str:
    """SECRET_KEY from the environment, else one made once and kept in `folder`, readable by its owner only."""
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    file = folder / "secret-key"
    if not file.exists():
        fresh = folder / f".secret-{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            file.hardlink_to(fresh)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            fresh.unlink()
    return file.read_text().strip()


def site_url() -> str:
    """SITE_URL without its last slash.

    https is accepted for any host. http is accepted only for loopback and private addresses, where it turns
    transport security off. Anything else raises ImproperlyConfigured with a sentence.
    """
    host, port = env.str("HOST", default="127.0.0.1"), env.str("PORT", default="8000")
    shown = f"[{host}]" if ":" in host else ("127.0.0.1" if host == "0.0.0.0" else host)  # noqa: S104 (compared only)
    url = env.str("SITE_URL", default="") or f"http://{shown}:{port}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"SITE_URL must look like https://example.org, without a path; it is {url!r}.")
    if parts.scheme == "http" and not _is_private(parts.hostname):
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}: plain http would send staff passwords in the clear. "
            "Use https, or an address of this machine or a private network."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def database(folder: Path) -> dict[str, object]:
    """DATABASE_URL: sqlite:///… (default: a file in the data folder) or postgres://…"""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{folder / 'db.sqlite3'}"
    config: dict[str, object] = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["ENGINE"] = "mesoinfo.postgres"
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = {
            "connect_timeout": 3,
            # A host that is gone for good: unanswered bytes for 10 s, or a silence of one minute, end a connection.
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "options": "-c lock_timeout=5000",  # whoever writes waits that long for somebody who writes the same row
            **cast("dict[str, object]", config.get("OPTIONS", {})),
        }
    config["ATOMIC_REQUESTS"] = False
    return config


def shared_pictures() -> dict[str, dict[str, object]]:
    """MEDIA_S3=s3://bucket/folder: storage of pictures that all hosts share, as an entry of STORAGES; empty: none.

    Keys, region and endpoint come from the variables every S3 client reads (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL …).
    """
    url = env.str("MEDIA_S3", default="")
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.query:
        raise ImproperlyConfigured(f"MEDIA_S3 must look like s3://bucket/folder; it is {url!r}.")
    from botocore.config import Config

    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
        del os.environ[
            name
        ]  # a compose file hands on what is not set as empty; boto3 takes that for a region or an endpoint
    options = {
        "bucket_name": parts.hostname,
        "location": parts.path.strip("/"),
        "default_acl": None,
        "file_overwrite": True,  # a name is the hash of the bytes: writing again writes the same
        # A storage that does not answer must not hold a worker: readers then get what this host has.
        "client_config": Config(connect_timeout=2, read_timeout=3, retries={"max_attempts": 1}),
    }
    return {"pictures": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
