"""Every address × every kind of person × every method × objects in every state equals the table in `matrix.py`.

The addresses come from the resolver: a new one without a rule fails here. Whatever is refused must have written nothing:
a checksum over all tables is compared whenever a request ran a statement that writes. In the suite a seeded sample runs,
in which each address is asked with GET and POST by people it must refuse and by one it must let in; TORTURE=1
runs everything.

Tried by taking five checks away, one at a time, each red in the sample: `past._must` (7 answers differ), `release._must` (7),
the right to review in `signing._asked` (5), the three rights of `accounts.ForSuperusers` (29), and
`history.Kept.has_delete_permission` (23).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core import signing
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from procedures import publishing
from procedures.models import Guide, Invitation, Revision, preview_path

from ..conftest import make_document, size, write_rows
from ..publishing.conftest import People, in_days, release, send, sign
from .matrix import METHODS, ROLES, RULES, Rule
from .paper import read

STATES = ("draft", "in-review", "sent-back", "approved", "scheduled", "live", "superseded", "withdrawn")
CHANGED = {
    "guide": "title", "section": "title", "option": "name", "claim": "says", "source": "title",
    "glossaryterm": "definition", "image": "words", "clinic": "name", "user": "first_name", "group": "name",
    "costs": "costs-0-what", "stages": "stages-0-title", "questions": "questions-0-why",
    "warning_signs": "warning_signs-0-sign", "figures": "figures-0-title",
}  # fmt: skip
"""The field of each form into which one more word is typed."""
VOLATILE = {"django_session", "procedures_logintry"}


@dataclass(frozen=True)
class Case:
    """One request: the name its rule goes by, the address, and what is sent with POST."""

    name: str
    path: str
    about: str = ""
    body: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass
class World:
    """A site with a guide in every state, and somebody of every kind at a browser."""

    guides: dict[str, Guide]
    clients: dict[str, Client]
    people: People
    image: Any
    invitation: Invitation
    token: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)


def patterns(found: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the URLconf as (name, route)."""
    for pattern in found:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield pattern.name or "", route


def name_of(name: str, route: str) -> str:
    """What an address is called in the table: its name in the URLconf, or what it does."""
    if name:
        return name
    if route.endswith("(?P<url>.*)$"):
        return "catch_all"
    return f"{route.split('/')[-3]}_object" if route.endswith("<path:object_id>/") else route or "home"


def rule_of(name: str) -> Rule | None:
    return next((rule for rule in RULES if re.fullmatch(rule.names, name)), None)


def build(person: Any) -> World:
    """A guide in every state, made by the steps themselves."""
    from procedures import images
    from procedures.models import Feedback

    people = People(
        author=person("ana", "Author"),
        reviewer=person("rosa", "Medical reviewer"),
        publisher=person("pia", "Publisher"),
        everything=person("eve", "Author", "Medical reviewer", "Publisher"),
        nobody=person("nora"),
    )
    chief = people.everything
    chief.is_superuser = True
    chief.save()
    guides = {state: _in(state, people) for state in STATES}
    picture = images.add(images.clean(_pixels()), words="A needle and a coin", credit="Us", by=people.author)
    Feedback.objects.create(page="/g-live/", text="Good.", at=timezone.now())
    invitation = Invitation.objects.create(
        name="Ines", email="ines@example.org", mark="m" * 32, by=chief, sent_at=timezone.now()
    )
    clients = {"-": Client()}
    for role, user in zip(
        "ARPNS", (people.author, people.reviewer, people.publisher, people.nobody, chief), strict=True
    ):
        clients[role] = Client()
        clients[role].force_login(user)
    token = signing.dumps([invitation.pk, invitation.mark], salt="procedures.invitation")
    return World(guides, clients, people, picture, invitation, token)


