"""What changed and when: the changes page of a guide, the feed of all guides, and what became of one version."""

from __future__ import annotations

import datetime
import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..document import DEFAULT_LANGUAGE, Kind
from ..models import PublicationEvent, Revision, UnreadableText
from ..rendering import Link, printable
from ..rendering.of_document import home_of
from . import errors
from .answer import answer, page
from .frame import absolute, date_words, frame, guide_frame, prefix, site_name
from .live import live_texts, shelf
from .releases import RELEASING, Release, between, differences, pinned, releases_of
from .trust import MARK, version_path
from .views import found, reader

logger = logging.getLogger(__name__)
ON_A_PAGE = 10
IN_THE_FEED = 50


@reader
def changes(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    """`/<guide>/changes/?page=`: ten releases a page, the newest first; a page that is not there is the nearest one."""
    around, item = found(language, guide)
    releases = releases_of(item.hash)
    pages = max(-(-len(releases) // ON_A_PAGE), 1)
    number = _page_number(request.GET.get("page", ""), pages)
    shown = releases[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    name = _("What changed")
    differ = differences(shown)
    context = {
        "frame": guide_frame(around, item, f"{item.home}changes/", name=name, current="changes"),
        "name": name,
        "guide_title": item.document.title,
        "pinned": pinned(releases, today=timezone.localdate()),
        "releases": [(release, differ.get(release.number, ())) for release in shown],
        "newer": number - 1,
        "older": number + 1 if number < pages else 0,
    }
    return page(request, "procedures/changes.html", context)


def _page_number(asked: str, pages: int) -> int:
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 7 else 1
    return min(max(number, 1), pages)


class Feed(Atom1Feed):
    """Atom (RFC 4287) that says the same until something is released."""

    def latest_post_date(self) -> datetime.datetime:
        never = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        return super().latest_post_date() if self.items else never


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest releases of all live guides, without their texts."""
    with translation.override(DEFAULT_LANGUAGE):
        name = printable(
            site_name(shelf(DEFAULT_LANGUAGE))
        )  # XML has no form for control characters, and people paste them
        made = Feed(
            title=_("%(site)s: what changed") % {"site": name},
            link=absolute("/"),
            description="",
            language=DEFAULT_LANGUAGE,
            feed_url=absolute("/feed.xml"),
            author_name=name,
        )
        events = list(
            PublicationEvent.objects.filter(step__in=RELEASING, guide__live__isnull=False)
            .exclude(guide__kind=Kind.SITE)
            .order_by("-at", "-pk")
            .values_list("at", "to_revision__hash", "to_revision__kind", "to_revision__note", "to_revision__number",
                         "guide__live__hash")[:IN_THE_FEED]
        )  # fmt: skip
        labels = dict(Revision.Change.choices)
        now = live_texts(live for *_event, live in events)
        for at, mark, kind, note, number, live in events:
            if live not in now:  # another was released meanwhile
                continue
            title, home = now[live].document.title, now[live].home
            made.add_item(
                title=printable(f"{title}: {labels.get(kind, kind)}"),
                link=absolute(version_path(mark)),
                description=printable(note) or _("No reason was given."),
                unique_id=f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{home}{number}",
                pubdate=at,
                updateddate=at,
                categories=[kind],
            )
        return answer(request, made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
def version(request: HttpRequest, *, mark: str = "") -> HttpResponse:
    """`/v/<first 10 hex digits>/`: whether a printed page is current, and what has changed since. Drafts are unknown."""
    revision = (
        Revision.objects.select_related("guide__live", "guide__withdrawn")
        .filter(hash__startswith=mark, pk__in=_released())
        .order_by("-pk")
        .first()
        if len(mark) == MARK
        else None
    )
    if revision is None:
        return _unknown(request)
    try:
        document = revision.read()
    except UnreadableText as error:
        logger.error("Not shown: %s", error)
        return errors.unreadable(request)
    guide = revision.guide
    with translation.override(document.language):
        releases = releases_of(revision.hash)
        later = _since(releases, revision.pk)
        live = guide.live
        try:
            home = home_of(live.read() if live else document)
        except UnreadableText:  # it says so itself, where it was
            home = f"{prefix(document.language)}{live.slug if live and live.slug else document.slug}/"
        current = live is not None and live.hash == revision.hash
        title = _("Your copy of %(guide)s") % {"guide": document.title}
        context = {
            "frame": frame(
                shelf(document.language),
                version_path(revision.hash),
                title=title,
                crumbs=(Link(prefix(document.language), _("Home")), *([Link(home, document.title)] if live else [])),
                robots="noindex",
                emergency=document.emergency,
                help_url=f"{home}get-help/" if live and document.warning_signs else "",
            ),
            "current": current,
            "withdrawn": live is None,
            "mark": revision.hash[:MARK],
            "home": home if live else "",
            "released": next((release.date for release in releases if release.revision == revision.pk), ""),
            "until": later[-1].date if later else "",
            "later": [release for release in later if release.number],
            "changes": between(revision.pk, live.pk) if live and not current else (),
            "today": date_words(timezone.localdate()),
        }
        return page(request, "procedures/version.html", context)


def _released():
    return PublicationEvent.objects.filter(step__in=RELEASING).values("to_revision")


def _since(releases: tuple[Release, ...], revision: int) -> tuple[Release, ...]:
    """What came after this revision, the newest first."""
    later: list[Release] = []
    for release in releases:
        if release.revision == revision:
            break
        later.append(release)
    return tuple(later)


def _unknown(request: HttpRequest) -> HttpResponse:
    with translation.override(DEFAULT_LANGUAGE):
        return errors.refused(
            request,
            _("We do not know this version"),
            _("Check the 10 signs printed on your paper (0 to 9 and a to f), or start at the home page."),
            status=404,
        )
