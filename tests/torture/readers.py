"""Readers by the hundred or thousand: wrk with a mix of what readers ask for, and what it saw."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LUA = Path(__file__).with_name("readers.lua")


@dataclass(frozen=True)
class Asked:
    """One kind of request: how often it comes beside the others, and what is sent."""

    weight: float
    path: str
    method: str = "GET"
    etag: str = ""
    body: str = ""

    def line(self) -> str:
        return f"{self.weight}\t{self.method}\t{self.path}\t{self.etag}\t{self.body}\n"


@dataclass(frozen=True)
class Seen:
    """What readers got. Milliseconds from the request to the last byte."""

    requests: int
    seconds: float
    statuses: dict[int, int]
    socket_errors: dict[str, int]
    p50: float
    p90: float
    p99: float
    p999: float
    most: float

    @property
    def errors_of_ours(self) -> dict[int, int]:
        return {status: count for status, count in self.statuses.items() if status >= 500}

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def sentence(self) -> str:
        return (
            f"{self.requests:,} requests in {self.seconds:.0f} s ({self.rate:,.0f} a second), statuses "
            f"{dict(sorted(self.statuses.items()))}, socket errors {sum(self.socket_errors.values())}, "
            f"p50 {self.p50:.1f}, p99 {self.p99:.1f}, p99.9 {self.p999:.1f}, longest {self.most:.0f} ms"
        )


class Readers:
    """wrk at work; `seen` waits for its end."""

    def __init__(
        self, url: str, mix: Iterable[Asked], *, connections: int, seconds: float, pause: float, seed: int = 1
    ) -> None:
        """`pause`: mean seconds between an answer and the next request of the same reader, evenly spread from 0 to twice that."""
        self._file = tempfile.NamedTemporaryFile("w", suffix=".tsv")  # noqa: SIM115 (lives as long as wrk)
        self._file.writelines(one.line() for one in mix)
        self._file.flush()
        self._seconds = seconds
        self._wrk = subprocess.Popen(
            [
                "wrk", f"-t{2 if connections > 1 else 1}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s",
                "-s", str(LUA), url, "--", self._file.name, str(pause * 1000), str(seed),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def seen(self) -> Seen:
        said, _ = self._wrk.communicate(timeout=self._seconds + 120)
        self._file.close()
        lines = [line.removeprefix("JSON ") for line in said.splitlines() if line.startswith("JSON ")]
        assert lines, said
        found: dict[str, Any] = json.loads(lines[0])
        return Seen(
            found["requests"], found["seconds"], {int(code): count for code, count in found["statuses"].items()},
            {name: found[name] for name in ("connect", "read", "write", "timeout")},
            found["p50"], found["p90"], found["p99"], found["p999"], found["max"],
        )  # fmt: skip

    def stop(self) -> None:
        self._wrk.kill()
        self._wrk.wait()
