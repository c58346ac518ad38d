"""What guides share: sources and words, and what every page of the library has. Pictures are in `pictures`."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ..models import GlossaryTerm, LinkCheck, Shared, Source
from ..quality.age import LINK_DAYS
from . import panel, past
from .base import Page, stays
from .edits import record_shared, unit_text
from .forms import UnitForm
from .known import guides_using
from .uses import LIST_OF, context_of, take_over


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
                **self.page_context(request, row),
                "panel": panel.of_shared(row, self.known(request, None).document),
                **context,
            }
        return super().changeform_view(request, object_id, form_url, context)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of one row shows besides its form."""
        return context_of(request, row)

    def get_urls(self) -> list[URLPattern]:
        name = f"procedures_{self.opts.model_name}_take_over"
        view = self.admin_site.admin_view(require_POST(self.take_over))
        return [path("<int:pk>/take-over/<int:guide>/", view, name=name), *super().get_urls()]

    def take_over(self, request: HttpRequest, pk: int, guide: int) -> HttpResponse:
        """Sends a guide for review with the newer wording of this row; guide 0: every one that can be sent. POST."""
        return take_over(request, get_object_or_404(self.model, pk=pk), guide)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return past.of_row(request, row, up=reverse(f"admin:procedures_{self.opts.model_name}_change", args=[row.pk]))

    def response_add(self, request: HttpRequest, obj: Shared, post_url_continue: Any = None) -> HttpResponse:
        self.saved(request, changed=True)
        return HttpResponseRedirect(reverse(f"admin:procedures_{self.opts.model_name}_change", args=[obj.pk]))


class LinkFilter(admin.SimpleListFilter):
    """Sources whose link did not open when it was last tried, or that nobody has opened within a year."""

    title = gettext_lazy("link")
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("failed", gettext_lazy("does not open")), ("old", gettext_lazy("not opened within a year"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "failed":
            return queryset.filter(link_check__ok=False).exclude(link_check__status__in=LinkCheck.UNSURE)
        if self.value() == "old":  # the rule of `quality.age`
            linked = ~(Q(url="") & Q(doi="") & Q(pmid="") & Q(pmcid=""))
            day = timezone.localdate() - datetime.timedelta(days=LINK_DAYS)
            return queryset.filter(linked & (Q(opened__isnull=True) | Q(opened__lt=day)))
        return queryset


@admin.register(Source)
class SourceAdmin(SharedPage):
    change_form_template = "admin/procedures/guide/shared.html"
    list_display = ("key", "title", "publisher", "date", "how")
    search_fields = ("key", "title", "author", "publisher", "doi", "pmid", "note")
    list_filter = ("how", LinkFilter)
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
