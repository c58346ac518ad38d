"""The page of whoever saved second: theirs, yours, what both started from, and both put together to be saved at once."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.forms import BoundField, Media
from django.forms.fields import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..document import DiffPiece, Document, difference, field_changes, from_plain, token, units
from ..document.merging import merge
from ..models import Agreed, Edit, Guide, Part, UnreadableText, own_values, record, row_values
from .clashes import Clash, opened_with
from .differences import ShownField, shortened, shown_fields, what_of
from .edits import last_edits, unit_text
from .fields import KeysField
from .forms import CELLS, UnitForm
from .past import place_of, plain_texts
from .standing import name_of

SEARCHED = 20
"""How many handed-in texts are looked through for the text a form was opened with, where no save of it was kept."""


@dataclass(frozen=True)
class ClashField:
    """One field that somebody changed: what it was, what each made of it, and the box with both put together."""

    label: Any
    ancestor: str
    theirs: tuple[DiffPiece, ...]
    yours: tuple[DiffPiece, ...]
    box: BoundField
    overlaps: int


@dataclass(frozen=True)
class ShownClash:
    """A clash as its page shows it. `fields` differ; `hidden` are the fields nobody changed.

    `removed`: somebody else took it out. `remove`: the name of the box that takes it out, where this person wanted to.
    """

    what: Any
    title: str
    who: str
    when: datetime.datetime | None
    removed: bool
    remove: str
    known: bool
    fields: tuple[ClashField, ...]
    hidden: tuple[BoundField, ...]


@dataclass(frozen=True)
class Removed:
    """A part that is not there any more, by the mark a form of it still carries."""

    guide: Guide
    key: str


def removed(request: HttpRequest) -> Removed | None:
    """The part whose form was sent, where the mark in it names one of a guide that is there."""
    unit = opened_with(request.POST.get("token", "")).unit
    places = [guide for guide in Guide.objects.all() if unit.startswith(f"{guide.place}/")]
    guide = max(places, key=lambda guide: len(guide.place), default=None)
    return Removed(guide, place_of(unit)[1]) if guide is not None and place_of(unit)[1] else None


def clashes_of(form: Any, formsets: Iterable[Any]) -> list[Clash]:
    rows = [row for formset in formsets for row in formset.forms]
    return [sent.clash for sent in (form, *rows) if getattr(sent, "clash", None) is not None]


def answer(request: HttpRequest, form: Any, formsets: Iterable[Any], *, to: str = "", **context: Any) -> HttpResponse:
    """409 with every clash of a page. What this person wrote is kept as an Edit first, whatever becomes of the page.

    `to` is where the merged text is sent; empty: to the same address.
    """
    found: list[ShownClash] = []
    hidden: list[BoundField] = []
    pairs: list[tuple[str, str]] = []
    if isinstance(form, UnitForm):
        if form.clash is not None:
            found.append(_shown(form.clash, by=request.user))
        else:
            hidden += _bound(type(form)(instance=type(form.instance)._default_manager.get(pk=form.instance.pk)))
    for formset in formsets:
        lost = [row.clash for row in formset.forms if row.clash is not None]
        lost.sort(key=lambda clash: clash.stored is None)  # rows to be added stand behind those that are there
        there = sum(clash.stored is not None for clash in lost)
        for name, number in (("TOTAL", len(lost)), ("INITIAL", there), ("MIN_NUM", 0), ("MAX_NUM", 1000)):
            pairs.append((f"{formset.prefix}-{name}_FORMS", str(number)))
        for place, clash in enumerate(lost):
            prefix = f"{formset.prefix}-{place}"
            pairs.append((f"{prefix}-id", str(clash.stored.pk) if clash.stored is not None else ""))
            pairs.append((f"{prefix}-guide", str(formset.instance.pk)))
            found.append(_shown(clash, by=request.user, prefix=prefix))
    whole = {
        **admin.site.each_context(request),
        "title": _("Somebody saved this while you were writing"),
        "opts": Guide._meta,
        "clashes": found,
        "hidden": hidden,
        "pairs": pairs,
        "to": to or request.get_full_path(),
        "media": sum((field.box.field.widget.media for item in found for field in item.fields), Media()),
        **context,
    }
    return TemplateResponse(request, "admin/procedures/guide/clash.html", whole, status=409)


def _shown(clash: Clash, *, by: Any, prefix: str | None = None) -> ShownClash:
    guide = clash.form.guide or (clash.form.instance if isinstance(clash.form.instance, Guide) else None)
    _keep(clash, by=by, guide=guide)
    before = ancestor_of(clash, guide)
    model = type(clash.form.instance)
    row = clash.stored
    form_values = clash.form.values_of
    names = [name for name in type(clash.form).base_fields if name not in ("token", "key")]  # not what rows add
    ancestor = form_values(row_of(model, before, guide)) if before else {}
    theirs = form_values(row) if row is not None else {}
    yours = {name: clash.form.cleaned_data.get(name) for name in names} if clash.yours is not None else None
    merged: dict[str, tuple[Any, int]] = {}
    changed = []
    for name in names:
        sides = [ancestor.get(name), theirs.get(name), (yours if yours is not None else ancestor).get(name)]
        if row is None:
            merged[name] = (sides[2], 0)
        elif yours is None:
            merged[name] = (sides[1], 0)
        else:
            merged[name] = _merged(clash.form, name, *sides)
        was, now, own = (_words(clash.form, name, value) for value in sides)
        if now != own or was not in (now, own):
            changed.append(name)
    initial: dict[str, Any] = {name: value for name, (value, _overlaps) in merged.items()}
    if row is None:
        initial["key"] = place_of(clash.unit)[1]
    form = type(clash.form)(instance=row, initial=initial, prefix=prefix)
    name, _key = place_of(clash.unit)
    last = last_edits([clash.unit]).get(clash.unit)
    return ShownClash(
        what=what_of(name),
        title=str(row if row is not None else clash.form.instance),
        who=name_of(last.by) if last else _("Somebody"),
        when=last.at if last else None,
        removed=row is None,
        remove=f"{prefix}-DELETE" if yours is None and prefix else "",
        known=before is not None,
        fields=tuple(
            ClashField(
                label=_label(form, name),
                ancestor=_words(form, name, ancestor.get(name)),
                theirs=_differences(form, name, ancestor, theirs) if row is not None else (),
                yours=_differences(form, name, ancestor, yours) if yours is not None else (),
                box=form[name],
                overlaps=merged[name][1],
            )
            for name in changed
        ),
        hidden=tuple(_bound(form, leave=changed)),
    )


def _keep(clash: Clash, *, by: Any, guide: Guide | None) -> None:
    """What was sent is on record before anybody merges anything; the same words twice are kept once."""
    if not clash.yours:
        return
    mine = Edit.objects.filter(unit=clash.unit, by=by, origin=Edit.Origin.CONFLICT).first()
    if mine is None or mine.text != clash.yours:
        record(clash.unit, clash.yours, origin=Edit.Origin.CONFLICT, by=by, guide=guide)


def changed_since(row: Part, *, mark: str) -> tuple[ShownField, ...]:
    """What was changed in a part since a page with this mark showed it. Nothing where that text was not kept."""
    opened = opened_with(mark)
    before = next((text for text in _earlier(row.unit, row.guide) if token(text) == opened.hash), None)
    if before is None:
        return ()
    return shown_fields(place_of(row.unit)[0], field_changes(plain_texts(before), plain_texts(unit_text(row))))


def ancestor_of(clash: Clash, guide: Guide | None) -> str | None:
    """The text a form was opened with, from the record of saves, the files, or what was handed in; None: not kept."""
    for text in _earlier(clash.unit, guide):
        if token(text) == clash.opened:
            return text
    return None


def _earlier(unit: str, guide: Guide | None) -> Iterator[str]:
    yield from Edit.objects.filter(unit=unit).values_list("text", flat=True).iterator()
    yield from Agreed.objects.filter(unit=unit).values_list("text", flat=True)
    for revision in guide.revisions.order_by("-number")[:SEARCHED] if guide is not None else ():
        with suppress(UnreadableText):  # `verify` names it; another may hold the same
            yield units(revision.read()).get(unit, "")


def row_of(model: Any, text: str, guide: Guide | None) -> Any:
    """A row, not stored, that holds a unit's text."""
    plain = json.loads(text)
    if issubclass(model, Guide):
        return Guide(**own_values(from_plain(Document, {"folder": guide.folder if guide else "", **plain})))
    values = row_values(from_plain(model.SHAPE, plain))
    return model(**values, **({"guide": guide} if issubclass(model, Part) else {}))