def _in(state: str, people: People) -> Guide:
    guide = write_rows(make_document(folder=f"g-{state}", slug=f"g-{state}", title=f"Guide {state}"))
    if state == "draft":
        return guide
    if state in ("live", "superseded", "withdrawn"):
        release(guide, people)
        if state == "superseded":
            release(guide, people)
        elif state == "withdrawn":
            publishing.withdraw(guide, by=people.publisher, why="A test")
        return guide
    revision = send(guide, people)
    if state == "sent-back":
        publishing.send_back(revision, by=people.reviewer, note="Again, please.")
    elif state != "in-review":
        sign(revision, people)
        if state == "scheduled":
            at = timezone.now().replace(microsecond=0)
            publishing.publish(revision, by=people.publisher, at=at.replace(year=at.year + 1))
    return guide


def _pixels() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (12, 8), "teal").save(out, "PNG")
    return out.getvalue()


ONE_OF_EACH = {
    "section": lambda guide: guide.sections.order_by("pk"),
    "option": lambda guide: guide.options.order_by("pk"),
    "claim": lambda guide: guide.claims.order_by("pk"),
    "revision": lambda guide: guide.revisions.order_by("pk"),
    "publicationevent": lambda guide: guide.events.order_by("pk"),
    "edit": lambda guide: guide.edits.order_by("pk"),
    "guide": lambda guide: Guide.objects.filter(pk=guide.pk),
}


