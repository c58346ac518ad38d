"""Bytes changed behind the program's back: every change is found, and none is ever sent as if it were right."""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from procedures.models import Guide, Image, Revision, triggers
from procedures.prerender.serving import Pages
from procedures.upkeep import verify

from ..conftest import size
from ..prerender.conftest import Served, _one_connection, ask, in_front, served  # noqa: F401

CHANGES = size(30, 1000)
SEED = int(os.environ.get("TORTURE_SEED", "20261122"))
PICTURES = {f"{hashlib.sha256(data).hexdigest()}.png": data for data in (b"\x89PNG one" * 50, b"\x89PNG two" * 70)}
DYNAMIC = ("/search/?q=risk", "/search/?q=cost", "/testing/plan/", "/nothing/here/there/")


@dataclass
class Place:
    """A stored thing that can be damaged and mended."""

    name: str
    path: Path | None = None
    row: int = 0

    def called(self) -> str:
        """What a sentence about it must hold: the file; of a list of files whose list it is; guide and number of a text."""
        if self.path is None:
            revision = Revision.objects.select_related("guide").get(pk=self.row)
            return f"{revision.guide} · {revision.number} ({revision.hash[:10]})"
        if self.name == "picture":
            return self.path.name
        return self.path.parent.name if self.path.name == "manifest.json" else str(self.path)

    def read(self) -> bytes:
        if self.path:
            return self.path.read_bytes()
        return str(Revision.objects.values_list("document", flat=True).get(pk=self.row)).encode()

    def write(self, content: bytes) -> None:
        if self.path:
            self.path.write_bytes(content)
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procedures_revision SET document = %s WHERE id = %s", [content.decode("latin-1"), self.row]
            )


@pytest.fixture
def places(served: Served, settings) -> list[Place]:  # noqa: F811
    """All that is stored: texts in the database, files of pages, pictures; with triggers away, as an intruder has them."""
    media = served.folder / "media"
    media.mkdir()
    settings.MEDIA_ROOT = media
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "RequestLog" not in name]
    for number, (name, data) in enumerate(PICTURES.items()):
        (media / name).write_bytes(data)
        Image.objects.create(key=f"picture-{number}", file=name, width=1, height=1, words="A picture")
    with connection.cursor() as cursor:
        for statement in triggers.drop_sql(connection.vendor):
            cursor.execute(statement)
    texts = [Place("text", row=row) for row in Revision.objects.values_list("pk", flat=True)]
    pages = [Place("page", path=path) for path in sorted((served.folder / "pages/parts").rglob("*")) if path.is_file()]
    pages += [Place("page", path=path) for path in sorted((served.folder / "pages/releases").glob("*/manifest.json"))]
    assert len(pages) > 60
    return [*texts, *pages, *(Place("picture", path=media / name) for name in PICTURES)]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """`content` with something changed: bytes flipped, left out, put in, cut off, or all gone."""
    place = chance.randrange(len(content))
    how = chance.randrange(5)
    if how == 0:
        return content[:place] + bytes([content[place] ^ (1 << chance.randrange(7))]) + content[place + 1 :]
    if how == 1:
        return content[:place] + content[place + 1 + chance.randrange(20) :]
    if how == 2:
        return content[:place] + bytes(chance.randrange(32, 127) for _ in range(5)) + content[place:]
    if how == 3:
        return content[:place]
    return b" " * len(content)


@pytest.mark.torture
def test_every_change_is_found_and_none_is_sent(tell, served: Served, places: list[Place]) -> None:  # noqa: F811
    chance = random.Random(SEED)
    assert verify().wrong == ()
    pages = [path for path, status in served.addresses().items() if status == 200]
    asked = [*pages, *(f"/media/{name}" for name in PICTURES), *DYNAMIC]
    right = {path: bodies(served, path) for path in asked}
    kinds, missed, unnamed, wrong, told = {"text": 0, "page": 0, "picture": 0}, [], [], [], 0
    for number in range(CHANGES):
        kind = ("text", "page", "page", "picture")[number % 4]
        place = chance.choice([one for one in places if one.name == kind])
        before = place.read()
        after = damaged(before, chance)
        if not place.path:
            after = after.replace(b"\0", b" ")
        if after == before:
            after = before + b" "
        place.write(after)
        try:
            kinds[kind] += 1
            found = verify().wrong
            told += len(found)
            if not found:
                missed.append((number, kind, str(place.path or place.row)))
            elif not any(place.called() in sentence for sentence in found):
                unnamed.append((number, place.called(), found))
            served.app = Pages(served.behind, served.app.folder, repair=lambda: None)  # a worker that has just started
            for path in chance.sample(asked, 5) + aimed_at(place, served):
                for status, body in bodies(served, path):
                    if status == 200 and (200, body) not in right[path]:
                        wrong.append((number, kind, path, str(place.path or place.row)))
        finally:
            place.write(before)
    tell(
        f"{CHANGES} changes ({kinds}; seed {SEED}): {len(missed)} missed, {len(unnamed)} found without saying where, "
        f"{len(wrong)} wrong answers, {told} sentences"
    )
    assert min(kinds.values()) > 0
    assert missed == []
    assert unnamed == []
    assert wrong == []
    assert verify().wrong == ()


def bodies(served: Served, path: str) -> set[tuple[int, bytes]]:  # noqa: F811
    """What is answered in each encoding, unpacked."""
    where, _mark, query = path.partition("?")
    found = set()
    for encoding in ("identity", "gzip", "br"):
        got = ask(served.app, where, query=query, ACCEPT_ENCODING=encoding)
        found.add((got.status, got.text if got.status == 200 else b""))
    return found


def aimed_at(place: Place, served: Served) -> list[str]:  # noqa: F811
    """The addresses that would show the damage."""
    if place.name == "picture" and place.path:
        return [f"/media/{place.path.name}"]
    if place.path and "site" in place.path.parts:
        inside = place.path.as_posix().rpartition("/site/")[2].removesuffix(".br").removesuffix(".gz")
        path = "/" + inside.removesuffix("index.html")
        return [path] if path in served.addresses() else []
    return ["/testing/", "/testing.json", "/testing/plan/"]


def test_quick_finds_a_missing_file_and_a_changed_live_text(served: Served, places: list[Place]) -> None:  # noqa: F811
    assert verify(quick=True).wrong == ()
    page = next(one for one in places if one.path and one.path.name == "index.html")
    text = next(one for one in places if one.row == Guide.objects.get().live_id)
    picture = next(one for one in places if one.name == "picture")
    whole = page.read()
    page.write(whole[:-1])
    text.write(text.read().replace(b"Testing", b"Resting"))
    assert picture.path
    picture.path.unlink()
    said = verify(quick=True).wrong
    assert len(said) == 3, said
    assert "does not match its fingerprint" in said[0]
    assert str(page.path) in said[1]
    assert f"The picture {picture.path.name} is missing" in said[2]
    assert all("manage.py" in sentence or "backup" in sentence for sentence in said)
