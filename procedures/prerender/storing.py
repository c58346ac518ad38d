"""The folder of releases: written beside, made live by one rename, never changed afterwards.

    pages/making, pages/switching     locks: one process makes files, one (for milliseconds) changes what is live
    pages/live → releases/<n>-<hash>  the only thing readers see change
    pages/compared                    the release and the newest steps some worker has last found to agree
    pages/taken-down                  the pictures that were taken down, a name a line; there also when it is none
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
import sys
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli

if TYPE_CHECKING:  # a worker reads this folder before Django is there
    from .asking import Answer

FORMAT = 1
KEPT = 3
"""Releases that stay. A worker holds none for longer than one request, so the one before the last is enough."""
PAGES, MANY_PAGES, TWINS = 11, 10, 5
"""Brotli levels. 11 makes pages 9 % smaller than 5 and takes 33 times as long: worth it where patients wait for it. In a
run over very many guides 10, which takes a third of the time and makes them 2.5 % larger."""
LARGE = 256 * 1024
"""Bytes from which on a page is packed at the level of twins. A list of ten thousand words (719 KB) becomes 92 KB at the best
level, in 1.4 s and 22 MB of memory; 110 KB at level 5, in 0.02 s and 4 MB; 117 KB by gzip."""
SUFFIX = {"identity": "", "br": ".br", "gzip": ".gz"}


class Damaged(Exception):
    """A stored file is missing or is not what its hash says; the text names it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A stored part: its folder, what it was made from (key, code), its live text and the guides that text links to.

    `lacking`: the fingerprints of live texts that could not be read when it was made; it is to be made again once they can.
    `roots`: what its addresses begin with (`roots_of`); by them a worker finds the part of an address.
    """

    id: str
    key: str
    code: str
    live: str = ""
    links: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """What is live. Without `complete` some parts are still being made: Django answers for them. No `name`: nothing.

    `unreadable`: the parts that cannot be made because their stored text was damaged, with its fingerprint. When no other
    is missing there is nothing to be made: Django goes on answering for these.
    """

    name: str = ""
    complete: bool = False
    parts: Mapping[str, Made] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether all is made that can be made."""
        return self.complete or bool(self.unreadable)


