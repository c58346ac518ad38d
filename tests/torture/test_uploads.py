"""Hostile files under hostile names through the editor's upload on the running site: verdicts, memory, what is served."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from PIL import Image

from procedures.images import inspect

from ..conftest import OWN, size
from ..images.test_cleaning import SECRETS
from .conftest import SEED, Editor, Site, read

pytestmark = pytest.mark.torture
MOST = 100 * 1024
"""kB that a process of the server may grow."""
SLOW = 10.0
"""Seconds from the first byte sent to the verdict that no file may take."""
BOUNDARY = "x-x-boundary-of-a-test-x-x"


def send(editor: Editor, token: str, name: str, data: bytes) -> requests.Response:
    """The editor's own request. Browsers escape three characters of a name (HTML, 4.10.21.8) and leave the rest."""
    escaped = name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("csrfmiddlewaretoken", token), ("words", "A thin needle here"), ("credit", ""))
    )
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="{escaped}"\r\nContent-Type: image/png\r\n\r\n'
    body = (head + file).encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    return editor.http.post(
        f"{editor.site.url}/admin/procedures/upload/", body, timeout=60,
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "X-CSRFToken": token},
    )  # fmt: skip


def memory(site: Site, field: str) -> dict[int, int]:
    """kB of each process of the server: VmRSS, what it holds now; VmHWM, the most it ever held."""
    assert site.server is not None
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if os.getpgid(int(folder.name)) == site.server.pid:
                    status = (folder / "status").read_text()
                    found[int(folder.name)] = int((re.search(rf"{field}:\s+(\d+) kB", status) or [0, 0])[1])
            except (OSError, ProcessLookupError):
                continue
    return found


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def test_every_file_under_every_name_meets_its_verdict(site: Site, tell: Callable[[str], None]) -> None:
    """Ours always; with CORPORA_DIR also the malformed pictures of others."""
    files = json.loads((OWN / "images" / "manifest.json").read_text())
    names = json.loads((OWN / "images" / "filenames.json").read_text())
    others = Path(os.environ.get("CORPORA_DIR", "")) / "third-party" / "pillow_malformed"
    malformed = sorted(others.iterdir()) if os.environ.get("CORPORA_DIR") else []
    chance = random.Random(SEED)
    cases = [
        (entry["file"], OWN / "images" / entry["file"], entry["expect"], name)
        for entry in files
        for name in chance.sample(names, size(1, len(names)))
    ]
    cases += [
        (path.name, path, "either", name)
        for path in chance.sample(malformed, min(size(10, len(malformed)), len(malformed)))
        for name in chance.sample(names, size(1, len(names)))
    ]
    ana = Editor(site, "ana")
    token = read(ana.get("/admin/procedures/guide/add/")).forms["guide_form"]["csrfmiddlewaretoken"]
    for _ in range(8):  # each worker has loaded what it needs for pictures
        assert send(ana, token, "x.png", picture()).status_code == 201
    before = memory(site, "VmRSS")
    verdicts: Counter[str] = Counter()
    wrong, served, took = [], set(), (0.0, "")
    for file, path, expect, name in cases:
        data, began = path.read_bytes(), time.monotonic()
        answer = send(ana, token, name, data)
        took = max(took, (seconds := time.monotonic() - began, file))
        if seconds >= SLOW:
            wrong.append(f"{file} as {name!r}: a verdict after {seconds:.1f} s")
        told = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        taken = answer.status_code == 201
        verdicts["taken" if taken else f"refused {answer.status_code}"] += 1
        if answer.status_code >= 500 or answer.status_code not in (201, 400):
            wrong.append(f"{file} as {name!r}: {answer.status_code}")
        elif taken and expect == "refuse":
            wrong.append(f"{file} as {name!r} was taken")
        elif not taken and expect in ("accept", "accept_strip"):
            wrong.append(f"{file} as {name!r} was refused: {told}")
        elif not taken and not str(told.get("error", "")).endswith("."):
            wrong.append(f"{file} as {name!r} was refused without a sentence")
        if taken and told["url"] not in served:
            served.add(told["url"])
            wrong += [f"{file} as {name!r}: {what}" for what in served_wrongly(site, told["url"])]
    peak = {pid: most - before[pid] for pid, most in memory(site, "VmHWM").items() if pid in before}
    rise = {pid: now - before[pid] for pid, now in memory(site, "VmRSS").items() if pid in before}
    tell(
        f"{len(cases)} uploads, {len(files) + len(malformed)} files, {len(names)} names: {dict(verdicts)}, {len(wrong)} wrong; "
        f"slowest verdict {took[0]:.2f} s ({took[1]}); {len(served)} different pictures served; "
        f"memory of a process rose by {max(rise.values()) // 1024} MB, "
        f"at its peak by {max(peak.values()) // 1024} MB; seed {SEED}"
    )
    assert wrong == []
    assert len(cases) >= size(len(files), (len(files) + len(malformed)) * len(names))
    assert served
    assert set(memory(site, "VmRSS")) >= set(before), "a process of the server has died"
    assert max(rise.values()) < MOST
    assert max(peak.values()) < MOST
    left = {path.name for path in (site.folder / "media").rglob("*") if path.is_file()}
    assert all(re.fullmatch(r"[0-9a-f]{64}(-\d+)?\.(jpg|png|webp)", name) for name in left), left


def served_wrongly(site: Site, url: str) -> list[str]:
    """What is wrong with a stored picture as a reader gets it."""
    answer = requests.get(f"{site.url}{url}", timeout=30)
    name, headers, found = url.rsplit("/", 1)[1], answer.headers, []
    if answer.status_code != 200 or hashlib.sha256(answer.content).hexdigest() != name.partition(".")[0]:
        found.append(f"served with {answer.status_code} and other bytes than its name says")
    if headers.get("Content-Security-Policy") != "default-src 'none'; sandbox":
        found.append(f"served with the policy {headers.get('Content-Security-Policy')}")
    if headers.get("X-Content-Type-Options") != "nosniff" or not headers.get("Content-Type", "").startswith("image/"):
        found.append(f"served as {headers.get('Content-Type')}, {headers.get('X-Content-Type-Options')}")
    kept = [secret for secret in SECRETS if secret in answer.content]
    return [*found, *(f"kept {secret!r}" for secret in kept), *inspect(answer.content).problems]
