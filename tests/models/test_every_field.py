"""Every field people can edit reaches the document, and so the hash, or is on a short list that says why not."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from procedures import publishing
from procedures.document import ImageRecord, encode, fingerprint
from procedures.models import SHARED, Clinic, Edit, Guide, Part, PublicationEvent, Review, Revision
from procedures.models.shared import Shared
from tests.conftest import make_document, write_rows

IMAGE = ImageRecord(
    key="needle", file=f"{'a' * 64}.webp", width=640, height=480, words="A needle", credit="Nobody", note="-"
)

ELSEWHERE: dict[str, str] = {
    "Guide.live": "which text is shown, not what it says; written by the steps only",
    "Guide.withdrawn": "which text was taken down; written by the steps only",
}
"""Fields of the working text and of what guides share that are in no document."""

NO_TEXT: dict[type[models.Model], str] = {
    Clinic: "one record, no medical text; acts at once",
    Revision: "the frozen document itself",
    Review: "a signature on a hash",
    PublicationEvent: "the record of steps",
    Edit: "the record of saves",
    apps.get_model("procedures", "Agreed"): "what files and rows last agreed on",
    apps.get_model("procedures", "OldAddress"): "moved addresses",
    apps.get_model("procedures", "Unsaved"): "typed and not saved",
    apps.get_model("procedures", "Feedback"): "what readers say of a page",
    apps.get_model(
        "procedures", "PictureFile"
    ): "files of pictures: acts at once on the file, also where released text uses it",
    apps.get_model("procedures", "Notice"): "mails that were sent",
    apps.get_model("procedures", "NoMail"): "who wants no mails",
    apps.get_model("procedures", "LinkCheck"): "what links answered",
    apps.get_model("procedures", "Job"): "when jobs began",
    apps.get_model("procedures", "Profile"): "how a person of the staff is printed",
    apps.get_model("procedures", "Invitation"): "who was asked to take part",
    apps.get_model("procedures", "LoginTry"): "logins that failed",
}
"""Tables that hold no text of a guide."""


def working_models() -> list[type[models.Model]]:
    return [model for model in apps.get_app_config("procedures").get_models() if model not in NO_TEXT]


FIELDS = [
    (model, field.name)
    for model in working_models()
    for field in model._meta.concrete_fields
    if not field.primary_key
    and f"{model.__name__}.{field.name}" not in ELSEWHERE
    and field.name not in ("guide", "position")
]


def another(row: models.Model, field: models.Field[Any, Any]) -> Any:
    """A value that passes `full_clean` or at least the column, and differs."""
    value = getattr(row, field.attname)
    if field.name == "cells":
        return {**value, "pain": {"text": "Other words."}}
    if field.name == "data":
        return {**value, "sessions": 11}
    if isinstance(field, models.JSONField):
        return [*value, "one-more"]
    if field.choices:
        return next(str(word) for word, _label in field.flatchoices if word != value)
    if isinstance(field, models.DateField):
        return (value or datetime.date(2020, 1, 1)) + datetime.timedelta(days=1)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if field.name == "currency":
        return "EUR"
    return f"{value}x"


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=[f"{model.__name__}.{name}" for model, name in FIELDS])
@pytest.mark.django_db
def test_a_changed_field_changes_the_hash(model: type[models.Model], name: str) -> None:
    document = make_document(images=(IMAGE,))
    body = f"{document.sections[0].body}\n![A needle](image:needle)\n"
    guide = write_rows(make_document(images=(IMAGE,)))
    guide.sections.filter(key="overview").update(body=body)
    before = fingerprint(encode(publishing.frozen_document(guide)))

    row = guide if model is Guide else model._default_manager.order_by("pk").first()
    assert row is not None
    field: Any = model._meta.get_field(name)
    setattr(row, name, another(row, field))
    row.save()

    guide = Guide.objects.get(pk=guide.pk)
    assert fingerprint(encode(publishing.frozen_document(guide))) != before


@pytest.mark.parametrize("model", [model for model in working_models() if issubclass(model, Part)])
@pytest.mark.django_db
def test_the_place_in_the_list_changes_the_hash(model: type[Part]) -> None:
    guide = write_rows(make_document())
    first = model._default_manager.filter(guide=guide).order_by("position")[0]
    first.pk, first.key, first.position = None, "a-second", 999
    first.save()
    before = fingerprint(encode(publishing.frozen_document(guide)))
    model._default_manager.filter(pk=first.pk).update(position=0)
    model._default_manager.filter(guide=guide).exclude(pk=first.pk).update(position=5)
    assert fingerprint(encode(publishing.frozen_document(guide))) != before


def test_the_lists_of_exceptions_are_short_and_name_what_exists() -> None:
    for place, why in ELSEWHERE.items():
        print(f"{place}: {why}")
        model, _, field = place.partition(".")
        assert apps.get_model("procedures", model)._meta.get_field(field) is not None
        assert why
    assert len(ELSEWHERE) < 10
    everything = set(apps.get_app_config("procedures").get_models())
    assert set(NO_TEXT) <= everything
    held = [model for model in everything - set(NO_TEXT) if model is not Guide]
    assert all(issubclass(model, Part | Shared) for model in held), "a new table: does its text reach the document?"
    assert {model for model in held if issubclass(model, Shared)} == set(SHARED.values())