def _merged(form: UnitForm, name: str, ancestor: Any, theirs: Any, yours: Any) -> tuple[Any, int]:
    """The value both make together, and in how many places they overlap. A number both changed stays theirs."""
    field = form.fields[name]
    was, now, own = (_raw(form, name, value) for value in (ancestor, theirs, yours))
    if now == own or own == was:
        return theirs, 0
    if now == was:
        return yours, 0
    if not all(isinstance(value, str) for value in (now, own)) or isinstance(field, ChoiceField):
        return theirs, 1
    if isinstance(field, KeysField):
        lines = ["\n".join(text.replace(",", " ").split()) + "\n" for text in (was or "", now, own)]
        found = merge(lines[0], theirs=lines[1], yours=lines[2])
        return ", ".join(dict.fromkeys(found.text.split())), 0  # of two lists of keys, together, nothing overlaps
    found = merge(was or "", theirs=now, yours=own)
    return found.text, found.overlaps


def _raw(form: UnitForm, name: str, value: Any) -> Any:
    return form.fields[name].prepare_value(value)


def _words(form: UnitForm, name: str, value: Any) -> str:
    """A value as a person reads it."""
    field = form.fields[name]
    if isinstance(field, ChoiceField):
        return str(dict(field.choices).get(value, value) or "")  # type: ignore[arg-type, call-overload]
    found = field.prepare_value(value)
    return "" if found is None else str(found)


def _differences(form: UnitForm, name: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[DiffPiece, ...]:
    """What changed, long unchanged passages cut short; nothing where nothing changed."""
    pieces = difference(_words(form, name, old.get(name)), _words(form, name, new.get(name)))
    return shortened(pieces) if any(piece.kind != "same" for piece in pieces) else ()


def _label(form: UnitForm, name: str) -> Any:
    cell, _under, rest = name.rpartition("_")
    label = capfirst(str(form.fields[name].label or name))
    return f"{CELLS[cell]}: {label}" if cell in CELLS and rest in ("state", "text", "cites") else label


def _bound(form: UnitForm, *, leave: Iterable[str] = ()) -> Iterator[BoundField]:
    """The fields that go along unseen."""
    for field in form:
        if field.name not in leave and not field.field.disabled:
            yield field
