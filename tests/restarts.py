"""How long readers wait after a kill: of the whole server, or of one worker while pages are read. Used by a test and a benchmark."""

from __future__ import annotations

import http.client
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Server:
    """`manage.py serve` in a process group of its own, as a supervisor starts it."""

    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Gives the moment of the command."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return began

    def kill(self) -> None:
        """SIGKILL to the server, its workers and what runs beside it."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, path: str) -> int | None:
        """The status; None when nobody listens or the answer is cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def first(self, path: str, began: float, *, wanted: int = 200) -> float:
        """Seconds from `began` until `path` is answered as wanted, asked again every two milliseconds."""
        while time.monotonic() < began + 120:
            if self.process is None or self.process.poll() is not None:
                break
            if self.ask(path) == wanted:
                return time.monotonic() - began
            time.sleep(0.002)
        raise AssertionError(f"{path} was not answered {wanted}:\n{self.log.read_text()[-3000:]}")

    def workers(self) -> list[int]:
        """The processes granian has forked: they are called as it is."""
        assert self.process is not None
        here = Path("/proc") / str(self.process.pid)
        own, found = (here / "cmdline").read_bytes(), []
        for number in (here / "task" / str(self.process.pid) / "children").read_text().split():
            try:
                if (Path("/proc") / number / "cmdline").read_bytes() == own:
                    found.append(int(number))
            except OSError:
                pass  # it has ended since
        return found

    def until_watched(self, pages: Path) -> None:
        """Until a worker has compared what is live with the database, which it does twice a second."""
        end = time.monotonic() + 60
        while (
            not (pages / "compared").is_file()
            or str((pages / "live").readlink()) not in (pages / "compared").read_text()
        ):
            assert time.monotonic() < end, "no worker has compared the files with the database for a minute"
            time.sleep(0.02)


@dataclass
class Readers:
    """Some who read one page over and over, each time over a new connection."""

    server: Server
    path: str
    number: int = 4
    asked: int = 0
    failed: int = 0
    longest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def _read(self) -> None:
        since = time.monotonic()
        while not self._ended.is_set():
            status = self.server.ask(self.path)
            now = time.monotonic()
            self.asked += 1
            if status == 200:
                self.longest = max(self.longest, now - since)
                since = now
            else:
                self.failed += 1

    def __enter__(self) -> Readers:
        self._threads = [threading.Thread(target=self._read) for _ in range(self.number)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of all does not exceed (nearest rank)."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]
