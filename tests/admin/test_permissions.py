"""Who sees and who changes what; and no page of the desk holds a script or a style of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from procedures.models import Clinic, Edit, Guide, PublicationEvent, Source

from .paper import fields, read, said, save

LISTS = ("costs", "stages", "questions", "warning_signs", "claims", "figures")


def pages(guide: Guide) -> list[str]:
    base = "/admin/procedures"
    section, option = guide.sections.first(), guide.options.first()
    assert section
    assert option
    return [
        "/admin/",
        f"{base}/guide/",
        f"{base}/guide/{guide.pk}/change/",
        f"{base}/guide/{guide.pk}/history/",
        *(f"{base}/guide/{guide.pk}/list/{name}/" for name in LISTS),
        f"{base}/section/{section.pk}/change/",
        f"{base}/section/{section.pk}/history/",
        f"{base}/option/{option.pk}/change/",
        f"{base}/claim/{guide.claims.all()[0].pk}/change/",
        *(f"{base}/{model}/" for model in ("source", "glossaryterm", "image", "edit", "revision", "publicationevent")),
        f"{base}/source/{Source.objects.all()[0].pk}/change/",
        f"{base}/clinic/1/change/",
    ]


def adding(guide: Guide) -> list[str]:
    base = "/admin/procedures"
    return [
        f"{base}/guide/add/",
        f"{base}/section/add/?guide={guide.pk}",
        f"{base}/option/add/?guide={guide.pk}",
        f"{base}/claim/add/?guide={guide.pk}",
        f"{base}/source/add/",
        f"{base}/glossaryterm/add/",
        f"{base}/image/add/",
        f"{base}/section/{guide.sections.all()[0].pk}/delete/",
        f"{base}/source/{Source.objects.all()[0].pk}/delete/",
    ]


def test_who_is_not_logged_in_sees_only_the_login(guide: Guide) -> None:
    for path in [*pages(guide), *adding(guide)]:
        answer = Client().get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/admin/login/")


def test_authors_open_every_page(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    for path in [*pages(live_guide), *adding(live_guide)]:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", ["Medical reviewer", "Publisher"])
def test_others_read_everything_and_change_nothing(live_guide: Guide, at_desk, role: str) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("rea", role)
    for path in pages(live_guide):
        assert client.get(path).status_code == 200, path
    for path in adding(live_guide):
        assert client.get(path).status_code == 403, path
    section = live_guide.sections.get(key="overview")
    for path in (
        f"/admin/procedures/section/{section.pk}/change/",
        f"/admin/procedures/guide/{live_guide.pk}/change/",
        f"/admin/procedures/option/{live_guide.options.all()[0].pk}/change/",
    ):
        assert client.post(path, {"title": "Mine", "body": "Mine."}).status_code == 403
    client.post(
        f"/admin/procedures/guide/{live_guide.pk}/list/costs/",
        {"costs-TOTAL_FORMS": 1, "costs-INITIAL_FORMS": 1, "costs-0-what": "Mine"},
    )
    section.refresh_from_db()
    assert section.title == "Overview"
    assert live_guide.costs.get().what == "One session"
    assert not Edit.objects.exists()


def test_nobody_changes_what_happened(live_guide: Guide, admin_client) -> None:  # type: ignore[no-untyped-def]
    event = PublicationEvent.objects.all()[0]
    base = f"/admin/procedures/publicationevent/{event.pk}"
    assert admin_client.get(f"{base}/change/").status_code == 200
    assert admin_client.post(f"{base}/change/", {"why": "other"}).status_code == 403
    assert admin_client.post(f"{base}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get("/admin/procedures/publicationevent/add/").status_code == 403


def test_what_is_none_of_a_nurses_business_is_not_there(live_guide: Guide, at_desk, admin_client) -> None:  # type: ignore[no-untyped-def]
    shown = at_desk("ana", "Author").get("/admin/").content.decode()
    assert "/admin/auth/" not in shown
    assert "/admin/procedures/agreed/" not in shown
    for model in ("agreed", "unsaved", "costitem", "stage"):
        assert admin_client.get(f"/admin/procedures/{model}/").status_code == 404
    assert "/admin/auth/user/" in admin_client.get("/admin/").content.decode()


def test_no_page_holds_a_script_or_style_of_its_own(live_guide: Guide, admin_client) -> None:  # type: ignore[no-untyped-def]
    for path in [
        *pages(live_guide),
        *adding(live_guide),
        f"/admin/procedures/guide/{live_guide.pk}/take-down/",
        "/admin/auth/user/",
    ]:
        answer = admin_client.get(path)
        assert answer.status_code == 200, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        found = read(answer)
        assert found.refused == [], path
        assert not any("markdownx" in script for script in found.scripts), path


def test_the_clinic_is_one_record_that_acts_at_once(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    pia = at_desk("pia", "Publisher")
    assert pia.get("/admin/procedures/clinic/").headers["Location"] == "/admin/procedures/clinic/1/change/"
    assert "Nothing was changed" in said(save(pia, "/admin/procedures/clinic/1/change/", "clinic_form"))
    assert not Clinic.objects.exists()
    assert "Patients see it now" in said(
        save(pia, "/admin/procedures/clinic/1/change/", "clinic_form", name="A clinic", phone="1 555")
    )
    assert Clinic.objects.get().name == "A clinic"
    event = PublicationEvent.objects.filter(step="clinic").get()
    assert (event.by.get_username(), event.why) == ("pia", "Name, Phone")
    assert (
        b"A phone number needs digits"
        in save(pia, "/admin/procedures/clinic/1/change/", "clinic_form", phone="call us").content
    )
    assert pia.get("/admin/procedures/clinic/add/").status_code == 403
    assert pia.post("/admin/procedures/clinic/1/delete/", {"post": "yes"}).status_code == 403
    assert at_desk("ana", "Author").post("/admin/procedures/clinic/1/change/", {"name": "Mine"}).status_code == 403


def test_the_first_page_says_how_each_guide_stands(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    shown = at_desk("ana", "Author").get("/admin/").content.decode()
    assert "Testing" in shown
    assert "Live since" in shown
    assert (
        "Live since"
        in at_desk("rea", "Medical reviewer").get(f"/admin/procedures/guide/{live_guide.pk}/change/").content.decode()
    )


def test_a_source_is_changed_once_and_not_deleted_while_it_is_used(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    source = Source.objects.get(key="paper-2008")
    path = f"/admin/procedures/source/{source.pk}"
    assert "Nothing was changed" in said(save(client, f"{path}/change/", "source_form"))
    save(client, f"{path}/change/", "source_form", title="A paper", supports="EV-22\r\nEV-23")
    source.refresh_from_db()
    assert (source.title, source.supports) == ("A paper", ["EV-22", "EV-23"])
    assert list(Edit.objects.values_list("unit", flat=True)) == ["sources.yaml#paper-2008"]
    assert "Testing" in client.get(f"{path}/change/").content.decode()
    assert "whose text uses it" in client.post(f"{path}/delete/", {"post": "yes"}).content.decode()
    assert Source.objects.filter(key="paper-2008").exists()
    save(
        client,
        "/admin/procedures/source/add/",
        "source_form",
        key="spare",
        publisher="P",
        kind="report",
        how="news",
        supports="EV-1",
    )
    spare = Source.objects.get(key="spare")
    client.post(f"/admin/procedures/source/{spare.pk}/delete/", {"post": "yes"})
    assert list(Edit.objects.order_by("pk").values_list("unit", "text"))[-1] == ("sources.yaml#spare", "")


def test_a_word_is_checked_against_the_sources(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    answer = save(
        client,
        "/admin/procedures/glossaryterm/add/",
        "glossaryterm_form",
        key="pulse",
        term="Pulse",
        definition="A beat.[^papr-2008]",
        cites="papr-2008",
    )
    found = " ".join(map(str, answer.context["errors"]))
    assert found.count("paper-2008") == 2
    answer = save(
        client,
        "/admin/procedures/glossaryterm/add/",
        "glossaryterm_form",
        key="pulse",
        term="Pulse",
        definition="A beat.",
        cites="paper-2008",
    )
    assert "Saved" in said(answer), answer.context["errors"]


def test_a_form_without_its_mark_is_refused(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    client = at_desk("ana", "Author")
    path = f"/admin/procedures/section/{guide.sections.get(key='overview').pk}/change/"
    opened = {name: value for name, value in fields(client, path, "section_form").items() if name != "token"}
    assert b"Nothing was overwritten" in client.post(path, {**opened, "title": "Other"}).content
