"""Triggers that keep the frozen tables frozen, whoever holds the connection: Django, a shell, a script.

Of a revision the text and all that says what it is may never change, only where it stands (`state`, `scheduled_for`);
it cannot be deleted. Reviews, events and edits can be neither changed nor deleted. A refusal arrives as IntegrityError.

SQLite: Django alters a table by making it anew, and that drops its triggers without a word. A migration that alters
one of these tables ends with `RunPython(triggers.create, triggers.drop)`; a test looks whether they are there after
all migrations. PostgreSQL: TRUNCATE is not refused; it needs the owner of the table, who could drop triggers too.

A migration that adds one of the columns named here ends with `RunPython(triggers.create, …)` too; migrations before it
make the triggers of the columns there are by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

HANDED_IN = (
    "guide_id", "number", "document", "hash", "slug", "format", "based_on_id", "kind", "note", "by_id", "at",
)  # fmt: skip
"""Columns of a revision that never change."""

REVISION = "procedures_revision"
APPEND_ONLY = {
    "procedures_review": "A signature",
    "procedures_publicationevent": "An event",
    "procedures_edit": "A kept edit",
}
FUNCTION = "procedures_refuse"


def create(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For migrations: makes all triggers, replacing those there are."""
    there = {field.column for field in apps.get_model("procedures", "Revision")._meta.local_fields}
    vendor = schema_editor.connection.vendor
    for statement in [*drop_sql(vendor), *create_sql(vendor, [name for name in HANDED_IN if name in there])]:
        schema_editor.execute(statement, params=None)


def drop(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reverse of `create`."""
    for statement in drop_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def names() -> list[str]:
    """The triggers there must be."""
    return sorted(name for name, *_rest in _triggers())


def _triggers() -> Iterator[tuple[str, str, str, str]]:
    """Name, table, what is refused (UPDATE or DELETE), and the sentence of the refusal."""
    yield f"{REVISION}_no_update", REVISION, "UPDATE", "A text that was handed in does not change; hand in a new one."
    yield f"{REVISION}_no_delete", REVISION, "DELETE", "A text that was handed in is kept for the record."
    for table, what in APPEND_ONLY.items():
        yield f"{table}_no_update", table, "UPDATE", f"{what} does not change; it is the record of what happened."
        yield f"{table}_no_delete", table, "DELETE", f"{what} is kept for the record."


def create_sql(vendor: str, columns: Sequence[str] = HANDED_IN) -> list[str]:
    """The statements that make the triggers on "sqlite" or "postgresql"; NotImplementedError elsewhere.

    `columns` of a revision never change.
    """
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}{_when(table, event, columns, differs='IS NOT')} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            for name, table, event, sentence in _triggers()
        ]
    if vendor == "postgresql":
        function = (
            f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        return [
            function,
            *(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
                f"{_when(table, event, columns, differs='IS DISTINCT FROM')} EXECUTE FUNCTION {FUNCTION}('{sentence}')"
                for name, table, event, sentence in _triggers()
            ),
        ]
    raise NotImplementedError(f"No triggers are written for {vendor}. Use SQLite or PostgreSQL.")


def drop_sql(vendor: str) -> list[str]:
    """The statements that take the triggers away, whether they are there or not."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in names()]
    return [
        *(f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table, *_rest in _triggers()),
        f"DROP FUNCTION IF EXISTS {FUNCTION}()",
    ]


def _when(table: str, event: str, columns: Sequence[str], *, differs: str) -> str:
    if table != REVISION or event != "UPDATE":
        return ""
    return " WHEN (" + " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns) + ")"
