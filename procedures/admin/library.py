"""What guides share: sources, words and pictures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import images
from ..images.forms import ImageForm
from ..models import SHARED, GlossaryTerm, Image, Shared, Source
from . import panel, past
from .base import Page, stays
from .edits import record_shared, unit_text
from .forms import UnitForm
from .known import guides_using

LIST_OF = {model: name for name, model in SHARED.items()}


class SharedPage(Page):
    """A page of the library. What is used by a guide cannot be deleted."""

    form: Any = UnitForm
    fixed = ("key",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.known = self.known(request, None)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if getattr(form, "skipped", False):
            stays(request, changed=False)
            return
        before = unit_text(type(obj)._default_manager.get(pk=obj.pk)) if change else ""
        obj.save()
        stays(request, changed=record_shared(obj, before=before, by=request.user))  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record_shared(obj, before=unit_text(obj), by=request.user, gone=True)  # type: ignore[arg-type]
        obj.delete()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found, counts, perms, protected = super().get_deleted_objects(objs, request)
        for row in objs:
            protected += [
                _("%(guide)s, whose text uses it") % {"guide": guide}
                for guide in guides_using(LIST_OF[type(row)], row.key)
            ]
        return found, counts, perms, protected

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        from django.db import transaction

        with transaction.atomic():
            return super().delete_view(request, object_id, extra_context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        row = self.get_object(request, object_id) if object_id else None
        if row is not None and self.has_view_or_change_permission(request, row):
            context = {
                "title": capfirst(str(row)),
                "subtitle": None,
                "used_by": list(guides_using(LIST_OF[type(row)], row.key)),
                "panel": panel.of_shared(row, self.known(request, None).document),
                **context,
            }
        return super().changeform_view(request, object_id, form_url, context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return past.of_row(request, row, up=reverse(f"admin:procedures_{self.opts.model_name}_change", args=[row.pk]))

    def response_add(self, request: HttpRequest, obj: Shared, post_url_continue: Any = None) -> HttpResponse:
        self.saved(request, changed=True)
        return HttpResponseRedirect(reverse(f"admin:procedures_{self.opts.model_name}_change", args=[obj.pk]))


@admin.register(Source)
class SourceAdmin(SharedPage):
    change_form_template = "admin/procedures/guide/shared.html"
    list_display = ("key", "title", "publisher", "date", "how")
    search_fields = ("key", "title", "author", "publisher", "doi", "pmid", "note")
    list_filter = ("how",)
    fieldsets = [
        (
            None,
            {"fields": ["key", "title", "author", "publisher", "date", "kind", "how", "people", "supports", "token"]},
        ),
        (gettext_lazy("Where to find it"), {"fields": ["url", ("doi", "pmid", "pmcid"), ("read", "opened")]}),
        (gettext_lazy("Note"), {"fields": ["note"]}),
    ]


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(SharedPage):
    change_form_template = "admin/procedures/guide/shared.html"
    list_display = ("term", "key", "definition")
    search_fields = ("key", "term", "also", "definition")
    fields = ("key", "term", "also", "definition", "cites", "token")


class PictureForm(UnitForm):
    """A picture that is in the library: its words can change, its pixels cannot."""

    def clean_words(self) -> str:
        return ImageForm.clean_words(self)  # type: ignore[arg-type]

    class Meta:
        model = Image
        fields = ("key", "words", "credit", "note")


class NewPictureForm(forms.ModelForm):
    """A picture that is added; the file is cleaned before anything is stored."""

    known: Any = None
    image, words, credit = (
        ImageForm.base_fields["image"],
        ImageForm.base_fields["words"],
        ImageForm.base_fields["credit"],
    )
    clean_image, clean_words = ImageForm.clean_image, ImageForm.clean_words

    def _post_clean(self) -> None:
        """The row is made by `images.add`, from the cleaned file."""

    def save(self, commit: bool = True) -> Image:
        return self.instance  # type: ignore[no-any-return]

    def save_m2m(self) -> None:
        """There is nothing of the kind."""

    class Meta:
        model = Image
        fields = ("words", "credit")


@admin.register(Image)
class ImageAdmin(SharedPage):
    change_form_template = "admin/procedures/image/change_form.html"
    list_display = ("key", "words", "width", "height", "taken_down")
    search_fields = ("key", "words", "credit")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key", "words", "credit", "note", "token") if obj else ("image", "words", "credit")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = PictureForm if obj else NewPictureForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        sent = form.cleaned_data
        row = images.add(sent["image"], words=sent["words"], credit=sent["credit"], by=request.user)  # type: ignore[arg-type]
        obj.pk, obj.key, obj.file, obj.width, obj.height = row.pk, row.key, row.file, row.width, row.height
        obj.words = row.words
