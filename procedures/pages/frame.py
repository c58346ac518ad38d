"""What stands around every page: head, header, breadcrumbs, contents, previous and next, footer."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi, pgettext
from django.utils.translation import gettext as _

from ..document import DEFAULT_LANGUAGE, Emergency, Kind, Section
from ..models import Clinic
from ..rendering import Link, plain
from ..rendering.of_document import home_of
from .live import Shelf, Shown, Signed
from .trust import Trust, trust


@dataclass(frozen=True)
class Place:
    """An entry of a list of contents."""

    url: str
    title: str
    current: bool = False


@dataclass(frozen=True)
class Twin:
    url: str
    type: str


@dataclass(frozen=True)
class Translation:
    url: str
    language: str
    name: str


@dataclass(frozen=True)
class Contents:
    """The pages of one guide, and which of its sections this is ("3 of 8"); `number` 0 outside the sections."""

    places: tuple[Place, ...]
    more: tuple[Place, ...]
    number: int
    total: int
    here: str


@dataclass(frozen=True)
class ReviewLine:
    """When the text was written and who has signed it, or that nobody clinical has; dates in words."""

    written: str
    clinical: bool
    review: Signed | None = None
    signed: str = ""
    next_due: str = ""
    earlier: Signed | None = None
    """Who signed the text that this one corrects, if nobody has signed this one."""
    changes: str = ""


@dataclass(frozen=True)
class Frame:
    language: str
    bidi: bool
    site_title: str
    clinic: Clinic
    home: str
    glossary: str
    title: str
    head_title: str
    description: str
    canonical: str
    origin: str
    crumbs: tuple[Link, ...] = ()
    contents: Contents | None = None
    previous: Link | None = None
    next: Link | None = None
    twins: tuple[Twin, ...] = ()
    translations: tuple[Translation, ...] = ()
    footer: tuple[Link, ...] = ()
    emergency: Emergency | None = None
    help_url: str = ""
    review_line: ReviewLine | None = None
    trust: Trust | None = None
    feedback: str = ""
    robots: str = ""
    preview: bool = False
    previewed: tuple[Place, ...] = ()
    """The pages of the text that is previewed. Links of the page itself are what they will be when it is published."""
    wide: bool = False


def prefix(language: str) -> str:
    return "/" if language == DEFAULT_LANGUAGE else f"/{language}/"


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def frame(shelf: Shelf, path: str, *, title: str, description: str = "", **more: object) -> Frame:
    """The frame of any page at `path`. `title` empty: the page is the home page and bears the site's title."""
    site_title = site_name(shelf)
    home = prefix(shelf.language)
    parts = [title, site_title]
    return Frame(
        language=get_language() or DEFAULT_LANGUAGE,
        bidi=get_language_bidi(),
        site_title=site_title,
        clinic=shelf.clinic,
        home=home,
        glossary=f"{home}glossary/",
        title=title or site_title,
        head_title=" – ".join(part for part in parts if part),
        description=shorten(description),
        canonical=absolute(path),
        origin=settings.SITE_URL,
        feedback=f"/feedback/?page={path}",
        footer=site_links(shelf),
        **more,  # type: ignore[arg-type]
    )


def guide_frame(
    shelf: Shelf,
    item: Shown,
    path: str,
    *,
    name: str = "",
    description: str = "",
    current: str = "",
    twins: bool = False,
    **more: object,
) -> Frame:
    """The frame of a page of a procedure guide. `name`: what the page is besides the guide; `current`: its contents entry."""
    document = item.document
    crumbs = [Link(prefix(shelf.language), _("Home"))]
    if name:
        crumbs.append(Link(item.home, document.title))
    numbered = [section.address for section in document.sections]
    place = numbered.index(current) if current in numbered else -1
    around = document.sections
    return frame(
        shelf,
        path,
        title=f"{name} – {document.title}" if name else document.title,
        description=description or plain(document.summary, inline=True),
        crumbs=tuple(crumbs),
        contents=contents(item, current),
        previous=_neighbour(item, around[place - 1]) if place > 0 else None,
        next=_neighbour(item, around[place + 1]) if 0 <= place < len(around) - 1 else None,
        twins=twin_links(path) if twins else (),
        translations=_translations(shelf, item, path) if shelf.translations else (),
        emergency=document.emergency,
        help_url=f"{item.home}get-help/" if document.warning_signs else "",
        review_line=review_line(item),
        trust=trust(
            shelf.clinic,
            home=item.home,
            fingerprint=item.hash,
            site=site_name(shelf),
            title=f"{name} – {document.title}" if name else document.title,
            written=date_words(item.written),
            canonical=absolute(path),
            by=item.authors.line,
        ),
        **more,
    )


