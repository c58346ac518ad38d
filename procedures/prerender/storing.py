"""The folder of releases: written beside, made live by one rename, never changed afterwards.

    pages/lock                        held while files are made equal to the database
    pages/live → releases/<n>-<hash>  the only thing that ever changes
    pages/releases/<…>/manifest.json  part name → part, its key
    pages/releases/<…>/site/          one link per guide: the tree a plain file server can serve
    pages/parts/<hash>/manifest.json  address → status, headers, files with their hashes
    pages/parts/<hash>/site/          the pages with their br and gz twins
    pages/parts/<hash>/other/         answers that are no page: moved, withdrawn, unknown

A part is named by the hash of its manifest, which holds the hashes of its files: equal pages are stored once, and a
release that changes one guide writes one part.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli

from .asking import Answer

FORMAT = 1
KEPT = 3
"""Releases that stay. A worker holds none for longer than one request, so the one before the last is enough."""
BROTLI_LEVEL = 9
SUFFIX = {"identity": "", "br": ".br", "gzip": ".gz"}


class Damaged(Exception):
    """A stored file is missing or is not what its hash says; the text names it."""


@dataclass(frozen=True)
class Made:
    """A part of a release: the folder it is stored in, its key, the text it shows and the guides that text links to."""

    id: str
    key: str
    live: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """What is live: which code made it and its parts. `name` is empty while there is none."""

    name: str = ""
    code: str = ""
    parts: Mapping[str, Made] = field(default_factory=dict)


class Folder:
    """`DATA_DIR/pages`. Everything that writes must hold the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.live = root / "live"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Waits until no other process or thread makes files, then sweeps what a killed one left."""
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released by closing, and by the kernel when the process dies
            for name in ("parts", "releases"):
                (self.root / name).mkdir(exist_ok=True)
            self._sweep()
            yield

    def release(self) -> Release:
        """The live release. Raises Damaged when its manifest is not what was written."""
        name = self.name()
        if not name:
            return Release()
        return self.release_named(name)

    def name(self) -> str:
        try:
            return os.readlink(self.live)  # noqa: PTH115 (a string is compared with a string)
        except OSError:
            return ""

    def release_named(self, name: str) -> Release:
        raw = self._read(self.root / name / "manifest.json")
        if hashlib.sha256(raw).hexdigest()[:16] != name.rpartition("-")[2]:
            raise Damaged(f"{self.root / name / 'manifest.json'} is not what was written")
        content = json.loads(raw)
        parts = {
            part: Made(made["id"], made["key"], made["live"], tuple(made["links"]))
            for part, made in content["parts"].items()
        }
        return Release(name, content["code"], parts)

    def manifest(self, part: str) -> dict[str, Any]:
        """The addresses of a stored part. Raises Damaged."""
        raw = self._read(self.root / "parts" / part / "manifest.json")
        if hashlib.sha256(raw).hexdigest() != part:
            raise Damaged(f"{self.root / 'parts' / part / 'manifest.json'} is not what was written")
        found: dict[str, Any] = json.loads(raw)
        return found

    def body(self, part: str, file: Mapping[str, Any]) -> bytes:
        """The bytes of one stored file, checked against its hash. Raises Damaged."""
        path = self.root / "parts" / part / file["path"]
        raw = self._read(path)
        if hashlib.sha256(raw).hexdigest() != file["sha256"]:
            raise Damaged(f"{path} is not what was written")
        return raw

    def whole(self, part: str) -> bool:
        """Whether every file of a part is there and is what its hash says."""
        try:
            for entry in self.manifest(part)["addresses"].values():
                for file in entry["files"].values():
                    self.body(part, file)
        except (Damaged, ValueError, KeyError):
            return False
        return True

    def store(self, answers: Mapping[str, Answer], *, depth: int) -> str:
        """Writes a part, or finds the same one stored and whole. Gives its id."""
        bodies = {path: encodings(answer.body) for path, answer in answers.items()}
        addresses = {path: _entry(path, answer, bodies[path]) for path, answer in answers.items()}
        content = {"format": FORMAT, "depth": depth, "addresses": addresses}
        raw = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        part = hashlib.sha256(raw).hexdigest()
        final = self.root / "parts" / part
        if final.exists() and self.whole(part):
            return part
        fresh = self.root / "parts" / f".new-{secrets.token_hex(8)}"
        for path, entry in addresses.items():
            for encoding, file in entry["files"].items():
                _write(fresh / file["path"], bodies[path][encoding], stamp=file["sha256"])
        _write(fresh / "manifest.json", raw)
        for folder in (*(found for found in fresh.rglob("*") if found.is_dir()), fresh):
            _sync(folder)
        if final.exists():  # damaged: its name is wanted for what it should have been
            final.rename(self.root / "parts" / f".old-{secrets.token_hex(8)}")
        fresh.rename(final)
        _sync(final.parent)
        return part

    def go_live(self, code: str, parts: Mapping[str, Made]) -> str:
        """Writes a release of stored parts and makes it live by one rename. Gives its name."""
        content = {
            "format": FORMAT,
            "code": code,
            "parts": {
                name: {"id": made.id, "key": made.key, "live": made.live, "links": made.links}
                for name, made in parts.items()
            },
        }
        raw = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        last = max((int(path.name.split("-")[0]) for path in self._releases()), default=0)
        name = f"{last + 1:08d}-{hashlib.sha256(raw).hexdigest()[:16]}"
        fresh = self.root / "releases" / f".new-{secrets.token_hex(8)}"
        _write(fresh / "manifest.json", raw)
        for made in parts.values():
            self._link(fresh / "site", made.id)
        for folder in (*(found for found in fresh.rglob("*") if found.is_dir() and not found.is_symlink()), fresh):
            _sync(folder)
        fresh.rename(self.root / "releases" / name)
        _sync(self.root / "releases")
        link = self.root / f".live-{secrets.token_hex(8)}"
        link.symlink_to(Path("releases") / name)
        link.replace(self.live)
        _sync(self.root)
        return name

    def forget(self) -> None:
        """Nothing is live any more: Django answers everything until the next release. Needs no space."""
        self.live.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Removes releases older than the last few and the parts only they used."""
        live = Path(self.name()).name
        names = sorted(path.name for path in self._releases())
        kept = {*names[-KEPT:], live}
        for name in set(names) - kept:
            shutil.rmtree(self.root / "releases" / name, ignore_errors=True)
        used: set[str] = set()
        for name in kept - {""}:
            try:
                used |= {made.id for made in self.release_named(f"releases/{name}").parts.values()}
            except Damaged:
                if name == live:
                    return  # what it uses is not known: remove nothing
        for path in (self.root / "parts").iterdir():
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)

    def _releases(self) -> list[Path]:
        return [path for path in (self.root / "releases").iterdir() if not path.name.startswith(".")]

    def _link(self, tree: Path, part: str) -> None:
        depth = self.manifest(part)["depth"]
        stored = self.root / "parts" / part / "site"
        if not stored.is_dir():
            return
        for folder in [stored] if depth == 0 else [path for path in stored.iterdir() if path.is_dir()]:
            here = tree / folder.relative_to(stored)
            here.mkdir(parents=True, exist_ok=True)
            for found in folder.iterdir():
                link = here / found.name
                if not link.is_symlink():
                    # os.path.relpath would resolve against the folder's temporary name, which has the same depth
                    link.symlink_to(os.path.relpath(found, here))

    def _sweep(self) -> None:
        for place in (self.root, self.root / "parts", self.root / "releases"):
            for path in place.glob(".*"):
                if path.is_symlink() or path.is_file():
                    path.unlink(missing_ok=True)
                else:
                    shutil.rmtree(path, ignore_errors=True)

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise Damaged(f"{path} cannot be read ({error.strerror})") from error