class Folder:
    """`DATA_DIR/pages`. Parts are stored and removed while `making`, what is live changes while `switching`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.live = root / "live"
        self._link_path = str(self.live)  # asked at every request: a Path would have to be turned into text each time

    @contextmanager
    def making(self) -> Iterator[None]:
        """Waits until no other process or thread makes files, then sweeps what a killed one left."""
        with self._locked("making"):
            self._sweep("parts")
            yield

    @contextmanager
    def switching(self) -> Iterator[None]:
        """Waits until nobody else changes what is live. Held for milliseconds, so that a take-down never waits."""
        with self._locked("switching"):
            self._sweep("releases", ".")
            yield

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        for place in ("parts", "releases"):
            (self.root / place).mkdir(parents=True, exist_ok=True)
        with (self.root / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released by closing, and by the kernel when the process dies
            yield

    def release(self) -> Release:
        """The live release. Raises Damaged when its manifest is not what was written."""
        name = self.name()
        if not name:
            return Release()
        return self.release_named(name)

    def name(self) -> str:
        try:
            return os.readlink(self._link_path)  # noqa: PTH115 (a string is compared with a string)
        except OSError:
            return ""

    def release_named(self, name: str) -> Release:
        """A release that is still stored. Raises Damaged."""
        path = self.root / name / "manifest.json"
        try:
            with path.open("rb") as lines:
                if not hashlib.file_digest(lines, "sha256").hexdigest().startswith(name.rpartition("-")[2]):
                    raise Damaged(f"{path} is not what was written")
                lines.seek(0)
                return _release_of(name, lines)
        except OSError as error:
            raise Damaged(f"{path} cannot be read ({error.strerror})") from error
        except (ValueError, KeyError, StopIteration) as error:
            raise Damaged(f"{path} was written by another version of the site") from error

    def manifest(self, part: str) -> dict[str, Any]:
        """The addresses of a stored part. Raises Damaged."""
        path = self.root / "parts" / part / "manifest.json"
        raw = self._read(path)
        if hashlib.sha256(raw).hexdigest() != part:
            raise Damaged(f"{path} is not what was written")
        found: dict[str, Any] = json.loads(raw)
        if found.get("format") != FORMAT:
            raise Damaged(f"{path} was written by another version of the site")
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
        except Damaged:
            return False
        return True

    def faults(self, part: str, *, quick: bool = False) -> tuple[int, list[str]]:
        """How many files a part has, and a sentence for each that is missing or not what was written; `quick`: by size."""
        wrong: list[str] = []
        try:
            entries = self.manifest(part)["addresses"]
        except Damaged as error:
            return 1, [str(error)]
        files = [file for entry in entries.values() for file in entry["files"].values()]
        for file in files:
            path = self.root / "parts" / part / file["path"]
            try:
                if not quick:
                    self.body(part, file)
                elif path.stat().st_size != file["size"]:
                    wrong.append(f"{path} is not what was written")
            except (Damaged, OSError) as error:
                wrong.append(str(error) if isinstance(error, Damaged) else f"{path} cannot be read ({error.strerror})")
        return len(files) + 1, wrong

    def names(self, place: str) -> list[str]:
        """What stands in `parts` or `releases`, without what is being written."""
        try:
            return sorted(path.name for path in (self.root / place).iterdir() if not path.name.startswith("."))
        except FileNotFoundError:
            return []

    def store(self, answers: Iterable[tuple[str, Answer]], *, depth: int, level: int = PAGES) -> str:
        """Writes a part, or finds the same one stored and whole. Gives its id. `level` of brotli is for its pages.

        Of the answers, with their addresses, only a few are held at a time.
        """
        fresh = self.root / "parts" / f".new-{secrets.token_hex(8)}"
        fresh.mkdir()
        try:
            return self._store(fresh, answers, depth=depth, level=level)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    def _store(self, fresh: Path, answers: Iterable[tuple[str, Answer]], *, depth: int, level: int) -> str:
        addresses: dict[str, dict[str, Any]] = {}
        for path, answer, bodies in _packed(answers, level=level):
            addresses[path] = entry = _entry(path, answer, bodies)
            for encoding, file in entry["files"].items():
                _write(fresh / file["path"], [bodies[encoding]], stamp=file["sha256"], durable=False)
        content = {"format": FORMAT, "depth": depth, "addresses": addresses}
        raw = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        part = hashlib.sha256(raw).hexdigest()
        final = self.root / "parts" / part
        if final.exists() and self.whole(part):
            shutil.rmtree(fresh)
            return part
        _write(fresh / "manifest.json", [raw], durable=False)
        for found in (*fresh.rglob("*"), fresh):
            _sync(found)
        if final.exists():  # damaged: its name is wanted for what it should have been
            final.rename(self.root / "parts" / f".old-{secrets.token_hex(8)}")
        fresh.rename(final)
        _sync(final.parent)
        return part

    def go_live(
        self, parts: Mapping[str, Made], *, complete: bool, unreadable: Mapping[str, str] | None = None
    ) -> None:
        """Writes a release of stored parts and makes it live by one rename. The arguments are as in `Release`."""
        durable = complete or bool(unreadable)
        last = max((int(path.name.split("-")[0]) for path in self._releases()), default=0)
        fresh = self.root / "releases" / f".new-{secrets.token_hex(8)}"
        # What is only an interval before the next release need not survive a power cut: its hash would tell, and Django
        # would answer. That the former one is no longer live must: the last line sees to it.
        mark = _write(fresh / "manifest.json", _release(parts, complete, unreadable or {}), durable=durable)
        name = f"{last + 1:08d}-{mark[:16]}"
        for made in parts.values():
            self._link(fresh / "site", made.id)
        if durable:
            for folder in (*(found for found in fresh.rglob("*") if found.is_dir() and not found.is_symlink()), fresh):
                _sync(folder)
        fresh.rename(self.root / "releases" / name)
        if durable:
            _sync(self.root / "releases")
        link = self.root / f".live-{secrets.token_hex(8)}"
        link.symlink_to(Path("releases") / name)
        link.replace(self.live)
        _sync(self.root)

    def note_taken_down(self, pictures: Iterable[str]) -> None:
        """Keeps the names of pictures that were taken down: whoever sends pictures reads them here, also if there are none."""
        text = "".join(f"{name}\n" for name in sorted(pictures))
        path = self.root / "taken-down"
        if path.is_file() and path.read_text() == text:
            return
        fresh = self.root / f".taken-down-{secrets.token_hex(8)}"
        _write(fresh, [text.encode()])
        fresh.replace(path)

    def note_compared(self, release: str, steps: Iterable[int]) -> None:
        """Keeps that this release says what the database says up to these steps. Raises OSError."""
        text = _agreement(release, steps)
        path = self.root / "compared"
        if (path.read_text() if path.is_file() else "") == text:
            return
        fresh = self.root / f".compared-{secrets.token_hex(8)}"
        _write(fresh, [text.encode()], durable=False)  # an older one costs the next start a second, nothing else
        fresh.replace(path)

    def was_compared(self, release: str, steps: Iterable[int]) -> bool:
        """Whether that was kept of just this release and these steps."""
        try:
            return (self.root / "compared").read_bytes() == _agreement(release, steps).encode()
        except OSError:
            return False

    def forget(self) -> None:
        """Nothing is live any more: Django answers everything until the next release. Needs no space."""
        self.live.unlink(missing_ok=True)

    def kept(self, name: str, *, live: str) -> Made | None:
        """The newest part of this name made of the live text `live` that is still stored and whole; None: there is none."""
        for release in sorted(self.names("releases"), reverse=True):
            try:
                made = self.release_named(f"releases/{release}").parts.get(name)
            except Damaged:
                continue
            if made and made.live == live and self.whole(made.id):
                return made
        return None

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

    def _sweep(self, *places: str) -> None:
        for place in places:
            for path in (self.root / place).glob(".*"):
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


def root_of(path: str, depth: int) -> str:
    """What an address begins with, without its ending: its first piece, or its first two below `depth` 1 (`/es/`)."""
    return "/".join(piece.partition(".")[0] for piece in path.split("/")[1 : depth + 2])


def roots_of(paths: Iterable[str], depth: int) -> tuple[str, ...]:
    """What the addresses of a part begin with. Of a guide that never moved it is its own address."""
    return tuple(sorted({root_of(path, depth) for path in paths}))


def encodings(answer: Answer, *, level: int = PAGES) -> dict[str, bytes]:
    """The body as it is, and by brotli and gzip where that makes it smaller."""
    body = answer.body
    is_page = any(value.startswith("text/html") for name, value in answer.headers if name == "Content-Type")
    if not is_page or len(body) > LARGE:
        level = TWINS
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)  # 31: a gzip header, without a time
    packed = {"br": brotli.compress(body, quality=level), "gzip": packer.compress(body) + packer.flush()}
    return {"identity": body, **{name: small for name, small in packed.items() if len(small) < len(body)}}


def _packed(answers: Iterable[tuple[str, Answer]], *, level: int) -> Iterator[tuple[str, Answer, dict[str, bytes]]]:
    """The answers with their `encodings`, in order. While some are packed the next are asked for."""
    workers = os.cpu_count() or 1
    waiting: deque[tuple[str, Answer, Future[dict[str, bytes]]]] = deque()
    with ThreadPoolExecutor(workers) as pool:  # compressing lets go of the interpreter, and takes memory
        for path, answer in answers:
            waiting.append((path, answer, pool.submit(encodings, answer, level=level)))
            if len(waiting) > workers:
                path, answer, packed = waiting.popleft()
                yield path, answer, packed.result()
        for path, answer, packed in waiting:
            yield path, answer, packed.result()


def _release(parts: Mapping[str, Made], complete: bool, unreadable: Mapping[str, str]) -> Iterator[bytes]:
    """The manifest of a release in pieces: of ten thousand guides it is 4 MB. It is JSON with a line for each part.

    Roots stand beside the parts, where the version before this one does not look: both may run on one folder for a while.
    """
    roots = {name: made.roots for name, made in parts.items() if made.roots}
    head = {"format": FORMAT, "complete": complete, "unreadable": dict(unreadable), "roots": roots}
    yield f'{_json(head)[:-1]},"parts":{{\n'.encode()
    lines = (f"{_json(name)}:{_json(_plain(made))}" for name, made in sorted(parts.items()))
    before = ""
    while piece := ",\n".join(islice(lines, 500)):
        yield f"{before}{piece}".encode()
        before = ",\n"
    yield b"\n}}"


def _release_of(name: str, lines: Iterator[bytes]) -> Release:
    """The release a manifest tells of. Raises ValueError, KeyError or StopIteration when it is none of ours."""
    first = next(lines)
    head: dict[str, Any] = json.loads(first if first.endswith(b"}") else first + b"}}")
    if head.get("format") != FORMAT:
        raise ValueError
    roots = head.get("roots", {})
    parts = {part: _made(found, roots.get(part, ())) for part, found in head["parts"].items()}  # as one line, of before
    for line in lines:
        if line.strip() not in (b"", b"}}"):
            ((part, found),) = json.loads(b"{%b}" % line.rstrip(b",\n")).items()
            parts[part] = _made(found, roots.get(part, ()))
    return Release(name, head["complete"], parts, head.get("unreadable", {}))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _plain(made: Made) -> dict[str, Any]:
    """A part as a manifest has it; what few parts have is left out of all others."""
    found = {"id": made.id, "key": made.key, "code": made.code, "live": made.live, "links": made.links}
    return {**found, "lacking": made.lacking} if made.lacking else found


def _made(found: dict[str, Any], roots: Iterable[str]) -> Made:
    """A part as a manifest has it. The stamp of the code, which all share, is kept once."""
    links, lacking = (tuple(found.get(name, ())) for name in ("links", "lacking"))
    return Made(found["id"], found["key"], sys.intern(found["code"]), found["live"], links, lacking, tuple(roots))


def _agreement(release: str, steps: Iterable[int]) -> str:
    return f"{release}\n{' '.join(map(str, steps))}\n"


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


def _write(path: Path, pieces: Iterable[bytes], *, stamp: str = "", durable: bool = True) -> str:
    """Gives the hash of what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            mark.update(piece)
            file.write(piece)
        file.flush()
        if stamp:
            # A file server makes its ETag of time and size. A time made of the hash makes that ETag follow the bytes.
            moment = 1_000_000_000 + int(stamp[:7], 16)
            os.utime(file.fileno(), (moment, moment))
        if durable:
            os.fsync(file.fileno())
    return mark.hexdigest()


def _sync(path: Path) -> None:
    """What was written to a file, or to a folder, is on the disk when this returns."""
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