def site_name(shelf: Shelf) -> str:
    """What the site calls itself: the clinic's name, and while nobody has filled it in a neutral one."""
    return shelf.clinic.name or _("Patient guides")


def review_line(item: Shown) -> ReviewLine:
    earlier = item.since.review if item.since else None
    review = item.review
    clinical = item.document.kind == Kind.PROCEDURE
    return ReviewLine(
        written=date_words(item.written),
        clinical=clinical,
        review=review,
        signed=date_words((review or earlier).date) if review or earlier else "",  # type: ignore[union-attr]
        next_due=date_words(review.next_due) if review else "",
        earlier=earlier,
        changes=f"{home_of(item.document)}changes/" if earlier and clinical else "",
    )


def date_words(date: datetime.date) -> str:
    """A date with its month in full, as the language writes it."""
    return date_format(date, pgettext("date format", "F j, Y"))


def site_links(shelf: Shelf) -> tuple[Link, ...]:
    if shelf.site is None:
        return ()
    return tuple(_neighbour(shelf.site, section) for section in shelf.site.document.sections)


def contents(item: Shown, current: str) -> Contents:
    """All pages of a guide in their order; `current` is the last part of this page's address, empty on its first page."""
    document = item.document
    sections = tuple(
        Place(f"{item.home}{section.address}/", section.short, section.address == current)
        for section in document.sections
    )
    asking = next((section.address for section in document.sections if section.key == "candidacy"), "")
    more = [
        ("get-help/", _("When to get help"), document.warning_signs),
        ("options/", _("Compare the choices"), document.options),
        (f"{asking}/#questions", _("Questions to ask the clinic"), asking and document.questions),
        ("plan/", _("Plan dates and cost"), True),
        ("take-home/", _("Take it home"), True),
        ("changes/", _("What changed"), True),
        ("all/", _("The whole guide on one page"), True),
    ]
    number = next((place for place, section in enumerate(sections, start=1) if section.current), 0)
    here = next((place.title for place in sections if place.current), "")
    return Contents(
        places=sections,
        more=tuple(Place(f"{item.home}{to}", title, to == f"{current}/") for to, title, there in more if there),
        number=number,
        total=len(sections),
        here=here,
    )


def twin_links(path: str) -> tuple[Twin, ...]:
    stem = path.rstrip("/")
    return (Twin(f"{stem}.md", "text/markdown"), Twin(f"{stem}.json", "application/json"))


def shorten(text: str, *, limit: int = 300) -> str:
    """`text` cut at a word so that it fits a description."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _neighbour(item: Shown, section: Section) -> Link:
    return Link(f"{item.home}{section.address}/", section.short)


def _translations(shelf: Shelf, item: Shown, path: str) -> tuple[Translation, ...]:
    """This page in every language it is live in, itself included, as search engines want it."""
    found = []
    for other in sorted((item, *shelf.translations), key=lambda shown: shown.document.language):
        url = _same_page(item, other, path)
        if url:
            found.append(Translation(absolute(url), other.document.language, other.document.title))
    return tuple(found) if len(found) > 1 else ()


def _same_page(item: Shown, other: Shown, path: str) -> str:
    rest = path.removeprefix(item.home).strip("/")
    key = next((section.key for section in item.document.sections if section.address == rest), "")
    if key:
        found = other.document.section(key)
        return f"{other.home}{found.address}/" if found else ""
    return f"{other.home}{rest}/" if rest else other.home
