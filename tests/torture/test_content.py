"""Content cannot be code: hostile texts in every place of the site, shown to Chromium without a policy to protect us."""

from __future__ import annotations

import itertools
import json
import random
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from mesoinfo.headers import policy
from procedures import search
from procedures.document import FORMAT, encode, fingerprint
from procedures.models import PARTS, SHARED, Guide, PublicationEvent, Revision, own_values, preview_path, row_values
from procedures.rendering import Page, parser

from ..browser.conftest import browser_type_launch_args
from ..conftest import make_document, size
from ..rendering.conftest import REFERENCES, inputs
from ..rendering.detector import _ATTRIBUTES, _TAGS
from ..rendering.test_hostile import SHORT
from .conftest import SEED
from .payloads import all_of, contexts, document_of, placed
from .watching import Seen, Watch, boxes, most

__all__ = ["browser_type_launch_args"]
pytestmark = pytest.mark.torture
BATCH = 400
"""Pieces of HTML on one page."""
LISTS = ("costs", "stages", "questions", "warning_signs", "figures", "claims")
OURS = {"attribute div style"}
"""The editor's script sets the height of its field."""
FEED = "/feed.xml"
EMBEDS = ("/hostile/take-home/",)
"""A file to be kept: its style and icon are in it. What it holds of these without hostile texts is no fault."""
VIEWER = {"against the policy style-src-elem inline ", "against the policy img-src data "}
"""Chromium shows XML in a viewer with styles and pictures of its own, which come when they come."""
HTML, TYPES = "text/html; charset=utf-8", {FEED: "application/atom+xml; charset=utf-8"}
FRAME = {"html", "head", "meta", "title", "body", "section"}


@pytest.fixture
def watch(browser: Browser) -> Iterator[Watch]:
    made = Watch(browser)
    yield made
    made.close()


def cases(number: int) -> Iterator[str]:
    """Texts in places of Markdown: all of them, or a seeded choice."""
    every = ((text, place) for text in all_of() for place in contexts())
    total = len(all_of()) * len(contexts())
    if number < total:
        chosen = set(random.Random(SEED).sample(range(total), number))
        every = (case for place, case in enumerate(every) if place in chosen)
    return (placed(place, text) for text, place in every)


def test_every_hostile_text_in_every_place_of_a_text_is_inert_in_chromium(
    watch: Watch, tell: Callable[[str], None]
) -> None:
    renders, alone, wrong = 0, 0, Counter[str]()
    chance = random.Random(SEED)
    given = cases(size(3_000, 600_000))
    while batch := list(itertools.islice(given, BATCH)):
        shown = []
        for text in batch:
            page = Page(REFERENCES)
            shown.append("".join(piece.html for piece in page.body(text)) if len(shown) % 8 else page.line(text))
        pages = [(boxes(shown), len(batch)), *((boxes([one]), 1) for one in chance.sample(shown, 1))]
        for body, count in pages:
            seen = watch.show(
                body, tags=_TAGS | FRAME, attributes={*_ATTRIBUTES, "data-box", "lang", "charset"}, wait=5
            )
            wrong.update(seen.wrong)
            if seen.boxes != count:
                wrong["a piece broke out of its box"] += 1
        renders += len(batch)
        alone += 1
    tell(
        f"{renders} renders of hostile texts in Chromium, {alone} of them alone too: {wrong.total()} wrong {most(wrong)}"
    )
    assert renders >= size(3_000, 500_000)
    assert wrong == {}


def raw() -> list[str]:
    """What a pipeline that trusts authors would make of a choice of the same texts."""
    trusting = parser.core(html=True)
    trusting.validateLink = lambda url: True  # type: ignore[method-assign]
    more = [*all_of(), *(f"[x]({address})" for address in inputs("url_payloads"))]
    chosen = [*SHORT, *random.Random(SEED).sample(more, min(size(40, 1_500), len(more)))]
    return [trusting.render(text) for text in chosen]


def test_without_the_sanitiser_the_same_watch_sees_scripts_run(watch: Watch, tell: Callable[[str], None]) -> None:
    fired, bad, shown = 0, 0, 0
    for html in raw():
        seen = watch.show(boxes([html]), tags=_TAGS | FRAME, wait=20)
        shown += 1
        fired += bool(seen.ran)
        bad += bool(seen.bad or seen.outside)
    tell(f"control: of {shown} texts shown without the sanitiser {fired} ran scripts, {bad} had what is forbidden")
    assert fired > shown / 40
    assert bad > shown / 5


