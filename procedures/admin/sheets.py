"""Lists as CSV files (RFC 4180, UTF-8) that a spreadsheet opens without running what stands in them.

A cell that begins with a sign of a formula is led by an apostrophe and every cell stands in quotation marks, as OWASP
advises (CSV Injection): https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula may begin with; the last four are the wide forms that some programs read as the narrow ones."""


def cell(value: Any) -> str:
    """One value as text: times with their zone (ISO 8601), nothing as an empty cell, no formula."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


class _Echo:
    """A file that gives back what is written to it, so that rows are sent as they are made."""

    def write(self, text: str) -> str:
        return text


def answer(name: str, *, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A download called `name`.csv. Rows are sent one by one: a list of any length needs no memory."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)

    def lines() -> Iterator[str]:
        yield "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine
        yield writer.writerow([cell(value) for value in head])
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
