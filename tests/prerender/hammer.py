"""A client fast enough for a million answers: `python -m tests.prerender.hammer PORT STOP OUT PATH…`, run several times.

Keeps its connections open, asks in every encoding, and compares each body with its own ETag, which is the hash of the
bytes. Each different body is kept once, with how often it came and when it was last asked for. Ends when the file STOP is
there and writes what it saw to OUT as JSON.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

CONNECTIONS = 3
ROUND = 200
"""Requests on a connection before it is opened anew, so that every worker is met."""


class Line:
    """One open connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.left = 0
        self.rest = b""
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        if self.left == 0 or self.socket is None:
            if self.socket:
                self.socket.close()
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.left, self.rest = ROUND, b""
        self.left -= 1
        self.socket.sendall(request)
        got = self.rest
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _blank, body = got.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.lower(): value for name, _colon, value in (line.partition(b": ") for line in lines[1:])}
        length = int(headers[b"content-length"])
        while len(body) < length:
            body += self._more()
        self.rest = body[length:]
        return int(lines[0].split()[1]), headers, body[:length]

    def _more(self) -> bytes:
        assert self.socket
        more = self.socket.recv(262_144)
        if not more:
            raise ConnectionError("closed in the middle of an answer")
        return more


def hammer(port: int, stop: Path, paths: list[str]) -> dict[str, Any]:
    bodies: dict[tuple[str, int, bytes], list[Any]] = {}
    wrong: list[str] = []
    count = 0
    asked = [
        (path, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {encoding}\r\n\r\n".encode())
        for path in paths
        for encoding in ("identity", "gzip", "br")
    ]
    lines = [Line(port) for _ in range(CONNECTIONS)]
    while not stop.exists():
        for place, (path, request) in enumerate(asked):
            began = time.time()
            status, headers, body = lines[place % CONNECTIONS].ask(request)
            count += 1
            mark = hashlib.sha256(body).digest()
            etag = headers.get(b"etag", b"").decode().strip('"')
            if status == 200 and etag != mark.hex()[:32]:
                wrong.append(f"{path}: a body that is not what its ETag says")
            known = bodies.get((path, status, mark))
            if known is None:
                encoding = headers.get(b"content-encoding", b"identity").decode()
                bodies[path, status, mark] = [1, began, encoding, b64encode(body).decode()]
            else:
                known[0] += 1
                known[1] = began
    kept = [[path, status, *values] for (path, status, _mark), values in bodies.items()]
    return {"count": count, "wrong": wrong, "bodies": kept}


if __name__ == "__main__":
    number, end, out, *wanted = sys.argv[1:]
    found = hammer(int(number), Path(end), wanted)
    Path(out).write_text(json.dumps(found))