def objects(world: World, model: str) -> list[Any]:
    """Rows of this table: of every guide, where guides have them; of each state, where there are states."""
    if model in ONE_OF_EACH:
        found = [row for guide in world.guides.values() for row in ONE_OF_EACH[model](guide)]
        return found if model in ("revision", "guide") else found[:: max(1, len(found) // 8)]
    app = "auth" if model in ("user", "group") else "procedures"
    if model == "clinic":
        return [type("Row", (), {"pk": 1})]
    return list(apps.get_model(app, model)._default_manager.order_by("pk")[:3])


def cases(world: World, name: str, route: str) -> list[Case]:
    """The addresses of one line of the URLconf, over all objects it can stand for."""
    if not route.startswith("admin/"):
        return readers(world, name, route)
    shown = name_of(name, route)
    if shown == "catch_all":
        return [Case(shown, "/admin/nothing-like-this/")]
    if "app_label" in route:
        return [Case(shown, "/admin/procedures/")]
    if shown == "view_on_site":
        return [Case(shown, "/admin/r/1/1/")]
    if shown == "invitation":
        return [Case(shown, f"/admin/invitation/{world.token}/")]
    if shown == "password_reset_confirm":
        return [Case(shown, "/admin/password-reset/MQ/set-password/")]
    parts = route.split("/")
    model = parts[2] if len(parts) > 3 and parts[1] in ("auth", "procedures") else ""
    if re.fullmatch("procedures_(section|option|claim)_add", shown):
        return [Case(shown, f"/{route}?guide={guide.pk}", state) for state, guide in world.guides.items()]
    if not re.search(r"<(int:)?(path:)?(pk|id|object_id)", route):
        return [Case(shown, f"/{route}", body=BODIES.get(shown, {}))]
    made = []
    for row in objects(world, model):
        path = re.sub(r"<(int:|path:)?(pk|id|object_id)>", str(row.pk), f"/{route}", count=1)
        about = getattr(row, "state", "") or getattr(getattr(row, "guide", row), "folder", "")
        if "<int:guide>" in path:
            made += [
                Case(shown, path.replace("<int:guide>", str(guide.pk)), state) for state, guide in world.guides.items()
            ]
            continue
        path = path.replace("<str:list_name>", "sections")
        if shown == "procedures_guide_compare":
            other = Revision.objects.exclude(guide=row).first()
            made.append(Case(shown, f"{path}?old=draft&new=draft", str(about)))
            made.append(Case(f"{shown}_of_another", f"{path}?old=draft&new={other.pk}", str(about)))
            continue
        if shown == "procedures_guide_saves":
            edit = row.edits.first()
            if edit is None:
                continue
            other = next(guide for guide in world.guides.values() if guide.pk != row.pk and guide.edits.exists())
            made.append(Case(shown, f"{path}?unit={edit.unit.replace('#', '%23')}", str(about)))
            unit = other.edits.first().unit.replace("#", "%23")
            made.append(Case(f"{shown}_of_another", f"{path}?unit={unit}", str(about)))
            continue
        made.append(Case(shown, path, str(about), BODIES.get(shown, {})))
    return made


BODIES: dict[str, dict[str, Any]] = {
    "procedures_preview": {"text": "Words.", "guide": "1"},
    "procedures_autosave": {"unit": "/admin/procedures/section/1/change/", "text": '{"a": "b"}'},
    "procedures_guide_order": {"key": "risks", "way": "up"},
    "procedures_guide_send": {"kind": "wording", "note": "Sent"},
    "procedures_guide_publish": {"kind": "typo", "note": "Published"},
    "procedures_guide_publish_at": {"at": "2090-01-31T09:00"},
    "procedures_guide_take_down": {"why": "A reason"},
    "procedures_revision_sign": {"credentials": "RN", "registration": "1", "next_due": str(in_days(300))},
    "procedures_revision_send_back": {"why": "Again"},
    "procedures_image_take_down": {"why": "A reason"},
    "my_account": {"public_name": "Dr. Somebody", "credentials": "RN"},
    "second_factor_set_up": {"code": "000000"},
}


def readers(world: World, name: str, route: str) -> list[Case]:
    """The addresses of a readers' page, named for what must be there: live, gone (taken down) or none."""
    if route.startswith("<tongue:language>/"):
        return [Case("reader:none", f"/es/{filled(route.partition('/')[2], 'g-live')}")]
    if "<part:guide>" in route:
        found = {"live": "live", "superseded": "live", "withdrawn": "gone"}
        return [
            Case(f"reader:{found.get(state, 'none')}", f"/{filled(route, guide.slug)}", state)
            for state, guide in world.guides.items()
        ]
    if "<str:token>" in route:
        live, draft = world.guides["live"], world.guides["draft"]
        good = [preview_path(draft), preview_path(live, live.revisions.first())]
        rest = filled(route.partition("<str:token>/")[2], "")
        forged = preview_path(draft)[:-3] + "xx/"
        return [*(Case("reader:live", f"{path}{rest}") for path in good), Case("reader:none", f"{forged}{rest}")]
    if name == "version":
        mark = world.guides["live"].live.hash[:10]
        return [Case("reader:live", f"/v/{mark}/"), Case("reader:none", "/v/0123456789/")]
    if name == "version-none":
        return [Case("reader:none", "/v/")]
    if name == "media":
        return [Case("reader:live", f"/media/{world.image.file}"), Case("reader:none", f"/media/{'0' * 64}.png")]
    if name in ("letter", "sitemap-piece"):
        return [Case("reader:none", f"/{filled(route, '').replace('<int:number>', '7')}")]
    if name == "feedback":
        return [Case(name, "/feedback/?page=/g-live/", body={"useful": "", "text": ""})]
    return [Case("reader:live", f"/{filled(route, '')}")]


def filled(route: str, slug: str) -> str:
    route = route.replace("plan.ics", f"plan.ics?start={in_days(30)}&sessions=4&weeks=2")
    for what, value in (("part:guide", slug), ("part:section", "risks"), ("format:form", "json"), ("part:letter", "t")):
        route = route.replace(f"<{what}>", value)
    return route


def body_of(world: World, case: Case) -> dict[str, Any]:
    """What a browser would send from this page with one word more, read from the form a superuser sees."""
    model = next((key for key in CHANGED if case.name.endswith((f"_{key}_change", f"guide_{key}"))), "")
    if case.body or not model:
        return case.body
    if case.path not in world.sent:
        page = world.clients["S"].get(case.path)
        forms = read(page).forms if page.status_code == 200 else {}
        form = next((fields for fields in forms.values() if CHANGED[model] in fields), {})
        sent = {
            name: value
            for name, value in form.items()
            if "__prefix__" not in name and not name.startswith("csrf") and value is not None
        }
        world.sent[case.path] = {**sent, CHANGED[model]: f"{sent.get(CHANGED[model], '')} indeed"}
    return world.sent[case.path]


def checksum() -> str:
    """One value over every row of every table, sessions and failed logins aside."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - VOLATILE):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            digest.update(repr((table, sorted(map(repr, cursor.fetchall())))).encode())
    return digest.hexdigest()


def ask(world: World, case: Case, role: str, method: str, *, before: str) -> tuple[str, bool]:
    """Sends one request, undoes it, and gives its answer in the words of the table, and whether it wrote anything."""
    wrote = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE|DROP|CREATE)", sql, re.I) and "django_session" not in sql:
            wrote.append(sql)
        return execute(sql, params, many, context)

    client = world.clients[role]
    cookies = client.cookies.copy()
    send_it = getattr(client, method.lower())
    sent = body_of(world, case) if method == "POST" else {}
    outside = transaction.savepoint()
    with connection.execute_wrapper(watch):
        answer = send_it(case.path, sent) if method == "POST" else send_it(case.path)
    changed = bool(wrote) and checksum() != before
    transaction.savepoint_rollback(outside)
    client.cookies = cookies
    status = answer.status_code
    if status in (301, 302, 303):
        if answer.headers["Location"].startswith("/admin/login/"):
            return "login", changed
        return ("done" if changed else "away"), changed
    return ("page" if status in (200, 201) else str(status)), changed


def everything(world: World) -> list[Case]:
    seen: set[tuple[str, str]] = set()
    found = []
    for name, route in patterns(get_resolver().url_patterns):
        for case in cases(world, name, route):
            if (case.name, case.path) not in seen:
                seen.add((case.name, case.path))
                found.append(case)
    return found


def sample(all_cases: list[Case], *, number: int, full: bool) -> list[tuple[Case, str, str]]:
    """What is asked: everything, or each address by each kind of person with GET and POST, and some more by lot."""
    whole = [(case, role, method) for case in all_cases for role in ROLES for method in METHODS]
    if full:
        return whole
    lot = random.Random(20261122)
    by_name: dict[str, list[Case]] = {}
    for case in all_cases:
        by_name.setdefault(case.name, []).append(case)
    chosen = [(lot.choice(found), "-", lot.choice(["GET", "POST"])) for found in by_name.values()]
    for name, found in by_name.items():
        rule = rule_of(name)
        for method in ("GET", "POST") if rule is not None else ():
            refused = [role for role in "ARPN" if rule.expects(role, method) == rule.refused]
            let = [role for role in "ARPNS" if role not in refused]
            asking = {*refused[-1:], *lot.sample(refused, min(1, len(refused))), *lot.sample(let, min(1, len(let)))}
            chosen += [(lot.choice(found), role, method) for role in sorted(asking)]
    return [*chosen, *lot.sample(whole, number)]


@pytest.mark.torture
@pytest.mark.django_db
def test_every_address_answers_everybody_as_the_table_says(person, tell, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = build(person)
    all_cases = everything(world)
    without = sorted({case.name for case in all_cases if rule_of(case.name) is None})
    assert without == [], "addresses without a rule: write one in matrix.py"
    asked = sample(all_cases, number=120, full=size(0, 1) == 1)
    before = checksum()
    wrong = []
    for case, role, method in asked:
        rule = rule_of(case.name)
        assert rule is not None
        expected = rule.expects(role, method)
        got, changed = ask(world, case, role, method, before=before)
        if got not in expected.split("|"):
            wrong.append(f"{case.name} {method} {case.path} ({case.about}) by {ROLES[role]}: {got}, not {expected}")
        elif changed and got not in ("done", "page"):
            wrong.append(f"{case.name} {method} {case.path} by {ROLES[role]}: {got}, and something was written")
        elif changed and expected == rule.refused:
            wrong.append(f"{case.name} {method} {case.path} by {ROLES[role]}: refused, and something was written")
    assert checksum() == before
    tell(f"role matrix: {len(asked)} requests to {len(all_cases)} addresses, by {len(ROLES)} kinds of people")
    assert not wrong, "\n".join([f"{len(wrong)} answers differ from the table:", *wrong[:80]])


def test_the_table_is_short_and_every_rule_is_needed(person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    names = {case.name for case in everything(build(person))}
    assert len(RULES) <= 30
    unused = [rule.names for rule in RULES if not any(rule_of(name) is rule for name in names)]
    assert unused == []
