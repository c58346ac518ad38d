"""Which documents are live, and what the public may know of them. Every view of readers asks here."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.forms import model_to_dict
from django.http import Http404
from django.utils import timezone

from ..document import DEFAULT_LANGUAGE, Document, Kind, behind, decode, fingerprint
from ..models import Clinic, Guide, Review, Revision, UnreadableText
from ..rendering import Link
from ..rendering.of_document import home_of
from .authors import NOBODY, Authors, authors_of, authors_until, with_authors
from .left_out import leave_out

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Signed:
    """A clinician's name under the text that is shown."""

    name: str
    credentials: str
    registration: str
    own_text: bool
    date: datetime.date
    next_due: datetime.date

    @property
    def overdue(self) -> bool:
        return self.next_due < timezone.localdate()


@dataclass(frozen=True)
class Since:
    """What a clinician signed, of a guide whose live text nobody has: a correction was published over it."""

    document: Document
    review: Signed


@dataclass(frozen=True)
class Behind:
    """Of a translation: the parts whose original has changed since they were translated, and where the original is."""

    parts: frozenset[str]
    original: str


@dataclass(frozen=True)
class Shown:
    """A document as readers see it: when it was written, its fingerprint, who signed exactly this text."""

    document: Document
    written: datetime.date
    hash: str
    review: Signed | None = None
    since: Since | None = None
    behind: Behind | None = None
    authors: Authors = NOBODY

    @property
    def home(self) -> str:
        return home_of(self.document)


@dataclass(frozen=True)
class Shelf:
    """What one page needs from the database: its guide, the site's own pages, translations, the clinic."""

    language: str
    clinic: Clinic
    guide: Shown | None = None
    site: Shown | None = None
    translations: tuple[Shown, ...] = ()
    site_is_unreadable: bool = False
    """The site's own pages in this language are live, and their text cannot be read: they may not be said not to exist."""


def shelf(language: str, *, slug: str = "") -> Shelf:
    """What a page of the guide at `slug` needs; within `reading_once` it is read once for all its pages."""
    known = _once.get()
    if known is None:
        return _shelf(language, slug)
    if (language, slug) not in known.shelves:
        known.shelves[language, slug] = _shelf(language, slug)
    return known.shelves[language, slug]


def _shelf(language: str, slug: str) -> Shelf:
    """The live guide at `slug` with its translations, the site's own pages, and the clinic.

    Two queries. The address of a released page is the one in its document, whatever the working text says by now.
    `slug` empty: only the site's own pages. Raises UnreadableText when it is the text of that very guide that cannot be
    read; pages do without any other.
    """
    wanted = Q(kind=Kind.SITE, language__in={language, DEFAULT_LANGUAGE})
    if slug:
        noted = Q(live__slug=slug) | Q(live__slug=None, slug=slug)  # None: handed in by a program of before
        folders = Guide.objects.live().filter(noted, language=language).values("folder")
        wanted |= Q(folder__in=folders)
    found: list[Shown] = []
    broken: dict[str, UnreadableText] = {}
    for row in _with_below(_signed()).filter(wanted):
        try:
            found.append(shown(row, row.live))
        except UnreadableText as error:
            leave_out(error)
            if row.language == language:
                broken[_noted_slug(row, row.live) if row.kind == Kind.PROCEDURE else ""] = error
    site = next((item for item in found if _is(item, kind=Kind.SITE, language=language)), None)
    guide = next((item for item in found if _is(item, slug=slug, language=language)), None)
    if slug and guide is None and slug in broken:
        raise broken[slug]
    others = [item for item in found if guide and item.document.folder == guide.document.folder]
    if guide is not None:
        guide = replace(guide, behind=behind_of(guide, others))
    elif site is not None:
        near = [item for item in found if item.document.folder == site.document.folder]
        site = replace(site, behind=behind_of(site, near, section=slug))
    return Shelf(
        language=language,
        clinic=Clinic.objects.present(),
        guide=guide,
        site=site,
        translations=tuple(item for item in others if item.document.language != language),
        site_is_unreadable="" in broken,
    )


def _noted_slug(guide: Guide, revision: Revision) -> str:
    """The address of a text that cannot be read, as it was noted beside it."""
    return guide.slug if revision.slug is None else revision.slug


