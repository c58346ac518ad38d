"""Which addresses can be files, in parts that change together, and what each part depends on.

A part is one guide in one language with its moved and withdrawn addresses, or what belongs to all guides of a
language (home, glossary, the page for unknown addresses), or to the whole site (sitemap, robots.txt).
A part's key is the hash of everything in the database its pages are made from. While the key is the same the files are right;
so nobody has to tell this room what changed.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.forms.models import model_to_dict
from django.urls import Resolver404, resolve
from django.utils import timezone

from ..models import Clinic, Edit, Guide, OldAddress, PictureFile, Profile, Review
from ..pages.authors import WRITING
from ..pages.contexts import guides_used
from ..pages.frame import prefix
from ..pages.letters import letters, word_letters
from ..pages.live import Shown, shown
from ..pages.machines import paths_of, sitemaps
from ..pages.overview import overview

NOWHERE = "-/"
"""Last part of an address that nothing can have: a slug does not begin with a hyphen."""
OF_THE_SITE = ("/robots.txt", "/feed.xml")
FORMS = ("md", "json")
WITHOUT_TWIN = ("options", "get-help", "take-home", "changes", "plan")


class Row(NamedTuple):
    """What the database says of one guide, its texts as hashes only."""

    pk: int
    revision: int
    folder: str
    language: str
    kind: str
    live: str
    written: str
    signed: str
    withdrawn: str
    moved: tuple[tuple[str, str], ...]
    names: tuple[tuple[int, str], ...] = ()
    """Who wrote the live text and has a public name; one who empties theirs becomes “clinic staff” beside a namesake."""


@dataclass(frozen=True)
class State:
    """Everything keys are made from, read in six queries however many guides there are."""

    shared: str
    rows: tuple[Row, ...]

    @cached_property
    def names(self) -> dict[str, None]:
        """The parts there must be, in the order in which they are made."""
        languages = {row.language for row in self.rows if row.live} | {settings.LANGUAGE_CODE}
        guides = [name for name, row in self._guides.items() if row.live or row.withdrawn or row.moved]
        return dict.fromkeys(["site", *(f"language-{language}" for language in sorted(languages)), *guides])

    def key(self, name: str, links: Iterable[str] = ()) -> str:
        """The key of a part; `links` are the folders of the guides its texts link to."""
        what, _dash, which = name.partition("-")
        if what == "site":
            rows = [row for row in self.rows if row.live]
        elif what == "language":
            rows = [row for row in self.rows if row.live and row.language == which]
        else:
            own = self.row(name)
            near = {row for folder in (own.folder, *links) for row in self._folders.get(folder, ())}
            near |= {row for row in self._sites if row.language == own.language}  # the footer of every page
            rows = sorted(near, key=lambda row: row.pk)
        return _digest(name, self.shared, rows)

    def row(self, name: str) -> Row:
        return self._guides[name]

    def live(self, name: str) -> str:
        """The hash of the guide's live text; empty for a part that is no guide, or for a guide taken down."""
        found = self._guides.get(name)
        return found.live if found else ""

    def text(self, name: str) -> str:
        """The hash of the guide's text its pages are made from: the live one, or the one that was taken down."""
        found = self._guides.get(name)
        return found.live or found.withdrawn if found else ""

    def are_unreadable(self, marks: tuple[str, ...]) -> bool:
        """Whether all of these live texts still cannot be read. Asks the database, for each of them once."""
        for mark in set(marks) - self._looked.keys():
            rows = Guide.objects.live().filter(live__hash=mark)
            self._looked[mark] = any(row.live is not None and not row.live.is_readable for row in rows)
        return all(self._looked[mark] for mark in marks)

    @cached_property
    def _looked(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _guides(self) -> dict[str, Row]:
        return {f"guide-{row.pk}": row for row in self.rows}

    @cached_property
    def _folders(self) -> dict[str, tuple[Row, ...]]:
        found: dict[str, tuple[Row, ...]] = {}
        for row in self.rows:
            found[row.folder] = (*found.get(row.folder, ()), row)
        return found

    @cached_property
    def _sites(self) -> list[Row]:
        return [row for row in self.rows if row.kind == "site"]


def _digest(name: str, shared: str, rows: Iterable[Row]) -> str:
    """The hash of `[name, shared, [rows]]` as JSON. Its form stays: another key would take every page out of what is live."""
    found = hashlib.sha256(_json([name, shared])[:-1] + b",[")
    for number, row in enumerate(rows):  # one after another: of ten thousand guides they are megabytes
        found.update(b"," + _row(row) if number else _row(row))
    found.update(b"]]")
    return found.hexdigest()


def _row(row: Row) -> bytes:
    return _json(row if row.names else row[:-1])  # a row without names as it was before there were any


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def read_state() -> State:
    """The database as it is now."""
    latest = Review.objects.filter(revision=OuterRef("live")).order_by("-date", "-pk")
    names = ("hash", "name", "credentials", "registration", "own_text", "date", "next_due")
    found = Guide.objects.order_by("pk").values_list(
        "pk", "live_id", "folder", "language", "kind", "live__hash", "live__at", "withdrawn__hash",
        Subquery(latest.values(found=JSONObject(**{name: name for name in names}))[:1]),
    )  # fmt: skip
    moved: dict[int, list[tuple[str, str]]] = {}
    for guide, path, to in OldAddress.objects.order_by("path").values_list("guide_id", "path", "to"):
        moved.setdefault(guide, []).append((path, to))
    public = _names()
    today = timezone.localdate().isoformat()
    rows = tuple(
        Row(
            pk=pk,
            revision=revision or 0,
            folder=folder,
            language=sys.intern(language),
            kind=sys.intern(kind),
            live=live or "",
            written=sys.intern(timezone.localdate(at).isoformat()) if at else "",
            signed=_signed(signed, today),
            withdrawn=withdrawn or "",
            moved=tuple(moved.get(pk, ())),
            names=tuple(sorted((by, name) for first, by, name in public.get(pk, ()) if at and first <= at)),
        )
        for pk, revision, folder, language, kind, live, at, withdrawn, signed in found.iterator()
    )
    return State(shared=_shared(), rows=rows)


def _signed(signed: Any, today: str) -> str:
    """The signature as pages show it: also whether its review is overdue, which the calendar decides."""
    if not signed:
        return ""
    values = json.loads(signed) if isinstance(signed, str) else signed
    return json.dumps([values, str(values["next_due"]) < today], sort_keys=True)


def _names() -> dict[int, list[tuple[datetime.datetime, int, str]]]:
    """By guide, who of those with a public name has written for it: since when, who, and the name."""
    named = dict(Profile.objects.exclude(public_name="").values_list("user_id", "public_name"))
    found: dict[int, list[tuple[datetime.datetime, int, str]]] = {}
    if named:
        wrote = Edit.objects.filter(
            by__in=named, origin__in=WRITING
        ).order_by()  # its own order would undo the grouping
        for guide, by, first in wrote.values_list("guide_id", "by_id").annotate(first=Min("at")).iterator():
            found.setdefault(guide, []).append((first, by, named[by]))
    return found


def _shared() -> str:
    clinic = Clinic.objects.present()
    logo = model_to_dict(clinic.logo) if clinic.logo else {}
    hidden = list(PictureFile.objects.hidden().order_by("file", "pk").values_list("file", flat=True))
    return hashlib.sha256(_json([str([model_to_dict(clinic), logo]), hidden])).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """The addresses of a part and the statuses each may be kept with; `links` as for `State.key`."""

    paths: Mapping[str, tuple[int, ...]]
    links: tuple[str, ...] = ()
    depth: int = 0
    """How many folders of its addresses other parts share: 0, or 1 under `/es/`."""


def wanted(name: str, state: State) -> Wanted:
    """What to ask Django for, for this part. Reads the guide's live text."""
    what, _dash, which = name.partition("-")
    if what == "site":
        return Wanted({path: (200,) for path in (*sitemaps(), *OF_THE_SITE) if _answers(path)})
    if what == "language":
        root = prefix(which)
        there = overview(which)
        pages = [root, *(letter.url for letter in letters(there.initials, language=which))]
        words = [f"{root}glossary/", *(letter.url for letter in word_letters(there.words.initials, language=which))]
        pages += [*words, *(f"{path.rstrip('/')}.{form}" for path in words for form in FORMS)]
        return Wanted({**dict.fromkeys(pages, (200,)), f"{root}{NOWHERE}": (404,)}, depth=_depth(which))
    row = state.row(name)
    paths: dict[str, tuple[int, ...]] = {path: (301, 410) for path, _to in row.moved}
    links: set[str] = set()
    guide = Guide.objects.select_related("live", "withdrawn").get(pk=row.pk)
    if guide.withdrawn is not None:
        down = _paths(shown(guide, guide.withdrawn))
        paths.update(dict.fromkeys(down, (301, 410)))
    if guide.live is not None:
        item = shown(guide, guide.live)
        paths.update(dict.fromkeys(_paths(item), (200,)))
        links = guides_used(*(text for part in item.document.sections for text in (part.summary, part.body)))
    return Wanted(paths, tuple(sorted(links)), _depth(row.language))


def _paths(item: Shown) -> list[str]:
    pages = paths_of(item)
    twinned = [path.rstrip("/") for path in pages if path.rstrip("/").rpartition("/")[2] not in WITHOUT_TWIN]
    return [*pages, *(f"{stem}.{form}" for stem in twinned for form in FORMS)]


def _depth(language: str) -> int:
    return prefix(language).count("/") - 1


def _answers(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
