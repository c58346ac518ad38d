"""The forms of rows: they check texts and keys as they are typed in, and never overwrite what somebody else saved."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..document import CELL_KEYS, CellState, Form, did_you_mean, token
from ..models import Guide, Part
from ..rendering import check
from .clashes import Clash, mark_of_unit, opened_with
from .edits import unit_name, unit_text
from .fields import KeysField, LineField
from .known import Known, fields_of


class UnitForm(forms.ModelForm):
    """A form for one unit. It carries the mark of the text it shows and refuses to save over another text.

    After validation `clash` says that somebody else saved or removed the unit meanwhile, and `skipped` that nothing
    is to be written: because of a clash, or because this person changed nothing.
    """

    known: Known
    guide: Guide | None = None
    clash: Clash | None = None
    skipped = False

    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.instance, Part) and self.guide is not None and not self.instance.guide_id:
            self.instance.guide = self.guide
        if self.instance.pk:
            if "key" in self.fields:
                self.fields["key"].disabled = True
                self.fields["key"].help_text = ""
            self.initial["token"] = mark_of_unit(self.instance)
        for name, field in self.fields.items():
            if hasattr(field.widget, "known") and name != "token":
                field.widget.known, field.widget.guide = self.known, getattr(self.guide, "pk", None)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and isinstance(self.instance, Part) and "key" in cleaned and self.instance.guide_id:
            same = type(self.instance)._default_manager.filter(guide_id=self.instance.guide_id, key=cleaned["key"])
            if same.exists():
                self.add_error("key", _("This key is taken already; choose another."))
        self._check_texts(cleaned)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self._compare()

    def _compare(self) -> None:
        """Finds out whether the unit is still what this form was opened with. Holds its row until the save is over."""
        removes = bool(self.cleaned_data.get(DELETION_FIELD_NAME))
        opened = opened_with(self.cleaned_data.get("token", ""))
        if self.errors and not removes:  # told first; the mark stays in the form, so that nothing is overlooked
            return
        yours = "" if removes or self.errors else unit_text(self.instance)
        stored = None
        if self.instance.pk:
            stored = (
                type(self.instance)._default_manager.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
            )
        elif not opened.unit:
            return  # something new
        now = unit_text(stored) if stored is not None else ""
        if stored is not None and token(now) == opened.hash:
            return
        if not removes and (token(yours) == opened.hash or yours == now):
            self.skipped = True  # nothing of this person's is in it
            return
        if removes and stored is None:
            self.skipped = True
            return
        self.skipped = True
        self.clash = Clash(
            unit=unit_name(stored) if stored is not None else opened.unit,
            opened=opened.hash,
            form=self,
            stored=stored,
            yours=None if removes else yours,
        )
        self.cleaned_data[DELETION_FIELD_NAME] = False

    def has_changed(self) -> bool:
        return not self.skipped and super().has_changed()

    def values_of(self, row: Any) -> dict[str, Any]:
        """What the fields of this form hold when they show `row`."""
        return forms.model_to_dict(row, fields=list(self.fields))

    def _check_texts(self, cleaned: dict[str, Any]) -> None:
        for name, slot in fields_of(self._meta.model).items():
            value = cleaned.get(name)
            if not value:
                continue
            if slot.form in (Form.LINE, Form.BODY):
                self.check_text(name, value, inline=slot.form is Form.LINE)
            elif slot.form is Form.LINES:
                for number, line in enumerate(value, start=1):
                    self.check_text(name, line, inline=True, number=number)
            elif slot.form is Form.KEYS:
                self.check_keys(name, value, of=slot.about.get("of", "marks"))

    def check_text(self, name: str, text: str, *, inline: bool, number: int = 0) -> None:
        for problem in check(text, self.known.references, inline=inline):
            line = number or (0 if inline else problem.line)
            self.add_error(
                name,
                _("line %(line)s: %(what)s") % {"line": line, "what": problem.message} if line else problem.message,
            )

    def check_keys(self, name: str, keys: list[str], *, of: str) -> None:
        known = self.known.keys(of)
        what = _("unknown warning sign") if of == "warning_signs" else _("unknown source")
        for key in keys:
            if key not in known:
                self.add_error(name, f'{what} "{key}"{did_you_mean(key, known)}')

    def _update_errors(self, errors: ValidationError) -> None:
        """Puts what the model found beside a field that this form has; what it has no field for goes to the top."""
        if hasattr(errors, "error_dict"):
            placed: dict[str, list[ValidationError]] = {}
            for name, found in errors.error_dict.items():
                for error in found:
                    placed.setdefault(self._place_of(name, error), []).append(error)
            errors = ValidationError(placed)
        super()._update_errors(errors)

    def _place_of(self, name: str, error: ValidationError) -> str:
        return name if name in self.fields else NON_FIELD_ERRORS


class GuideForm(UnitForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # Django compares with others only what it shows, and the language of a guide that exists is fixed.
        language = cleaned.get("language", self.instance.language)
        same = (
            Guide.objects.filter(slug=cleaned.get("slug", ""), language=language).exclude(pk=self.instance.pk).first()
        )
        if same is not None and self.instance.pk:
            self.add_error("slug", _("This address belongs to “%(guide)s” already; choose another.") % {"guide": same})
        return cleaned

    class Meta:
        model = Guide
        fields = ("folder", "language", "kind", "slug", "title", "summary", "decision")


class NoFields(forms.ModelForm):
    """The guide on the page of one of its lists: nothing of its own is shown, checked or written."""

    def clean(self) -> dict[str, Any]:
        # Whoever saves a list of a guide waits here for the one before, so that rows are compared with what is stored.
        Guide.objects.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        return super().clean() or self.cleaned_data

    def _post_clean(self) -> None:
        """The guide's own fields are not on this page."""

    class Meta:
        model = Guide
        fields: list[str] = []


