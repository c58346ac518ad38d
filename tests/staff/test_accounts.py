"""Coming and going: one link, one account, one time; whoever leaves is out at once and stays the author."""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from procedures import publishing
from procedures.models import Edit, Invitation, Profile, PublicationEvent, Review, Revision
from procedures.staff import accounts
from procedures.staff.mail import ASIDE

from ..admin.paper import said
from ..publishing.conftest import reword, send

PASSWORD = "four quiet words here"
ADD = "/admin/procedures/invitation/add/"


@pytest.fixture
def chief(admin_user) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


def invite(client: Client, *roles: str, email: str = "Rosa@Example.org", name: str = "Rosa O’Neil") -> str:
    """Sends an invitation through the form; gives the path of the link in the mail."""
    chosen = [group.pk for group in Group.objects.filter(name__in=roles or ["Medical reviewer"])]
    answer = client.post(ADD, {"name": name, "email": email, "roles": chosen}, follow=True)
    assert answer.status_code == 200, answer.context["form"].errors
    return link_in(mail.outbox[-1].body)


def link_in(body: str) -> str:
    return re.search(r"^http://127\.0\.0\.1:8000(/admin/\S+)$", body, re.M)[1]


def join(path: str, *, client: Client | None = None, **changes: str):
    sent = {"name": "Rosa O’Neil", "password": PASSWORD, "again": PASSWORD, **changes}
    return (client or Client()).post(path, sent)


