"""Where the place of a finding is in the admin: which page, which field, which line, and what staff call it."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import quality
from ..document import Document
from ..document.difference import title_of
from ..models import PARTS, SHARED, Guide
from .differences import label_of, what_of
from .forms import ANSWERS
from .known import fields_of
from .past import place_of

PAGES = ("sections", "options", "claims")
"""Lists whose items have a page each; the others stand on one page, or on the hub."""
ON_HUB = ("answers", "key_facts")
ROW = re.compile(r"row `(\w+)`")


class Places:
    """Where the units of one document are in the admin. Each list is looked up once."""

    def __init__(self, document: Document, *, guide: Guide | None, alone: bool) -> None:
        """`alone`: the person stands on the page of the unit already, so that its name need not be said."""
        self.document, self.guide, self.alone = document, guide, alone
        self._rows: dict[str, list[tuple[str, int]]] = {}

    def where(self, finding: quality.Finding) -> str:
        """`Sections: Risks, line 14`; on the page of that section only `line 14`."""
        name, key = place_of(finding.unit)
        field = "" if not finding.field else str(label_of(name, finding.field))
        if not name and finding.field in PARTS:  # about a whole list, such as signs without an emergency
            return str(what_of(finding.field))
        if finding.field == "body":
            field = _("line %(line)s") % {"line": finding.line}
        if self.alone and name in (*PAGES, *SHARED):
            return field or str(_("the whole text"))
        title = self._title(name, key)
        unit = f"{what_of(name)}: {title}" if title else str(what_of(name))
        return f"{unit}, {field}" if field else unit

    def _title(self, name: str, key: str) -> str:
        if name == "answers" and key in ANSWERS:
            return str(ANSWERS[key])
        item = next((item for item in self.document.items(name) if item.key == key), None) if name and key else None
        return title_of(item) if item is not None else key

    def url(self, finding: quality.Finding) -> str:
        """The address of the field; where there is none, of the page that is nearest."""
        name, key = place_of(finding.unit)
        if name in SHARED:
            model: Any = SHARED[name]
            pk = dict(self._of(name)).get(key)
            return self._page(model, pk, self._field(model, finding)) if pk else reverse(_admin(model, "changelist"))
        if self.guide is None:
            return ""
        hub = reverse("admin:procedures_guide_change", args=[self.guide.pk])
        if not name:
            if finding.field in PARTS:
                return self._list(finding.field, hub)
            return hub + self._field(Guide, finding)
        rows = self._of(name)
        number, pk = next(((place, pk) for place, (own, pk) in enumerate(rows) if own == key), (None, None))
        if pk is None or number is None:
            return self._list(name, hub)
        model = PARTS[name]
        if name in PAGES:
            return self._page(model, pk, self._field(model, finding))
        field = self._field(model, finding, prefix=f"{name}-{number}-") or f"#{name}-{number}"
        return self._list(name, hub).partition("#")[0] + field

    def _list(self, name: str, hub: str) -> str:
        if name in ("sections", "options"):
            return f"{hub}#{name}"
        if name in ON_HUB:
            return f"{hub}#{name}-heading"
        return reverse(f"admin:procedures_guide_{name}", args=[self.guide.pk]) if self.guide is not None else hub

    def _of(self, name: str) -> list[tuple[str, int]]:
        if name not in self._rows:
            rows: Any = {**PARTS, **SHARED}[name]._default_manager
            keys = [item.key for item in self.document.items(name)] if name in SHARED else []
            found = rows.filter(key__in=keys) if name in SHARED else rows.filter(guide=self.guide)
            order = ("key",) if name in SHARED else ("position", "pk")
            self._rows[name] = list(found.order_by(*order).values_list("key", "pk"))
        return self._rows[name]

    @staticmethod
    def _page(model: type[Model], pk: int, field: str) -> str:
        return reverse(_admin(model, "change"), args=[pk]) + field

    @staticmethod
    def _field(model: Any, finding: quality.Finding, *, prefix: str = "") -> str:
        """The place of the field on its page, such as `#id_body-line-14`; empty when the finding is about no field."""
        name = finding.field
        if name == "body":
            return f"#id_body-line-{finding.line}"
        first, _dot, rest = name.partition(".")
        if first == "cells":
            row = ROW.search(finding.message)
            cell = rest.partition(".")[0] or (row[1] if row else "")
            return f"#id_{cell}_{'text' if rest or not row else 'cites'}" if cell else ""
        if first == "emergency":
            return f"#id_emergency_{rest or 'call'}"
        if first == "status":
            return f"#id_status_{rest or 'is'}"
        attribute = next((field for field, slot in fields_of(model).items() if slot.name == name), "")
        return f"#id_{prefix}{attribute}" if attribute else ""


def _admin(model: Any, page: str) -> str:
    return f"admin:procedures_{model._meta.model_name}_{page}"
