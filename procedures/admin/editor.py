"""The editor's box: django-markdownx's field with our own template and script; its own are never loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext as _
from markdownx.fields import MarkdownxFormField
from markdownx.widgets import MarkdownxWidget

from .known import Known


class EditorWidget(MarkdownxWidget):
    """A plain textarea that `static/js/editor.js` adds a toolbar and a preview to. Without scripts it stays a textarea."""

    template_name = "admin/editor.html"
    known: Known | None = None
    guide: int | None = None
    lines: Iterable[int] = ()
    """Lines that links lead to: each gets an anchor beside the box, which is as near as a page without scripts comes."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = context["widget"]["attrs"]
        for unwanted in [key for key in given if key.startswith("data-markdownx")]:
            del given[unwanted]
        given.update({"rows": 28, "spellcheck": "true", "data-editor": True, "data-guide": str(self.guide or "")})
        given["data-preview"] = reverse("admin:procedures_preview")
        given["data-upload"] = reverse("admin:procedures_upload")
        return {
            **context,
            "choices": choices(self.known) if self.known else {},
            "words": words(),
            "lines": self.lines,
        }

    @property
    def media(self) -> forms.Media:
        # Not the class's own: MarkdownxWidget's script would come with it.
        sheets = ["css/prose.css", "css/components.css"]  # so that the preview looks like the page
        return forms.Media(css={"all": sheets}, js=[Script("js/editor.js", type="module")])


class BodyField(MarkdownxFormField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", EditorWidget())
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        from .fields import body

        return body(super().to_python(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and self.to_python(data) != (initial or "")


def choices(known: Known) -> dict[str, list[list[str]]]:
    """What the toolbar offers, as [key, words] pairs."""
    document, references = known.document, known.references
    return {
        "sections": [[section.key, section.title] for section in document.sections],
        "guides": [[key, link.title] for key, link in references.guides.items()],
        "marks": [[key, _short(title)] for key, title in references.marks.items()],
        "terms": [[term.key, term.term] for term in document.terms],
        "images": [[image.key, _short(image.words)] for image in document.images],
        "figures": [[figure.key, figure.title] for figure in document.figures],
    }


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:89]}…"


def words() -> dict[str, str]:
    """The words the script shows, in the language of the person."""
    return {
        "toolbar": _("Text tools"),
        "bold": _("Bold"),
        "heading": _("Heading"),
        "list": _("List"),
        "numbers": _("Numbered list"),
        "table": _("Table"),
        "link": _("Link to a section…"),
        "mark": _("Source…"),
        "word": _("Word…"),
        "card": _("Care card…"),
        "picture": _("Picture…"),
        "figure": _("Drawing…"),
        "emergency": _("Emergency"),
        "same-day": _("Same day"),
        "soon": _("Soon"),
        "do": _("Do"),
        "dont": _("Do not"),
        "note": _("Note"),
        "check": _("Know it yourself"),
        "upload": _("New picture…"),
        "preview": _("Preview"),
        "working": _("Making the preview…"),
        "ready": _("The preview is up to date."),
        "away": _("The preview cannot be made now: no connection. Your text is safe in this page."),
        "problems": _("To correct before this can be sent:"),
        "line": _("line"),
        "here": _("text"),
        "bullet": _("entry"),
        "describe": _("What does the picture show? At least three words, for people who cannot see it."),
        "sending": _("Sending the picture…"),
        "sent": _("The picture is in the library and in your text."),
        "columns": _("Column"),
        "find": _("Find"),
        "insert": _("Insert"),
        "cancel": _("Cancel"),
        "credit": _("Credit"),
    }
