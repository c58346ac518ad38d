"""What the database refuses by itself, and what a form says before it comes to that."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, SignatureExpired
from django.db import IntegrityError, transaction
from django.utils import timezone

from procedures import publishing
from procedures.models import Clinic, Guide, Review, Revision, Section, preview_path, previewed
from tests.conftest import make_document, write_rows

pytestmark = pytest.mark.django_db


def twice(guide: Guide, state: str) -> None:
    for number in (90, 91):
        Revision.objects.create(guide=guide, number=number, document="{}", hash="-", state=state, at=timezone.now())


def both_pointers(guide: Guide) -> None:
    one, two = (
        Revision.objects.create(
            guide=guide, number=number, document="{}", hash="-", state="superseded", at=timezone.now()
        )
        for number in (80, 81)
    )
    Guide.objects.filter(pk=guide.pk).update(live=one, withdrawn=two)


def same_number(guide: Guide) -> None:
    for _ in range(2):
        Revision.objects.create(guide=guide, number=70, document="{}", hash="-", state="replaced", at=timezone.now())


def due_before_signed(guide: Guide) -> None:
    revision = Revision.objects.create(
        guide=guide, number=60, document="{}", hash="-", state="replaced", at=timezone.now()
    )
    today = datetime.date(2026, 11, 22)
    Review.objects.create(revision=revision, hash="-", by_id=1, name="N", credentials="RN", date=today, next_due=today)


@pytest.mark.parametrize(
    "breach",
    [
        lambda guide: twice(guide, "in-review"),
        lambda guide: (twice(guide, "scheduled")),
        lambda guide: twice(guide, "live"),
        both_pointers,
        same_number,
        due_before_signed,
        lambda guide: Guide.objects.create(folder="testing", slug="other", title="T"),
        lambda guide: Guide.objects.create(folder="other", slug="testing", title="T"),
        lambda guide: Guide.objects.create(folder="other", slug="other", title="T", kind="leaflet"),
        lambda guide: Section.objects.create(guide=guide, key="risks", title="Again"),
        lambda guide: Clinic.objects.create(one=2),
    ],
    ids="two on their way|two scheduled|two live|live and taken down|number twice|due too early|folder|slug|kind|key|clinic".split("|"),
)  # fmt: skip
def test_the_database_refuses(breach: Any, guide: Guide) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        breach(guide)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"slug": "admin"}, "slug", "The site needs this address itself"),
        ({"slug": "about"}, "slug", "A page of the site has this address already"),
        ({"emergency_call": ""}, "emergency_call", "is missing|Say which number"),
        ({"title": ""}, "title", "cannot be blank|is missing"),
        ({"status_is": "fine"}, "status_is", "not a valid choice|must be one of"),
    ],
)
def test_a_form_says_what_is_wrong_with_a_guide(change: dict[str, str], field: str, said: str, guide: Guide) -> None:
    site = Guide.objects.create(folder="site", slug="site", kind="site", title="Site")
    Section.objects.create(guide=site, key="about", title="About")
    for name, value in change.items():
        setattr(guide, name, value)
    with pytest.raises(ValidationError) as error:
        guide.full_clean()
    assert any(part in " ".join(error.value.message_dict[field]) for part in said.split("|"))


def test_a_form_says_what_is_wrong_with_a_section(guide: Guide) -> None:
    risks = guide.sections.get(key="risks")
    for slug, said in (("all", "The site needs this address itself"), ("overview", "Another section has this address")):
        risks.slug = slug
        with pytest.raises(ValidationError, match=said):
            risks.full_clean()
    site = Guide.objects.create(folder="site", slug="site", kind="site", title="Site")
    with pytest.raises(ValidationError, match="A guide has this address already"):
        Section(guide=site, key="testing", title="T").full_clean()


def test_the_clinic_is_one_record_and_its_phones_have_digits() -> None:
    assert Clinic.objects.present().name == ""
    assert Clinic.objects.count() == 0
    with pytest.raises(ValidationError, match="needs digits"):
        Clinic(phone="call us").full_clean()


def test_a_preview_link_leads_to_one_text_until_it_expires(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    revision = publishing.submit(guide, by=None, kind="wording")
    assert previewed(preview_path(guide).split("/")[2]) == (guide, None)
    token = preview_path(guide, revision).split("/")[2]
    assert previewed(token) == (guide, revision)
    with pytest.raises(BadSignature):
        previewed(f"{token}x")
    other = write_rows(make_document(folder="other", slug="other"))
    assert previewed(preview_path(other).split("/")[2])[0] == other
    monkeypatch.setattr("procedures.models.tokens.SECONDS", -1)
    with pytest.raises(SignatureExpired):
        previewed(token)
