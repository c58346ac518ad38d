"""The database itself refuses to change the record, on whichever database the tests run."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from procedures import publishing
from procedures.models import Edit, Guide, PublicationEvent, Review, Revision, record, triggers


def existing() -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        return sorted(name for (name,) in cursor.fetchall())


@pytest.fixture
def signed(live_guide: Guide, person: Callable[..., Any]) -> Revision:
    """A guide with one row in each frozen table."""
    record("testing/risks.md", "{}", origin="admin", by=person("ana", "Author"), guide=live_guide)
    revision = publishing.submit(live_guide, by=person("bo", "Author"), kind="wording")
    due = timezone.localdate() + datetime.timedelta(days=365)
    publishing.approve(revision, by=person("cy", "Medical reviewer"), next_due=due)
    return revision


@pytest.mark.django_db
def test_all_triggers_are_there_after_all_migrations() -> None:
    assert existing() == triggers.names()


def another(field: models.Field[Any, Any], value: Any) -> Any:
    """A value the column takes and that differs from `value`."""
    if isinstance(field, models.DateTimeField | models.DateField):
        return value + datetime.timedelta(days=900)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.ForeignKey):
        return (
            None
            if value is not None
            else field.related_model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        )
    if isinstance(field, models.IntegerField):
        return value + 90
    return f"{value}x"[-(field.max_length or 999) :] if value != "x" else "y"


FROZEN: list[tuple[type[models.Model], str]] = [
    (model, field.name)
    for model in (Revision, Review, PublicationEvent, Edit)
    for field in model._meta.concrete_fields
    if not field.primary_key and not (model is Revision and field.name in ("state", "scheduled_for"))
]


@pytest.mark.parametrize(("model", "name"), FROZEN, ids=[f"{model.__name__}.{name}" for model, name in FROZEN])
@pytest.mark.django_db
def test_no_frozen_field_can_be_changed(signed: Revision, model: type[models.Model], name: str) -> None:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    field: Any = model._meta.get_field(name)
    value = another(field, getattr(row, field.attname))
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**{field.attname: value})


@pytest.mark.parametrize("model", [Revision, Review, PublicationEvent, Edit])
@pytest.mark.django_db
def test_no_frozen_row_can_be_deleted(signed: Revision, model: type[models.Model]) -> None:
    rows = model._default_manager.all()
    before = rows.count()
    with (
        pytest.raises(IntegrityError, match="is kept for the record"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert rows.count() == before > 0


@pytest.mark.django_db
def test_a_revision_still_moves_from_state_to_state(signed: Revision) -> None:
    signed.refresh_from_db()
    signed.scheduled_for = timezone.now()
    signed.state = Revision.State.SCHEDULED
    signed.save()
    signed.refresh_from_db()
    assert signed.state == "scheduled"


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_to_nothing_and_forward_again() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes("procedures")
    try:
        executor.migrate([("procedures", "0001_tables")])
        assert existing() == []
        executor = MigrationExecutor(connection)
        executor.migrate([("procedures", None)])
        assert "procedures_guide" not in connection.introspection.table_names()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert existing() == triggers.names()
    call_command("makemigrations", "procedures", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_the_triggers_come_back_after_a_test_has_emptied_the_tables() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert existing() == triggers.names()
