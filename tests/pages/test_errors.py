"""What readers get where nothing is, where something was, and when something broke."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from procedures import publishing
from procedures.models import OldAddress
from procedures.pages import errors


def test_an_unknown_address_helps_on(both, client):
    response = client.get("/mesotherpy/")
    body = response.content.decode()
    assert response.status_code == 404
    assert "This page does not exist" in body
    assert 'href="/testing/risks/"' in body
    assert 'href="/glossary/"' in body
    assert '<meta name="robots" content="noindex">' in body
    assert "mesotherpy" not in body


def test_an_address_that_moved_leads_to_the_new_one(both, client):
    OldAddress.objects.create(path="/meso/", to="/testing/", guide=both)
    response = client.get("/meso/")
    assert (response.status_code, response.headers["Location"]) == (301, "/testing/")


def test_a_guide_taken_down_says_so_and_keeps_its_emergency_card(both, client, person):
    publishing.withdraw(both, by=person("pia", "Publisher"), why="A recall")
    for path in ("/testing/", "/testing/risks/", "/testing/all/", "/testing/options/", "/testing.json"):
        response = client.get(path)
        body = response.content.decode()
        assert response.status_code == 410, path
        assert "has been taken down" in body
        assert "Call 911" in body
        assert "You cannot breathe" in body
        assert "A recall" not in body
    assert "/testing/" not in client.get("/sitemap.xml").content.decode()
    assert "Testing" not in client.get("/").content.decode()


def test_a_server_error_needs_no_database(db, settings):
    request = RequestFactory().get("/testing/")

    def refuse(*_args: object) -> None:
        raise AssertionError("the page about an error asked the database")

    with connection.execute_wrapper(refuse):
        response = errors.server_error(request)
    assert response.status_code == 500
    assert b"Something went wrong on our side" in response.content


def test_a_database_that_does_not_answer_is_said_and_a_text_of_staff_comes_back(guide, person):
    from django.db import OperationalError

    def locked(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "procedures_" in sql and " procedures_unsaved" not in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(person("ana", "Author"))
    path = f"/admin/procedures/section/{guide.sections.get(key='risks').pk}/change/"
    opened = client.get(path)
    token = opened.context["csrf_token"]
    sent = {"csrfmiddlewaretoken": str(token), "title": "Risks", "body": "Two words </textarea><b>", "summary": "Now."}
    with connection.execute_wrapper(locked):
        answer = client.post(path, sent)
        forged = client.post(path, {**sent, "csrfmiddlewaretoken": "x" * 64})
        read = client.get("/testing/")
    body = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Two words &lt;/textarea&gt;&lt;b&gt;" in body
    assert 'value="Now."' in body
    assert f'action="{path}"' in body
    assert "locked" not in body
    assert forged.status_code == 403
    assert b"Two words" not in forged.content
    assert (read.status_code, read.headers["Retry-After"]) == (503, "30")
    assert b"<form" not in read.content.split(b"<main")[1].split(b"</main")[0]


def test_an_unknown_address_without_a_database_is_still_answered(db, monkeypatch):
    from django.db import OperationalError

    def refuse(*_args: object) -> None:
        raise OperationalError("no such file")

    with connection.execute_wrapper(refuse):
        response = errors.page_not_found(RequestFactory().get("/nothing/"))
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("view", "status"), [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.csrf_failure, 403)]
)
def test_refusals_have_the_same_look_and_a_next_step(view, status):
    response = view(RequestFactory().get("/"))
    assert response.status_code == status
    assert b'class="masthead"' in response.content
    assert b'class="lead"' in response.content


def test_below_a_guide_that_is_not_there_nothing_answers(both, client: Client):
    for name in ("plan/", "plan.ics", "take-home/", "changes/"):
        assert client.get(f"/nothing/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/no-such/", "/fr/", "/zz/testing/", "/no-such/search/"])
def test_an_address_that_only_reads_as_a_language_leads_home_and_to_the_guides(path, live_guide, client):
    answer = client.get(path)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert '<html lang="en">' in page
    assert 'href="/testing/"' in page
    assert f'href="/{path.split("/")[1]}/' not in page
    assert page == client.get("/unknown-thing/").content.decode()