def test_an_invitation_makes_one_account_with_the_role_and_lets_it_in(chief):
    path = invite(chief, "Author", "Medical reviewer")
    letter = mail.outbox[-1]
    assert letter.to == ["rosa@example.org"]
    assert "Hello Rosa O’Neil," in letter.body
    assert "Author, Medical reviewer" in letter.body
    client = Client()
    assert b"Rosa O\xe2\x80\x99Neil" in client.get(path).content
    answer = join(path, client=client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    rosa = get_user_model().objects.get(username="rosa@example.org")
    assert (rosa.get_full_name(), rosa.is_staff, rosa.is_superuser) == ("Rosa O’Neil", True, False)
    assert {group.name for group in rosa.groups.all()} == {"Author", "Medical reviewer"}
    assert [event.step for event in PublicationEvent.objects.order_by("pk")] == ["invite", "joined"]
    assert not any("@" in event.why for event in PublicationEvent.objects.all()), "events are kept for ever"
    again = join(path)
    assert again.status_code == 410
    assert b"has been used" in again.content
    assert Client().get(path).status_code == 410
    assert get_user_model().objects.filter(email="rosa@example.org").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"again": "another one here"}, "Type the same one twice"),
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"password": "rosa@example.org", "again": "rosa@example.org"}, "too similar"),
        ({"name": ""}, "Say your name"),
    ],
)
def test_a_bad_password_keeps_the_invitation_open(chief, changes, words):
    path = invite(chief)
    answer = join(path, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not get_user_model().objects.filter(email="rosa@example.org").exists()
    assert join(path).status_code == 302


def test_a_link_is_no_good_when_it_is_old_forged_taken_back_or_replaced(chief):
    path = invite(chief)
    row = Invitation.objects.get()
    with time_machine.travel(timezone.now() + accounts.LASTS + datetime.timedelta(minutes=1)):
        answer = join(path)
        assert answer.status_code == 410
        assert b"Ask whoever invited you to send it again" in answer.content
    for forged in (path[:-2] + "/", path.replace(":", "!"), "/admin/invitation/x/"):
        assert join(forged).status_code == 403, forged
    chief.post(f"/admin/procedures/invitation/{row.pk}/send/")
    newer = link_in(mail.outbox[-1].body)
    assert newer != path
    assert b"Use the link in the newest mail" in join(path).content
    assert "Taken back" in said(chief.post(f"/admin/procedures/invitation/{row.pk}/revoke/", follow=True))
    assert join(newer).status_code == 410
    assert "closed" in said(chief.post(f"/admin/procedures/invitation/{row.pk}/send/", follow=True))
    assert not get_user_model().objects.filter(email="rosa@example.org").exists()


def test_an_address_is_invited_once_and_not_beside_its_account(chief, person):
    person("ana", "Author")
    for email, words in (("ANA@example.org", "belongs to the account"), ("rosa@example.org", "")):
        chosen = [Group.objects.get(name="Author").pk]
        answer = chief.post(ADD, {"name": "R", "email": email, "roles": chosen})
        assert answer.status_code == (422 if words else 302)
        assert words in answer.content.decode()
    again = chief.post(ADD, {"name": "R", "email": "Rosa@example.org", "roles": chosen})
    assert "still open" in again.content.decode()
    assert Invitation.objects.count() == 1
    none = chief.post(ADD, {"name": "R", "email": "new@example.org", "roles": []})
    assert none.status_code == 422
    assert len(mail.outbox) == 1


def test_a_mail_server_that_fails_is_said_and_the_invitation_stands(chief, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    chosen = [Group.objects.get(name="Author").pk]
    answer = chief.post(ADD, {"name": "R", "email": "r@example.org", "roles": chosen}, follow=True)
    assert "could not be sent" in said(answer)
    assert Invitation.objects.get().accepted_at is None


def test_whoever_leaves_is_out_at_once_and_stays_the_author(chief, at_desk, guide):
    client = at_desk("ana", "Author")
    ana = get_user_model().objects.get(username="ana")
    reword(guide, by=ana)
    publishing.submit(guide, by=ana, kind=Revision.Change.WORDING)
    other = Client()
    other.force_login(ana)
    assert client.get("/admin/").status_code == 200
    answer = chief.post(f"/admin/auth/user/{ana.pk}/close/", follow=True)
    assert "closed" in said(answer)
    for open_before in (client, other):
        assert open_before.get("/admin/").status_code == 302
    assert Client().post("/admin/login/", {"username": "ana", "password": "a-long-pass-word"}).status_code == 200
    assert Edit.objects.get(by=ana)
    assert Revision.objects.get().by == ana
    chief.post(f"/admin/auth/user/{ana.pk}/open/")
    assert client.get("/admin/").status_code == 302, "an old session does not come back with the account"
    assert Client().post("/admin/login/", {"username": "ana", "password": "a-long-pass-word"}).status_code == 302


def test_nobody_is_deleted(chief, person, guide):
    ana = person("ana", "Author")
    reword(guide, by=ana)
    assert chief.post(f"/admin/auth/user/{ana.pk}/delete/", {"post": "yes"}).status_code == 403
    chief.post(
        "/admin/auth/user/", {"action": "delete_selected", "_selected_action": [ana.pk], "post": "yes", "index": 0}
    )
    assert get_user_model().objects.filter(pk=ana.pk).exists()
    with pytest.raises(ProtectedError):
        ana.delete()


def test_nobody_closes_their_own_account(chief, admin_user):
    answer = chief.post(f"/admin/auth/user/{admin_user.pk}/close/", follow=True)
    assert "Ask another administrator" in said(answer)
    admin_user.refresh_from_db()
    assert admin_user.is_active


def test_a_forgotten_password_is_answered_alike_for_everybody(person):
    before, client = Client(), Client()
    before.force_login(person("ana", "Author"))
    answers = {}
    for email in ("ana@example.org", "nobody@example.org"):
        answer = Client().post("/admin/password-reset/", {"email": email}, follow=True)
        answers[email] = re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer.content)
    ASIDE.submit(lambda: None).result()
    assert len(set(answers.values())) == 1
    assert [letter.to for letter in mail.outbox] == [["ana@example.org"]]
    path = link_in(mail.outbox[0].body)
    asked = client.get(path, follow=True)
    assert asked.status_code == 200
    sent = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(asked.redirect_chain[-1][0], sent, follow=True).status_code == 200
    assert client.get("/admin/").status_code == 302, "choosing a password is not logging in"
    assert before.get("/admin/").status_code == 302, "sessions of the old password have ended"
    assert b"has been used" in Client().get(path, follow=True).content
    assert Client().post("/admin/login/", {"username": "ana", "password": PASSWORD}).status_code == 302


def test_the_link_is_ours_whatever_host_was_asked(person, settings):
    person("ana", "Author")
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/admin/password-reset/", {"email": "ana@example.org"}, HTTP_HOST="evil.example")
    ASIDE.submit(lambda: None).result()
    assert "evil.example" not in mail.outbox[0].body
    assert link_in(mail.outbox[0].body)


def test_a_mailbox_is_not_flooded(person):
    person("ana", "Author")
    for _number in range(5):
        answer = Client().post("/admin/password-reset/", {"email": "ana@example.org"})
        assert answer.headers["Location"] == "/admin/password-reset/sent/"
    ASIDE.submit(lambda: None).result()
    assert len(mail.outbox) == 3


def test_a_login_ends_after_an_hour_without_a_request_and_not_before(person, django_assert_num_queries):
    ana = person("ana", "Author")
    start = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        client = Client()
        client.force_login(ana)
        for _number in range(4):
            clock.shift(50 * 60)
            assert client.get("/admin/").status_code == 200
        clock.shift(61 * 60)
        assert client.get("/admin/").status_code == 302


def test_a_session_is_written_at_most_once_a_minute(person, django_capture_on_commit_callbacks):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = Client()
    start = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(person("ana", "Author"))
        client.get("/admin/my-account/")
        written = []
        for seconds in (0, 1, 30, 28, 1, 1, 59):
            clock.shift(seconds)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                client.get("/admin/my-account/")
            written.append(any("django_session" in q["sql"] and q["sql"].startswith("UPDATE") for q in seen))
    assert written == [False, False, False, False, True, False, True]


def test_readers_pages_never_look_at_a_session(live_guide, client):
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/testing/")
    assert answer.status_code == 200
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies


def test_what_a_reviewer_says_of_themselves_stands_under_what_they_sign(at_desk, guide, people):
    rea = at_desk("rea", "Medical reviewer")
    sent = {"printed_name": "Rea Ruiz, RN", "credentials": "RN", "register": "State Board", "number": "77"}
    assert rea.post("/admin/my-account/", sent).status_code == 302
    revision = send(guide, people)
    path = f"/admin/procedures/revision/{revision.pk}/sign/"
    shown = rea.get(path)
    assert "Rea Ruiz, RN" in shown.content.decode()
    assert shown.context["form"].initial == {"credentials": "RN", "registration": "State Board, 77"}
    rea.post(path, {**shown.context["form"].initial, "next_due": "2090-01-01"})
    review = Review.objects.get()
    assert (review.name, review.credentials, review.registration) == ("Rea Ruiz, RN", "RN", "State Board, 77")


def test_an_author_says_nothing_of_signing_and_nobody_says_it_for_another(at_desk, person):
    ana = at_desk("ana", "Author")
    assert b"printed_name" not in ana.get("/admin/my-account/").content
    ana.post("/admin/my-account/", {"printed_name": "Dr. Ana", "credentials": "MD", "public_name": "Ana", "user": "99"})
    profile = Profile.objects.get()
    assert (profile.user.get_username(), profile.printed_name, profile.credentials) == ("ana", "", "")
    assert profile.public_name == "Ana"
    assert PublicationEvent.objects.get(step="public_name").why == "", "a name that is given can be taken back for good"


def test_whatever_is_done_to_accounts_stays_on_record_without_passwords_or_addresses(chief, admin_user):
    def events() -> list[tuple[str, str, str]]:
        rows = PublicationEvent.objects.order_by("pk").values_list("step", "by__username", "why")
        return [row for row in rows if row[0].startswith(("account", "role", "password"))]

    users = "/admin/auth/user/"
    sent = {"username": "kim@example.org", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert chief.post(f"{users}add/", sent).status_code == 302
    kim = get_user_model().objects.get(username="kim@example.org")
    form = {
        "username": kim.username, "first_name": "Kim", "last_name": "Lee", "email": kim.username, "is_staff": "on",
        "is_superuser": "on",
    }  # fmt: skip
    assert chief.post(f"{users}{kim.pk}/change/", form).status_code == 302
    other = {"usable_password": "true", "password1": f"{PASSWORD} now", "password2": f"{PASSWORD} now"}
    assert chief.post(f"{users}{kim.pk}/password/", other).status_code == 302
    group = Group.objects.get(name="Author")
    rights = [right.pk for right in group.permissions.all()[:1]]
    assert (
        chief.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Author", "permissions": rights}).status_code
        == 302
    )
    own = Client()
    own.force_login(get_user_model().objects.get(pk=kim.pk))
    changed = {
        "old_password": f"{PASSWORD} now",
        "new_password1": f"{PASSWORD} own",
        "new_password2": f"{PASSWORD} own",
    }
    assert own.post("/admin/password_change/", {**changed, "old_password": "wrong"}).status_code == 200
    assert own.post("/admin/password_change/", changed).status_code == 302
    Client().post("/admin/password-reset/", {"email": kim.email or form["email"]})
    ASIDE.submit(lambda: None).result()
    path = link_in(mail.outbox[-1].body)
    forgetful = Client()
    opened = forgetful.get(path, follow=True).redirect_chain[-1][0]
    assert forgetful.post(opened, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302

    chief_name = admin_user.username
    assert events() == [
        ("account_added", chief_name, f"account {kim.pk}"),
        ("account_changed", chief_name, events()[1][2]),
        ("account_changed", chief_name, "Kim Lee: Changed password."),
        ("role_changed", chief_name, events()[3][2]),
        ("password_changed", kim.username, ""),
        ("password_reset", kim.username, ""),
    ]
    assert events()[1][2].startswith("Kim Lee: Changed ")
    assert "Superuser status" in events()[1][2]
    assert "ermissions" in events()[3][2]
    assert not any("@" in why or PASSWORD in why for _step, _by, why in events())