ANSWERS = {
    "approved": gettext_lazy("Is it approved, and does it work?"),
    "wrong": gettext_lazy("What can go wrong?"),
    "not-for": gettext_lazy("Who should not have it?"),
    "cost": gettext_lazy("What will it cost?"),
    "help-now": gettext_lazy("Something is wrong after a treatment"),
}


class AnswerForm(UnitForm):
    @property
    def heading(self) -> Any:
        """The question this answers, in the words people come with."""
        return ANSWERS.get(self.instance.key or self.initial.get("key", ""), "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        more = cleaned.get("more", "")
        kind, _colon, rest = more.partition(":")
        sections = self.known.references.sections
        if more and (kind != "section" or rest.partition("#")[0] not in sections):
            first = next(iter(sections), "overview")
            self.add_error(
                "more",
                _("Name a section of this guide, such as section:%(key)s.") % {"key": first}
                + did_you_mean(rest, sections),
            )
        return cleaned


class ClaimForm(UnitForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.instance.pk and cleaned.get("key") in self.known.keys("sources"):
            self.add_error("key", _("A source has this key already; choose another, so that a mark means one thing."))
        return cleaned


class FigureForm(UnitForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        stages = self.known.keys("stages")
        named = (cleaned.get("data") or {}).get("stages", ())
        for key in named if isinstance(named, list) else ():
            if key not in stages:
                self.add_error("data", f'{_("unknown stage")} "{key}"{did_you_mean(str(key), stages)}')
        return cleaned


CELLS = {
    "what": gettext_lazy("What it is"),
    "approval": gettext_lazy("Is it approved"),
    "who_for": gettext_lazy("Who it is for"),
    "benefit": gettext_lazy("What it can do"),
    "harms": gettext_lazy("What can go wrong"),
    "pain": gettext_lazy("Does it hurt"),
    "recovery": gettext_lazy("Recovery"),
    "sessions": gettext_lazy("Sessions"),
    "cost": gettext_lazy("Cost"),
    "if_wrong": gettext_lazy("If it goes wrong"),
    "unknown": gettext_lazy("What is not known"),
}
STATES = {
    CellState.TEXT: gettext_lazy("text"),
    CellState.NO_GOOD_EVIDENCE: gettext_lazy("looked for, no good evidence found"),
    CellState.NOT_LOOKED_INTO: gettext_lazy("not looked into"),
}


def _cell_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for key in CELL_KEYS:
        fields[f"{key}_state"] = forms.ChoiceField(
            label=gettext_lazy("State"),
            choices=[(str(state), words) for state, words in STATES.items()],
            initial=str(CellState.NOT_LOOKED_INTO),
        )
        fields[f"{key}_text"] = LineField(label=gettext_lazy("Text"), required=False)
        fields[f"{key}_cites"] = KeysField(label=gettext_lazy("Rests on"), required=False)
    return fields


class OptionForm(UnitForm):
    """One option of the choice table, each of its cells as three fields."""

    locals().update(_cell_fields())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self._cell_values(self.instance.cells).items():
            self.initial.setdefault(name, value)

    @staticmethod
    def _cell_values(cells: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key in CELL_KEYS:
            cell = cells.get(key, {"state": str(CellState.NOT_LOOKED_INTO)})
            values[f"{key}_state"] = cell.get("state", str(CellState.TEXT))
            values[f"{key}_text"] = cell.get("text", "")
            values[f"{key}_cites"] = list(cell.get("cites", ()))
        return values

    def values_of(self, row: Any) -> dict[str, Any]:
        return {**super().values_of(row), **self._cell_values(row.cells)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if any(f"{key}_state" not in cleaned for key in CELL_KEYS):
            return cleaned
        cells: dict[str, Any] = {}
        for key in CELL_KEYS:
            state, text = cleaned[f"{key}_state"], cleaned.get(f"{key}_text", "")
            cites = cleaned.get(f"{key}_cites", [])
            if text and state != CellState.TEXT:
                self.add_error(f"{key}_state", _("There is a text: choose “text”, or empty the text."))
            if text:
                self.check_text(f"{key}_text", text, inline=True)
            self.check_keys(f"{key}_cites", cites, of="marks")
            cell = {"text": text} if state == CellState.TEXT else {"state": state}
            cells[key] = {**cell, "cites": cites} if cites else cell
        self.instance.cells = cells
        return cleaned

    def _place_of(self, name: str, error: ValidationError) -> str:
        row = re.search(r"row `(\w+)`", str(error.message))
        if row and row[1] in CELL_KEYS and f"{row[1]}_text" in self.fields:
            return f"{row[1]}_text"
        return super()._place_of(name, error)