@dataclass(frozen=True)
class _Once:
    shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


T = TypeVar("T")
_once: ContextVar[_Once | None] = ContextVar("once", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """While it lasts, languages and shelves are read once: for several pages made of one state of the database."""
    token = _once.set(_Once())
    try:
        yield
    finally:
        _once.reset(token)


def once(name: str, make: Callable[[], T]) -> T:
    """What `make` gives; within `reading_once` it is made once for all who ask for `name`."""
    known = _once.get()
    if known is None:
        return make()
    if name not in known.more:
        known.more[name] = make()
    found: T = known.more[name]
    return found


def behind_of(item: Shown, others: Iterable[Shown], *, section: str = "") -> Behind | None:
    """Where a translation is behind its original, if that is among `others`; `section`: the address of a site's page."""
    original = next((other for other in others if other.document.language == DEFAULT_LANGUAGE), None)
    if original is None or item.document.language == DEFAULT_LANGUAGE:
        return None
    there = original.home
    if item.document.kind == Kind.SITE:
        keys = {part.key for part in item.document.sections if part.address == section}
        same = next((part for part in original.document.sections if part.key in keys), None)
        there = f"{there}{same.address}/" if same else there
    return Behind(behind(item.document, original.document), there)


def each(language: str = "") -> Iterator[Shown]:
    """All live guides whole, in one language or in all, one after another as their texts were handed in. One query.

    One whose stored text cannot be read is left out.
    """
    rows = _signed().order_by("live_id")
    for item in _readable((rows.filter(language=language) if language else rows).iterator(chunk_size=20)):
        if not language or item.document.language == language:
            yield item


def _readable(guides: Iterable[Guide]) -> Iterator[Shown]:
    """What is live of these guides, without texts that cannot be read: one must not take the others with it."""
    for guide in guides:
        try:
            yield shown(guide, guide.live)
        except UnreadableText as error:
            leave_out(error)


def by_title(item: Shown) -> tuple[str, str]:
    return item.document.title.casefold(), item.document.language


def whole(language: str, *, folder: str, mark: str) -> Shown:
    """The live guide of a line in a list, with all its texts; `mark`: their fingerprint. One query."""
    guide = _with_below(_signed()).get(live__hash=mark, language=language, folder=folder)
    return shown(guide, guide.live)


def withdrawn(language: str, *, slug: str) -> Shown | None:
    """The text that was taken down from this address, if that is why nothing is there. One query.

    Raises UnreadableText when that is the text, and it cannot be read.
    """
    noted = Q(withdrawn__slug=slug) | Q(withdrawn__slug=None, slug=slug)
    for guide in Guide.objects.withdrawn().filter(noted, language=language):
        try:
            item = shown(guide, guide.withdrawn)
        except UnreadableText:
            if guide.kind == Kind.PROCEDURE:
                raise
            continue
        if _is(item, slug=slug, language=language):
            return item
    return None


def shown(guide: Guide, revision: Revision | None) -> Shown:
    """`revision` of `guide` as readers see it; who asks has made sure that there is one."""
    if revision is None:
        raise ValueError(f"{guide} has no such text")
    signed, below = getattr(guide, "signed", None), getattr(guide, "below", None)
    return Shown(
        document=revision.read(),
        written=timezone.localdate(revision.at),
        hash=revision.hash,
        review=_review(signed) if signed and signed["hash"] == revision.hash else None,
        since=_since(below) if below else None,
        authors=authors_of(guide),
    )


def _since(below: dict) -> Since | None:
    """What was signed below an unsigned text. None when it is not what was signed any more: then nothing is said of it."""
    if fingerprint(below["document"]) == below["hash"]:
        return Since(decode(below["document"]), _review(below))
    logger.error("The text %s, signed on %s, does not match its fingerprint", below["hash"][:10], below["date"])
    return None


def to_be_released(guide: Guide, revision: Revision) -> Shown:
    """`revision` as readers will see it once it is published: with its signature, or with what is signed below it."""
    item = replace(shown(guide, revision), authors=authors_until(guide, revision.at))
    own = Review.objects.filter(revision=revision, hash=revision.hash).order_by("-date", "-pk").first()
    if own is not None:
        return replace(item, review=_review(model_to_dict(own)))
    return replace(item, since=signed_below(guide, revision))


def signed_below(guide: Guide, revision: Revision | None = None) -> Since | None:
    """What a clinician signed last of what was live since the guide was last taken down, `revision` left out."""
    states = [Revision.State.LIVE, Revision.State.SUPERSEDED]
    texts = guide.revisions.filter(state__in=states)
    if revision is not None:
        texts = texts.exclude(pk=revision.pk)
    down = guide.revisions.filter(state=Revision.State.WITHDRAWN).order_by("-number").values_list("number", flat=True)
    if revision is not None and revision.state in states:
        texts = texts.filter(number__lt=revision.number)
    signed = Review.objects.filter(revision__in=texts.filter(number__gt=down.first() or 0)).select_related("revision")
    found = signed.order_by("-revision__number", "-date", "-pk").first()
    try:
        return Since(found.revision.read(), _review(model_to_dict(found))) if found is not None else None
    except UnreadableText:
        logger.exception("What was signed below cannot be read, so nothing is said of it")
        return None


def live_texts(marks: Iterable[str]) -> dict[str, Shown]:
    """The live guides whose texts have these fingerprints, by fingerprint, as far as they can be read. One query."""
    return {item.hash: item for item in _readable(_signed().filter(live__hash__in=set(marks)))}


def translations_of(item: Shown) -> tuple[Shown, ...]:
    """The live guides that say the same in other languages, as far as they can be read. One query."""
    found = _signed().filter(folder=item.document.folder).exclude(language=item.document.language)
    return tuple(_readable(found))


def guide_links(items: Iterable[Shown]) -> dict[str, Link]:
    """The procedure guides among `items`, by folder, as texts link to them."""
    return {
        item.document.folder: Link(item.home, item.document.title)
        for item in items
        if item.document.kind == Kind.PROCEDURE
    }


def linked_guides(item: Shown, folders: Iterable[str]) -> dict[str, Link]:
    """The live guides a text links to, as far as they can be read. One query, none when it links to none."""
    wanted = sorted(folders)
    if not wanted:
        return {}
    found = Guide.objects.live().filter(folder__in=wanted, language=item.document.language)
    return guide_links(_readable(found))


def known_language(language: str) -> str:
    """`language` if something is live in it; otherwise Http404."""
    if language != DEFAULT_LANGUAGE and not Guide.objects.live().filter(language=language).exists():
        raise Http404
    return language


_NAMES = {name: name for name in ("hash", "name", "credentials", "registration", "own_text", "date", "next_due")}


def _signed():
    latest = Review.objects.filter(revision=OuterRef("live")).order_by("-date", "-pk")
    return Guide.objects.live().annotate(signed=Subquery(latest.values(found=JSONObject(**_NAMES))[:1]))


def _with_below(guides):
    """Guides with who wrote them, and with the text that was signed, where a correction nobody signed lies on top of
    it. No query of its own.
    """
    return with_authors(guides).annotate(
        below=Subquery(_below().values(found=JSONObject(document="revision__document", **_NAMES))[:1])
    )


def _below():
    """The newest signed text among those live since the guide was last taken down; none if the live one is signed."""
    down = Revision.objects.filter(guide=OuterRef("revision__guide"), state=Revision.State.WITHDRAWN).order_by(
        "-number"
    )
    live = Review.objects.filter(revision=OuterRef("revision__guide__live"))
    return Review.objects.filter(
        ~Exists(live),
        revision__guide=OuterRef("pk"),
        revision__state=Revision.State.SUPERSEDED,
        revision__number__gt=Coalesce(Subquery(down.values("number")[:1]), 0),
    ).order_by("-revision__number", "-date", "-pk")


def _day(value: datetime.date | str) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


def _review(signed: dict) -> Signed:
    date, due = (_day(signed[name]) for name in ("date", "next_due"))
    return Signed(
        name=signed["name"],
        credentials=signed["credentials"],
        registration=signed["registration"],
        own_text=bool(signed["own_text"]),
        date=date,
        next_due=due,
    )


def _is(item: Shown, *, language: str, kind: str = Kind.PROCEDURE, slug: str = "") -> bool:
    document = item.document
    return document.language == language and document.kind == kind and (not slug or document.slug == slug)
