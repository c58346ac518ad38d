"""The tables of the index. They have no models: rows are derived, and only this room reads or writes them.

passage     a run of live text with its address; `shown` is false for a guide's copy of a shared word or source that
            another guide shows in a newer wording
index       the stems of what is shown: an FTS5 table on SQLite, columns with tsvectors on PostgreSQL (that of titles apart:
            of weights in one tsvector the planner knows nothing, and reads the whole table for a common word)
word        how many shown passages hold a word; the row of the empty word counts the passages
spelling    the same words by trigram (SQLite; PostgreSQL has an index of pg_trgm on `word`)
name        the names of a word of the glossary, by stems: what a query may say instead
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PASSAGE = "procedures_searchpassage"
INDEX = "procedures_searchindex"
WORD = "procedures_searchword"
SPELLING = "procedures_searchspelling"
NAME = "procedures_searchname"

_COLUMNS = """
    guide_id bigint NOT NULL,
    revision_id bigint NOT NULL,
    language varchar(12) NOT NULL,
    kind varchar(10) NOT NULL,
    key varchar(130) NOT NULL,
    url varchar(400) NOT NULL,
    guide_title varchar(200) NOT NULL,
    title text NOT NULL,
    heading text NOT NULL,
    names text NOT NULL,
    text text NOT NULL,
    at varchar(40) NOT NULL,
    shown boolean NOT NULL"""

_SHARED = [
    f"CREATE INDEX procedures_searchpassage_guide ON {PASSAGE} (guide_id)",
    f"CREATE INDEX procedures_searchpassage_key ON {PASSAGE} (key, language)",
    f"CREATE INDEX procedures_searchpassage_contents ON {PASSAGE} (language, title) WHERE kind = 'guide'",
    f"CREATE TABLE {WORD} (language varchar(12) NOT NULL, word varchar(60) NOT NULL, stem varchar(60) NOT NULL, "
    "uses bigint NOT NULL, PRIMARY KEY (language, word))",
    f"CREATE INDEX procedures_searchword_stem ON {WORD} (language, stem)",
    f"CREATE TABLE {NAME} (language varchar(12) NOT NULL, key varchar(130) NOT NULL, name varchar(400) NOT NULL, "
    "PRIMARY KEY (language, key, name))",
    f"CREATE INDEX procedures_searchname_name ON {NAME} (language, name)",
]
_SQLITE = [
    f"CREATE TABLE {PASSAGE} (id integer PRIMARY KEY, {_COLUMNS})",
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(head, body, tokenize = 'unicode61 remove_diacritics 0')",
    *_SHARED,
    f"CREATE VIRTUAL TABLE {SPELLING} USING fts5(padded, language UNINDEXED, word UNINDEXED, tokenize = 'trigram')",
]
_GRAMS = f"CREATE INDEX procedures_searchword_gram ON {WORD} USING gin (word gin_trgm_ops)"
_POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"CREATE TABLE {PASSAGE} (id bigserial PRIMARY KEY, {_COLUMNS}, head text, body text, heads tsvector, stems tsvector)",
    f"CREATE INDEX procedures_searchpassage_heads ON {PASSAGE} USING gin (heads) WITH (fastupdate = off)",
    f"CREATE INDEX procedures_searchpassage_stems ON {PASSAGE} USING gin (stems) WITH (fastupdate = off)",
    *_SHARED,
    _GRAMS,
    f"CREATE INDEX procedures_searchword_start ON {WORD} (language, word text_pattern_ops)",
]


def create(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For migrations: makes the empty tables. NotImplementedError on databases other than the two."""
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def drop(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reverse of `create`. The extension stays: others may use it."""
    tables = [NAME, WORD, PASSAGE]
    if schema_editor.connection.vendor == "sqlite":
        tables += [INDEX, SPELLING]
    for table in tables:
        schema_editor.execute(f"DROP TABLE IF EXISTS {table}", params=None)


SAMPLE = "id % 8 = 0"
"""The passages of the sample: some of every guide, because those of a guide are numbered in a row."""


def create_sample(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For migrations: the index of the sample, on PostgreSQL alone (SQLite gives the first passages without finding all)."""
    if schema_editor.connection.vendor == "postgresql":
        statement = f"CREATE INDEX procedures_searchpassage_sample ON {PASSAGE} USING gin (stems) WITH (fastupdate = off) WHERE {SAMPLE}"
        schema_editor.execute(statement, params=None)


def drop_sample(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reverse of `create_sample`."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS procedures_searchpassage_sample", params=None)


_BEGINNINGS = f"CREATE INDEX procedures_searchword_gram ON {WORD} USING gin ((left(word, 1)), word gin_trgm_ops)"


def create_beginnings(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For migrations: the index of trigrams holds the first letter too, on PostgreSQL alone. Among 80,000 words a misspelled one
    is then found in 0.5 ms instead of 5 to 6: only words of that letter are counted."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in (
            "CREATE EXTENSION IF NOT EXISTS btree_gin",
            "DROP INDEX procedures_searchword_gram",
            _BEGINNINGS,
        ):
            schema_editor.execute(statement, params=None)


def drop_beginnings(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reverse of `create_beginnings`. The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in ("DROP INDEX procedures_searchword_gram", _GRAMS):
            schema_editor.execute(statement, params=None)


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return _SQLITE
    if vendor == "postgresql":
        return _POSTGRESQL
    raise NotImplementedError(f"Search is not written for {vendor}. Use SQLite or PostgreSQL.")
