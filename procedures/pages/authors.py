"""Who wrote a text, as far as they want readers to know: the public names of “My account”, asked anew for each page.

Names are in no frozen text, so that somebody who empties theirs is named nowhere any more; a changed name makes every page
again (`publishing.after_commit`). Who has given none is one of the clinic's staff, and what came from files alone has no
author at the clinic.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Func, JSONField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from ..models import Edit, Guide, Profile

WRITING = (Edit.Origin.ADMIN, Edit.Origin.RESTORE)


class _List(Func):
    """All values of a column as one JSON list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_AGG", **more)


@dataclass(frozen=True)
class Authors:
    """`names` are public; `others`: whether somebody of the staff wrote too who has no public name."""

    names: tuple[str, ...] = ()
    others: bool = False

    @property
    def line(self) -> str:
        """A sentence for readers; empty where nobody of the clinic wrote."""
        if not self.names:
            return _("Written by clinic staff.") if self.others else ""
        shown = [*self.names, *([_("clinic staff")] if self.others else [])]
        return _("Written by %(names)s.") % {"names": ", ".join(shown)}


NOBODY = Authors()


def with_authors(guides: QuerySet[Guide], at: str | datetime.datetime = "live__at") -> QuerySet[Guide]:
    """Guides with who wrote their text until `at` (a column, or a time). No query of its own."""
    until = OuterRef(OuterRef(at)) if isinstance(at, str) else Value(at)
    wrote = Edit.objects.filter(by=OuterRef("user"), guide=OuterRef(OuterRef("pk")), at__lte=until, origin__in=WRITING)
    named = Profile.objects.exclude(public_name="").filter(Exists(wrote)).order_by()
    silent = Edit.objects.filter(
        guide=OuterRef("pk"),
        at__lte=OuterRef(at) if isinstance(at, str) else Value(at),
        origin__in=WRITING,
        by__isnull=False,
    ).exclude(by__in=Profile.objects.exclude(public_name="").values("user"))
    return guides.annotate(
        wrote=JSONObject(names=Subquery(named.values(found=_List(F("public_name")))), others=Exists(silent))
    )


def authors_of(guide: Guide) -> Authors:
    """What `with_authors` found; nobody where it was not asked."""
    found = getattr(guide, "wrote", None) or {}
    names = found.get("names") or ()
    names = json.loads(names) if isinstance(names, str) else names  # SQLite forgets that an inner value is JSON
    return Authors(tuple(sorted(set(names))), bool(found.get("others")))


def authors_until(guide: Guide, at: datetime.datetime) -> Authors:
    """Who wrote the text that was handed in at `at`. One query."""
    return authors_of(with_authors(Guide.objects.filter(pk=guide.pk), at).get())