def test_the_policy_alone_stops_what_an_absent_sanitiser_lets_through(
    browser: Browser, client: Client, db: None, tell: Callable[[str], None]
) -> None:
    header = client.get("/mesotherpy/").headers["Content-Security-Policy"]
    assert header == policy(settings.SECURE_CSP)
    watch, shown, stopped = Watch(browser, policy=header), 0, 0
    ran: list[str] = []
    try:
        for html in raw():
            seen = watch.show(boxes([html]), wait=20)
            shown += 1
            stopped += bool(seen.stopped)
            ran += seen.ran
    finally:
        watch.close()
    tell(f"{shown} texts without the sanitiser but with the policy: {stopped} were stopped, {len(ran)} scripts ran")
    assert stopped > shown / 20
    assert ran == []


class Desk:
    """The whole site with one guide, asked without a server."""

    asked = 0

    def __init__(self, texts: list[str]) -> None:
        self.texts = [text.replace("\0", "") for text in texts]
        document = replace(document_of(self.texts), folder="hostile", slug="hostile")
        self.guide = self._rows(document)
        former, live, now = encode(make_document(folder="hostile", slug="hostile")), encode(document), timezone.now()
        for number, note in enumerate(
            (*self.texts, self.texts[0]), start=1
        ):  # the feed and the histories tell the notes
            text, state = (live, "live") if number > len(self.texts) else (former, "superseded")
            revision = Revision.objects.create(
                guide=self.guide, number=number, document=text, hash=fingerprint(text), slug="hostile", format=FORMAT, state=state,
                kind="wording", note=note, at=now,
            )  # fmt: skip
            PublicationEvent.objects.create(
                guide=self.guide, to_revision=revision, step="publish_unreviewed", at=now, why=note
            )
        self.guide.live = revision
        self.guide.save()
        search.refresh(self.guide)
        self.reader, self.staff = Client(), Client()
        person, _new = get_user_model().objects.get_or_create(username="pia", is_superuser=True, is_staff=True)
        self.staff.force_login(person)

    @staticmethod
    def _rows(document: Any) -> Guide:
        for name, shared in SHARED.items():
            for part in document.items(name):
                shared._default_manager.update_or_create(key=part.key, defaults=row_values(part))
        guide = Guide.objects.create(**own_values(document))
        for name, model in PARTS.items():
            rows = [
                model(guide=guide, position=place, **row_values(part))
                for place, part in enumerate(document.items(name))
            ]
            model._default_manager.bulk_create(rows)
        return guide

    def pages(self) -> Iterator[tuple[str, str, bytes]]:
        """Kind of page, address and HTML; of the feed XML."""
        pk, section, option, claim = (
            self.guide.pk, self.guide.sections.all()[1].pk, self.guide.options.all()[0].pk, self.guide.claims.all()[0].pk,
        )  # fmt: skip
        old, *_others, new = self.guide.revisions.order_by("number").values_list("pk", flat=True)
        preview = preview_path(self.guide)
        public = [
            "/hostile/", "/hostile/all/", "/hostile/options/", "/hostile/get-help/", "/hostile/changes/", "/hostile/plan/",
            "/hostile/take-home/", "/hostile/k1/", "/hostile/k2/", "/glossary/", "/", f"{preview}", f"{preview}k1/",
        ]  # fmt: skip
        desk = [
            "/admin/", "/admin/procedures/guide/", f"/admin/procedures/guide/{pk}/change/",
            *(f"/admin/procedures/guide/{pk}/list/{name}/" for name in LISTS),
            f"/admin/procedures/guide/{pk}/compare/?old={old}&new={new}", f"/admin/procedures/guide/{pk}/history/",
            f"/admin/procedures/section/{section}/change/", f"/admin/procedures/option/{option}/change/",
            f"/admin/procedures/claim/{claim}/change/", "/admin/procedures/source/", "/admin/procedures/glossaryterm/",
            "/admin/procedures/source/?q=alert",
        ]  # fmt: skip
        chance = random.Random(SEED)
        for path in chance.sample(public, size(7, len(public))):
            yield path.replace(preview, "/preview/"), path, self._get(self.reader, path)
        for path in chance.sample(desk, size(7, len(desk))):
            yield re.sub(r"\d+", "N", path), path, self._get(self.staff, path)
        yield FEED, FEED, self._get(self.reader, FEED)
        for place, text in enumerate(self.texts[:: max(1, len(self.texts) // size(2, len(self.texts)))]):
            answer = self.reader.get("/search/", {"q": text}, REMOTE_ADDR=self._address())
            assert answer.status_code in (200, 400), (text, answer.status_code)
            yield "/search/", f"/search/?q={place}", answer.content

    def _address(self) -> str:
        """Another one each time: what is asked often from one address is limited."""
        self.asked += 1
        return f"10.{self.asked // 65536 % 256}.{self.asked // 256 % 256}.{self.asked % 256}"

    def _get(self, client: Client, path: str) -> bytes:
        answer = client.get(path, REMOTE_ADDR=self._address())
        assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
        return answer.content


@pytest.mark.browser
@pytest.mark.django_db
def test_hostile_texts_in_every_field_are_inert_on_every_page(watch: Watch, tell: Callable[[str], None]) -> None:
    per = size(10, 60)
    chance = random.Random(SEED)
    every = all_of()  # whole, the one of 65,536 characters too: no page may lean on the limits of its fields
    chance.shuffle(every)
    groups = [every[start : start + per] for start in range(0, size(per, len(every)), per)]
    plain = [f"Plain{number}word" for number in range(per)]
    words = re.compile(rb"Plain\d+word")
    good: dict[str, Seen] = {}
    per_page: Counter[str] = Counter()
    for kind, path, body in Desk(plain).pages():
        seen = watch.show(body, path, content_type=TYPES.get(kind, HTML))
        assert set(seen.wrong) <= OURS | (VIEWER if kind == FEED else set()) or kind in EMBEDS, (path, seen.wrong)
        good[kind] = seen
        per_page[kind] = len(words.findall(body))
    _forget()
    renders, pages, searched, wrong = 0, 0, 0, Counter[str]()
    for group in groups:
        desk = Desk(group)
        for kind, path, body in desk.pages():
            base = good[kind]
            more = (set(), set()) if kind == FEED else (_TAGS | {"section"}, _ATTRIBUTES | {"open"})
            seen = watch.show(
                body,
                path,
                tags=base.tags | more[0],
                attributes=base.attributes | more[1],
                wait=20,
                content_type=TYPES.get(kind, HTML),
            )  # what is wrong with a text is told in a section with its details open
            known = {*base.wrong, *(VIEWER if kind == FEED else ())}
            wrong.update(f"{kind}: {what}" for what in seen.wrong if what not in known)
            renders += per_page[kind]
            pages += 1
            searched += kind == "/search/"
        _machines(desk, wrong)
        _forget()
    places = sum(bool(count) for count in per_page.values())
    tell(
        f"{renders} renders in {pages} pages of {len(good)} kinds ({places} of them show texts; {searched} searches), the feed as XML "
        f"and JSON: "
        f"{len(groups) * per} hostile texts in every field, {wrong.total()} wrong {most(wrong)}"
    )
    assert renders > pages
    assert places > size(5, 20)
    assert searched >= (len(every) if size(0, 1) else 2)
    assert wrong == {}


def _machines(desk: Desk, wrong: Counter[str]) -> None:
    answer = desk.reader.get(FEED)
    assert answer.headers["Content-Type"] == TYPES[FEED]
    feed = answer.content
    try:
        spaces = {element.tag.partition("}")[0] for element in ET.fromstring(feed).iter()}
        if spaces != {"{http://www.w3.org/2005/Atom"}:
            wrong[f"feed: {spaces}"] += 1
    except ET.ParseError as error:
        wrong[f"feed: {error}"] += 1
    for path in ("/hostile.json", "/hostile/all.json", "/glossary.json"):
        answer = desk.reader.get(path)
        json.loads(answer.content)
        if "json" not in answer.headers["Content-Type"] or answer.headers["X-Content-Type-Options"] != "nosniff":
            wrong[f"{path} may be taken for a page"] += 1


def _forget() -> None:
    from django.db import connection

    from procedures.models import triggers

    with connection.cursor() as cursor:
        for sql in triggers.drop_sql(connection.vendor):
            cursor.execute(sql)
        PublicationEvent.objects.all()._raw_delete("default")
        Guide.objects.update(live=None)
        Revision.objects.all()._raw_delete("default")
        for model in (*PARTS.values(), *SHARED.values()):
            model._default_manager.all()._raw_delete("default")
        Guide.objects.all()._raw_delete("default")
        for sql in triggers.create_sql(connection.vendor):
            cursor.execute(sql)
