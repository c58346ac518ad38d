# ruff: noqa: S608 -- only names of tables and placeholders are put into SQL; what readers type goes as parameters
"""Keeping the index equal to the live documents: one guide within the transaction of its release, or everything."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction

from ..models import Guide
from . import words
from .passages import Passage, passages
from .tables import INDEX, NAME, PASSAGE, SPELLING, WORD

logger = logging.getLogger(__name__)
SHARED = ("term", "source")
"""Kinds that several guides hold copies of: only the copy released last is shown."""

_FIELDS = (
    "guide_id", "revision_id", "language", "kind", "key", "url", "guide_title", "title", "heading", "names", "text",
    "at", "shown",
)  # fmt: skip
_BATCH = 500
_MANY = 5_000
"""Passages a rebuild hands to the database at once."""


@dataclass(frozen=True)
class Row:
    """A passage as the table holds it."""

    guide_id: int
    revision_id: int
    language: str
    at: str
    passage: Passage
    shown: bool = True
    id: int = 0

    def values(self) -> tuple[Any, ...]:
        item = self.passage
        return (
            self.guide_id, self.revision_id, self.language, item.kind, item.key, item.url, item.guide_title,
            item.title, item.heading, "\n".join(item.names), item.text, self.at, self.shown,
        )  # fmt: skip


def refresh(guide: Guide) -> None:
    """Makes the index hold what `guide.live` says and nothing else of this guide.

    Call it inside the transaction that moves the pointer, with the row as that transaction sees it.
    """
    with transaction.atomic():
        old = _stored("guide_id = %s", [guide.pk])
        _delete([row.id for row in old])
        new = list(_rows(guide))
        others = _copies({_name(row) for row in (*old, *new) if row.passage.kind in SHARED})
        newest = _newest((*others, *new))
        new = [replace(row, shown=_is_newest(row, newest)) for row in new]
        hide = [row for row in others if row.shown and not _is_newest(row, newest)]
        show = [row for row in others if not row.shown and _is_newest(row, newest)]
        _insert(new)
        _show(show, shown=True)
        _show(hide, shown=False)
        _forget({_name(row) for row in old if row.passage.kind == "term"} - newest.keys())
        counts: Counter[tuple[str, str]] = Counter()
        _add(counts, [row for row in new if row.shown] + show)
        gone: Counter[tuple[str, str]] = Counter()
        _add(gone, [row for row in old if row.shown] + hide)
        counts.subtract(gone)
        _store_counts(counts)


def rebuild(*, each: Any = None) -> int:
    """Empties the index and builds it from all live documents; returns how many passages. `each(guide)` reports progress."""
    with transaction.atomic():
        _empty()
        counts: Counter[tuple[str, str]] = Counter()
        newest: dict[tuple[str, str], tuple[str, int]] = {}
        for guide in _live():
            for name, mark in _held(guide).items():
                newest[name] = max(newest.get(name, mark), mark)
        total, waiting = 0, []
        for guide in _live():
            waiting += [replace(row, shown=_is_newest(row, newest)) for row in _rows(guide)]
            if len(waiting) >= _MANY:
                total += _store(waiting, counts)
                waiting = []
            if each:
                each(guide)
        total += _store(waiting, counts)
        _store_counts(counts)
        return total


def _store(rows: list[Row], counts: Counter[tuple[str, str]]) -> int:
    _insert(rows)
    _add(counts, [row for row in rows if row.shown])
    return len(rows)


def faults() -> list[str]:
    """What the index holds that live documents do not say, and the reverse, as sentences; none when all is well."""
    found = []
    stored = {row.values()[:-1] for row in _stored("1 = 1", [])}
    wanted = {row.values()[:-1] for guide in _live() for row in _rows(guide)}
    found += [f"The index holds {_said(values)}, which is not live." for values in sorted(stored - wanted)]
    found += [f"The index lacks {_said(values)}, which is live." for values in sorted(wanted - stored)]
    shown = _stored("shown", [])
    twice = Counter((row.passage.key, row.language) for row in shown if row.passage.kind in SHARED)
    keys = {(values[4], values[2]) for values in wanted if values[3] in SHARED}
    found += [
        f"{key} ({language}) is shown {count} times." for (key, language), count in sorted(twice.items()) if count > 1
    ]
    found += [f"{key} ({language}) is not shown." for key, language in sorted(keys - set(twice))]
    counts: Counter[tuple[str, str]] = Counter()
    _add(counts, shown)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT language, word, uses FROM {WORD}")
        held = {(language, word): uses for language, word, uses in cursor.fetchall()}
        if held != dict(counts):
            odd = sorted(set(held.items()) ^ set(counts.items()))
            found.append(f"The list of words does not fit the passages: {len(odd)} entries, such as {odd[0][0][1]!r}.")
        expected = {row.id: (row.passage.head(row.language), row.passage.body(row.language)) for row in shown}
        source = (
            f"SELECT rowid, head, body FROM {INDEX}"
            if connection.vendor == "sqlite"
            else (f"SELECT id, head, body FROM {PASSAGE} WHERE stems IS NOT NULL")
        )
        cursor.execute(source)
        if {number: (head, body) for number, head, body in cursor.fetchall()} != expected:
            found.append("The index of stems does not fit the passages.")
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT language, word FROM {SPELLING}")
            if sorted(cursor.fetchall()) != sorted(key for key in held if key[1]):
                found.append("The list of spellings does not fit the list of words.")
    return found


def _said(values: Sequence[Any]) -> str:
    return f"{values[4]} ({values[2]}) {values[5]}"


def _live() -> Iterator[Guide]:
    """The live guides, without those whose stored text was damaged: one must not keep the others from being found."""
    for guide in Guide.objects.live().order_by("pk").iterator(chunk_size=50):
        if guide.live is not None and guide.live.is_readable:
            yield guide
        else:
            logger.error("Left out of the search, because its stored text cannot be read: %s", guide)


def _rows(guide: Guide) -> Iterator[Row]:
    if guide.live is None:
        return
    document = guide.live.read()
    for passage in passages(document):
        yield Row(guide.pk, guide.live.pk, document.language, guide.live.at.isoformat(), passage)


def _name(row: Row) -> tuple[str, str]:
    return row.passage.key, row.language


def _newest(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[str, int]]:
    """For each shared word or source when, and by which guide, it was released last."""
    newest: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        if row.passage.kind in SHARED:
            newest[_name(row)] = max(newest.get(_name(row), ("", 0)), (row.at, row.guide_id))
    return newest


def _held(guide: Guide) -> dict[tuple[str, str], tuple[str, int]]:
    """The same for one guide alone, without reading its texts."""
    live = guide.live
    if live is None:
        return {}
    document = live.read()
    keys = (
        *(f"glossary:{term.key}" for term in document.terms),
        *(f"source:{source.key}" for source in document.sources),
    )
    return {(key, document.language): (live.at.isoformat(), guide.pk) for key in keys}


def _is_newest(row: Row, newest: Mapping[tuple[str, str], tuple[str, int]]) -> bool:
    return row.passage.kind not in SHARED or newest[_name(row)] == (row.at, row.guide_id)


def _copies(names: set[tuple[str, str]]) -> list[Row]:
    """The copies of these words and sources that other guides hold."""
    found: list[Row] = []
    for some in _batches(sorted({key for key, _language in names})):
        found += _stored(f"key IN ({_places(some)})", some)
    return [row for row in found if _name(row) in names]


def _stored(condition: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(_FIELDS)} FROM {PASSAGE} WHERE {condition}", values)
        return [_row(found) for found in cursor.fetchall()]


def _row(found: Sequence[Any]) -> Row:
    number, guide, revision, language, kind, key, url, guide_title, title, heading, names, text, at, shown = found
    listed = tuple(names.split("\n")) if names else ()
    passage = Passage(kind, key, url, guide_title, title, text, heading, listed)
    return Row(guide, revision, language, at, passage, bool(shown), number)


def _show(rows: Sequence[Row], *, shown: bool) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {PASSAGE} SET shown = %s WHERE id = %s", [(shown, row.id) for row in rows])
        if shown:
            _index(cursor, rows)
        else:
            _unindex(cursor, [row.id for row in rows])


def _forget(names: Iterable[tuple[str, str]]) -> None:
    """Drops the names of words that no live guide uses any more."""
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {NAME} WHERE key = %s AND language = %s", sorted(names))


def _insert(rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        if not rows:
            return
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {PASSAGE}")
        first = cursor.fetchone()[0] + 1
        if connection.vendor == "postgresql":  # two releases at once must not count from the same number
            cursor.execute(
                f"SELECT nextval(pg_get_serial_sequence('{PASSAGE}', 'id')) FROM generate_series(1, %s)", [len(rows)]
            )
            numbers = [number for (number,) in cursor.fetchall()]
        else:
            numbers = list(range(first, first + len(rows)))
        places = ", ".join(["%s"] * (len(_FIELDS) + 1))
        numbered = [replace(row, id=number) for number, row in zip(numbers, rows, strict=True)]
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT INTO {PASSAGE} (id, {', '.join(_FIELDS)}) VALUES ({places})",
                [(row.id, *row.values()) for row in numbered],
            )
            _index(cursor, [row for row in numbered if row.shown])
            return
        # With the stems in the same statement: a second one would write every row and its index entries twice.
        cursor.executemany(
            f"INSERT INTO {PASSAGE} (id, {', '.join(_FIELDS)}, head, body, heads, stems) VALUES ({places}, %s, %s, "
            "to_tsvector('simple', %s), to_tsvector('simple', %s) || to_tsvector('simple', %s))",
            [(row.id, *row.values(), *_stems(row)) for row in numbered],
        )
        _name_terms(cursor, [row for row in numbered if row.shown])


def _stems(row: Row) -> tuple[str | None, ...]:
    if not row.shown:
        return (None,) * 5
    head, body = row.passage.head(row.language), row.passage.body(row.language)
    return head, body, head, head, body


def _index(cursor: Any, rows: Sequence[Row]) -> None:
    stems = [(row.passage.head(row.language), row.passage.body(row.language), row.id) for row in rows]
    if connection.vendor == "sqlite":
        cursor.executemany(f"INSERT INTO {INDEX} (head, body, rowid) VALUES (%s, %s, %s)", stems)
    else:
        cursor.executemany(
            f"UPDATE {PASSAGE} SET head = %s, body = %s, heads = to_tsvector('simple', %s), "
            "stems = to_tsvector('simple', %s) || to_tsvector('simple', %s) WHERE id = %s",
            [(head, body, head, head, body, number) for head, body, number in stems],
        )
    _name_terms(cursor, rows)


def _name_terms(cursor: Any, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.passage.kind == "term":
            names = {words.stems(name, language=row.language) for name in (row.passage.title, *row.passage.names)}
            cursor.execute(f"DELETE FROM {NAME} WHERE language = %s AND key = %s", [row.language, row.passage.key])
            cursor.executemany(
                f"INSERT INTO {NAME} (language, key, name) VALUES (%s, %s, %s)",
                [(row.language, row.passage.key, name) for name in sorted(names - {""})],
            )


def _unindex(cursor: Any, numbers: Sequence[int]) -> None:
    for some in _batches(numbers):
        places = _places(some)
        if connection.vendor == "sqlite":
            cursor.execute(f"DELETE FROM {INDEX} WHERE rowid IN ({places})", list(some))
        else:
            cursor.execute(
                f"UPDATE {PASSAGE} SET head = NULL, body = NULL, heads = NULL, stems = NULL WHERE id IN ({places})",
                list(some),
            )


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _delete(numbers: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            _unindex(cursor, numbers)
        for some in _batches(numbers):
            cursor.execute(f"DELETE FROM {PASSAGE} WHERE id IN ({_places(some)})", list(some))


def _empty() -> None:
    with connection.cursor() as cursor:
        tables = [PASSAGE, WORD, NAME, *([INDEX, SPELLING] if connection.vendor == "sqlite" else [])]
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


def _add(counts: Counter[tuple[str, str]], rows: Iterable[Row]) -> None:
    for row in rows:
        item = row.passage
        text = "\n".join((item.title, item.heading, *item.names, item.guide_title, item.text))
        counts.update({(row.language, word.folded) for word in words.words(text, language=row.language)})
        counts[row.language, ""] += 1


def _store_counts(counts: Mapping[tuple[str, str], int]) -> None:
    """Adds to the uses of words; a word nobody uses any more goes."""
    # In one order, or two releases at once could lock each other out.
    entries = [
        (language, word, words.stem(word, language=language), uses)
        for (language, word), uses in sorted(counts.items())
        if uses
    ]
    with connection.cursor() as cursor:
        new = _new_words(cursor, entries) if connection.vendor == "sqlite" else []
        cursor.executemany(
            f"INSERT INTO {WORD} (language, word, stem, uses) VALUES (%s, %s, %s, %s) "
            f"ON CONFLICT (language, word) DO UPDATE SET uses = {WORD}.uses + excluded.uses",
            entries,
        )
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT INTO {SPELLING} (padded, language, word) VALUES (%s, %s, %s)",
                [(f"  {word} ", language, word) for language, word in new],
            )
        if any(uses < 0 for *_word, uses in entries):  # else none can have gone, and looking at all words takes time
            cursor.execute(f"SELECT COUNT(*) FROM {WORD} WHERE uses <= 0")
            if cursor.fetchone()[0]:
                if connection.vendor == "sqlite":
                    cursor.execute(
                        f"DELETE FROM {SPELLING} WHERE (language, word) IN (SELECT language, word FROM {WORD} WHERE uses <= 0)"
                    )
                cursor.execute(f"DELETE FROM {WORD} WHERE uses <= 0")


def _new_words(cursor: Any, entries: Sequence[tuple[str, str, str, int]]) -> list[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for language in dict.fromkeys(entry[0] for entry in entries):  # by the primary key, which begins with the language
        for some in _batches([word for its, word, _stem, _uses in entries if its == language]):
            cursor.execute(
                f"SELECT language, word FROM {WORD} WHERE language = %s AND word IN ({_places(some)})",
                [language, *some],
            )
            known |= set(cursor.fetchall())
    return [(language, word) for language, word, _stem, _uses in entries if word and (language, word) not in known]


def _places(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
