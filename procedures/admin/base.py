"""What every editing page of the desk shares: fields by the shape of a document, answers after saving."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import models as db
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from ..document import Form
from ..models import Guide, Part, Shared
from . import fields as our
from . import merging
from .autosave import forget, offered
from .editor import BodyField
from .edits import last_edit
from .known import Known, fields_of, known_of
from .standing import ago, name_of

LISTS = {Form.KEYS: our.KeysField, Form.LINES: our.LinesField, Form.LABELS: our.LinesField}
TEXTS = {Form.LINE: our.LineField, Form.BODY: BodyField, Form.DRAWING: our.DrawingField}


SAVED = "saved"
"""Class of the message that tells the script of the page that what was sent has arrived."""


class Fields:
    """Chooses a form field by what the document says may stand in it."""

    def formfield_for_dbfield(self, db_field: db.Field, request: HttpRequest, **kwargs: Any) -> Any:
        slot = fields_of(self.model).get(db_field.name)  # type: ignore[attr-defined]
        kind = {**LISTS, **TEXTS}.get(slot.form) if slot is not None else None
        if kind is None:
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        about: dict[str, Any] = {"of": slot.about.get("of", "marks")} if slot.form is Form.KEYS else {}
        return kind(
            label=db_field.verbose_name[:1].upper() + db_field.verbose_name[1:],
            help_text=db_field.help_text,
            required=not db_field.blank and slot.required,
            **about,
        )


class Page(Fields, admin.ModelAdmin):
    """A page with one primary action, Save, which stays on the page."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def known(self, request: HttpRequest, guide: Any) -> Known:
        """Made once a request; forms and formsets of the page share it."""
        if not hasattr(request, "_known"):
            request._known = known_of(guide)  # type: ignore[attr-defined]
        return request._known  # type: ignore[attr-defined, no-any-return]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **offered(request),
            **self.last_saved(request, object_id),
            **(extra_context or {}),
        }
        response = super().changeform_view(request, object_id, form_url, context)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422  # what was typed stands in the form, with what is wrong beside it
        return response

    def last_saved(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        """Who saved last what this page shows, for its form."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        last = last_edit(row) if isinstance(row, Guide | Part | Shared) else None
        if last is None:
            return {}
        return {"last_by": name_of(last.by), "last_ago": ago(last.at)}

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        request._sent = form, formsets or []  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:], **(extra_context or {})})

    def clash_context(self, obj: Any) -> dict[str, Any]:
        """What the page of a clash shows of where it is: the guide."""
        return {"guide": getattr(obj, "guide", None)}

    def saved(self, request: HttpRequest, *, changed: bool) -> None:
        forget(request.user, request.get_full_path())
        if changed:
            said, level = _("Saved as a draft. Patients see it after it is published."), messages.SUCCESS
        else:
            said, level = _("Nothing was changed, so nothing was saved."), messages.INFO
        self.message_user(request, said, level, extra_tags=SAVED)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        form, formsets = request._sent  # type: ignore[attr-defined]
        if merging.clashes_of(form, formsets):
            return merging.answer(
                request, form, formsets, rest_saved=getattr(request, "_changed", False), **self.clash_context(obj)
            )
        self.saved(request, changed=getattr(request, "_changed", True))
        return HttpResponseRedirect(request.get_full_path())


def stays(request: HttpRequest, *, changed: bool) -> None:
    """Notes for the answer whether anything was changed."""
    request._changed = changed  # type: ignore[attr-defined]
