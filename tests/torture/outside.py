"""PostgreSQL and S3 as processes of their own, which can be killed, frozen and brought back."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..prerender.conftest import free_port


class Service:
    """A process with children, listening on a port of this machine."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def user(self) -> str | None:
        return None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command(), user=self.user(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, f"{self.command()[0]} ended with {self.process.returncode}"
            assert time.monotonic() < end, f"{self.command()[0]} did not start"
            time.sleep(0.05)

    def answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def signal(self, number: int) -> None:
        """To the process and all it started, parents first."""
        assert self.process is not None
        todo = [self.process.pid]
        while todo:
            pid = todo.pop(0)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            todo += [int(child) for child in children.read_text().split()] if children.exists() else []
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)


class Postgres(Service):
    """A cluster in a temporary folder. `programs()` is None where PostgreSQL is not installed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pg."))
        programs = self.programs()
        assert programs is not None
        self.bin = programs
        if self.user():
            shutil.chown(self.folder, self.user())
        subprocess.run(
            [self.bin / "initdb", "-D", self.folder / "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
             "--no-sync"],
            check=True, user=self.user(), stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        self.start()

    @staticmethod
    def programs() -> Path | None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if found:
            return found[-1].parent
        program = shutil.which("initdb")
        return Path(program).parent if program else None

    def user(self) -> str | None:
        """PostgreSQL refuses to run as root."""
        if os.getuid():
            return None
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    def command(self) -> list[str]:
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off"}
        said = [f"-c{name}={value}" for name, value in options.items()]
        return [str(self.bin / "postgres"), "-D", str(self.folder / "data"), *said]

    @property
    def url(self) -> str:
        return f"postgres://tests@127.0.0.1:{self.port}/postgres"

    def answers(self) -> bool:
        ready = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "tests", "-t", "1"]
        return subprocess.run(ready, check=False).returncode == 0

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class S3(Service):
    """moto's server. It keeps everything in memory, so `fill` again after `kill`."""

    def command(self) -> list[str]:
        return [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MEDIA_S3": "s3://pictures/media",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def fill(self, files: dict[str, bytes]) -> None:
        import boto3

        client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1", aws_access_key_id="key",
            aws_secret_access_key="secret",
        )  # fmt: skip
        client.create_bucket(Bucket="pictures")
        for name, data in files.items():
            client.put_object(Bucket="pictures", Key=f"media/{name}", Body=data)
