"""Moving everything from one database to another, and proving that it arrived."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from ..models import Guide, Revision

TARGET = "target"
MADE_BY_MIGRATING = ("contenttypes.ContentType", "auth.Permission", "auth.Group")
"""What an empty site holds already; it is replaced, because rows of other tables name it by number."""
_BATCH = 500


class CannotMove(Exception):
    """Nothing was moved. The text is a sentence."""


@dataclass(frozen=True)
class Table:
    """What was found in one table on both sides: how many rows, and the sum of their SHA-256."""

    name: str
    rows: int
    hash: str


@contextmanager
def target(config: dict[str, object]) -> Iterator[str]:
    """Opens the database described by `config` (as in DATABASES) beside the present one, under the name it gives."""
    connections.databases[TARGET] = connections.configure_settings({"default": {}, TARGET: dict(config)})[TARGET]
    try:
        yield TARGET
    finally:
        connections[TARGET].close()
        del connections[TARGET]
        del connections.databases[TARGET]


def move(alias: str, *, say: Callable[[str], None]) -> list[Table]:
    """Copies every row of the present database into the empty one at `alias`, in one transaction there.

    Nobody can write to the present database meanwhile. Then both are read again, row by row, and compared by hash; the
    transaction is kept only if every table is the same. The present database is not changed.
    Raises CannotMove with a sentence, and what the databases raise.
    """
    if connections[alias].settings_dict == connections[DEFAULT_DB_ALIAS].settings_dict:
        raise CannotMove(_("That is the database the site uses already. Name the new one."))
    call_command("migrate", database=alias, verbosity=0, interactive=False)
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CannotMove(_("The tables of the present database are older than the program. Run migrate first."))
    if Guide.objects.using(alias).exists() or Revision.objects.using(alias).exists():
        raise CannotMove(_("The new database holds guides already. Name one that is empty."))
    with transaction.atomic(), transaction.atomic(using=alias):
        for name in MADE_BY_MIGRATING:
            apps.get_model(name)._base_manager.using(alias).all().delete()
        for model in _models():
            rows = _copy(model, alias)
            if rows:
                say(f"{model._meta.db_table}: {rows}")
        found = [_compared(model, alias) for model in _models()]
        _count_on(alias)
    return found


def _models() -> list[type[models.Model]]:
    """Every table with a model, those others name first."""
    configs = [(config, None) for config in apps.get_app_configs() if config.models_module is not None]
    return [model for model in serializers.sort_dependencies(configs) if model._meta.managed and not model._meta.proxy]


def _copy(model: type[models.Model], alias: str) -> int:
    """Rows keep their keys. `raw` writes fields as they are: a time of change is not set anew."""
    count = 0
    for row in serializers.deserialize("python", _plain(model, DEFAULT_DB_ALIAS), using=alias):
        row.save(using=alias, force_insert=True)
        count += 1
    return count


def _plain(model: type[models.Model], alias: str) -> Iterator[dict[str, Any]]:
    rows = model._base_manager.using(alias).order_by("pk").iterator(chunk_size=_BATCH)
    for row in rows:
        yield from serializers.serialize("python", [row])


def _compared(model: type[models.Model], alias: str) -> Table:
    here, there = _digest(model, DEFAULT_DB_ALIAS), _digest(model, alias)
    if here != there:
        raise CannotMove(
            _("%(table)s did not arrive as it was (%(here)s rows here, %(there)s there). Nothing was kept.")
            % {"table": model._meta.db_table, "here": here.rows, "there": there.rows}
        )
    return here


def _digest(model: type[models.Model], alias: str) -> Table:
    """Row hashes are added up, because two databases do not sort keys of letters alike."""
    total, count = 0, 0
    many = [field.name for field in model._meta.many_to_many]
    for plain in _plain(model, alias):
        fields = plain["fields"]
        fields.update({name: sorted(fields[name]) for name in many})
        text = json.dumps(plain, cls=DjangoJSONEncoder, sort_keys=True)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        count += 1
    return Table(model._meta.db_table, count, f"{total % 2**256:064x}")


def _count_on(alias: str) -> None:
    """The next number of each table comes after the highest that was copied."""
    statements = connections[alias].ops.sequence_reset_sql(no_style(), _models())
    with connections[alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