def encodings(body: bytes) -> dict[str, bytes]:
    """The body as it is, and by brotli and gzip where that makes it smaller."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)  # 31: a gzip header, without a time
    packed = {
        "br": brotli.compress(body, quality=BROTLI_LEVEL),
        "gzip": packer.compress(body) + packer.flush(),
    }
    return {"identity": body, **{name: small for name, small in packed.items() if len(small) < len(body)}}


def _entry(path: str, answer: Answer, bodies: Mapping[str, bytes]) -> dict[str, Any]:
    place = _place(path) if answer.status == 200 else f"other/{hashlib.sha256(path.encode()).hexdigest()[:20]}"
    return {
        "status": answer.status,
        "headers": answer.headers,
        "files": {
            encoding: {
                "path": place + SUFFIX[encoding],
                "size": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
            for encoding, body in bodies.items()
        },
    }


def _place(path: str) -> str:
    if ".." in path.split("/"):
        raise AssertionError(f"{path} would leave its folder")
    return f"site{path}index.html" if path.endswith("/") else f"site{path}"


def _write(path: Path, content: bytes, *, stamp: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        if stamp:
            # A file server makes its ETag of time and size. A time made of the hash makes that ETag follow the bytes.
            moment = 1_000_000_000 + int(stamp[:7], 16)
            os.utime(file.fileno(), (moment, moment))
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
