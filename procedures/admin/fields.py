"""Form fields for what rows keep as lists and mappings, as a person would type them."""

from __future__ import annotations

import re
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext_lazy as _

from ..document import normal
from ..loading import strict
from ..loading.files import tidy_body

_MOST = 40_000


class LineField(forms.CharField):
    """One line of Markdown, written in a box that grows; line breaks typed or pasted become spaces."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 2, "class": "vLine"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return re.sub(r"\s*\n\s*", " ", normal(super().to_python(value)))


class LabelField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return normal(super().to_python(value))


def body(value: str) -> str:
    """A body as files hold it, so that saving without a change changes nothing."""
    return tidy_body(normal(value))


class KeysField(forms.CharField):
    """Keys with spaces or commas between them. Marks as they stand in texts, [^key], are understood too."""

    def __init__(self, *, of: str = "marks", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"class": "vKeys", "autocapitalize": "none", "spellcheck": "false"})
        )
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return list(
            dict.fromkeys(
                re.sub(r"\[\^|\]", " ", normal(super().to_python(value))).replace(",", " ").replace(";", " ").split()
            )
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and self.to_python(data) != list(initial or [])


class LinesField(forms.CharField):
    """A list with one entry on each line; empty lines do not count."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "class": "vLines"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in normal(super().to_python(value)).split("\n") if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and self.to_python(data) != list(initial or [])


class DrawingField(forms.CharField):
    """A figure's data, written as in guide.yaml (JSON is understood too)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 10, "class": "vDrawing", "spellcheck": "false"}))
        super().__init__(strip=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=None) if value else ""
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        text = normal(super().to_python(value))
        if not text.strip():
            return {}
        if len(text) > _MOST:
            raise forms.ValidationError(_("This is too long for a picture's data."))
        _node, wrong = strict.parse(text)
        if wrong:
            raise forms.ValidationError(
                [_("line %(line)s: %(what)s") % {"line": line, "what": what} for line, what in wrong]
            )
        try:
            data = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError) as error:
            raise forms.ValidationError(
                _("This cannot be read: check quotes, colons and spaces at the start of lines.")
            ) from error
        if not isinstance(data, dict):
            raise forms.ValidationError(_("Write a name, a colon and a value on each line, such as: sessions: 6"))
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return not self.disabled and self.to_python(data) != (initial or {})
        except forms.ValidationError:
            return True
