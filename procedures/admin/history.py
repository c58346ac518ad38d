"""What happened: to be read, never written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ..models import Edit, PublicationEvent, Revision
from . import past, sharing, sheets, signing
from .standing import name_of, when
from .steps import words_of

GUIDE = ("guide", admin.RelatedOnlyFieldListFilter)


class Titled:
    """A filter Django makes from a field, whose heading reads on after "By"."""

    heading: Any

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.title = self.heading


class PersonFilter(Titled, admin.RelatedOnlyFieldListFilter):
    heading = _("person")


class DayFilter(Titled, admin.DateFieldListFilter):
    heading = _("day")


class OriginFilter(Titled, admin.ChoicesFieldListFilter):
    heading = _("where the words came from")


PERSON = ("by", PersonFilter)
DAY = ("at", DayFilter)


class StepFilter(admin.SimpleListFilter):
    """The steps that were taken, in words."""

    title = _("what happened")
    parameter_name = "step"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        taken = PublicationEvent.objects.order_by("step").values_list("step", flat=True).distinct()
        return [(step, words_of(step)) for step in taken]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(step=self.value()) if self.value() else queryset


class Kept(admin.ModelAdmin):
    """A list nobody can change, not even a superuser: the database refuses it too."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/procedures/guide/kept.html"
    columns: tuple[str, ...] = ()
    """The head of the CSV file; empty: the list is not to be had as a file."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = str(self.opts.verbose_name_plural)
        context = {"title": title[:1].upper() + title[1:], **(extra_context or {})}
        if self.columns and may_export(request):
            asked = request.GET.urlencode()
            context["csv"] = reverse(f"admin:procedures_{self.opts.model_name}_csv") + (f"?{asked}" if asked else "")
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        name = f"procedures_{self.opts.model_name}_csv"
        own = [path("csv/", self.admin_site.admin_view(require_safe(self.csv)), name=name)] if self.columns else []
        return [*own, *super().get_urls()]

    def csv(self, request: HttpRequest) -> Any:
        """The list as a CSV file, filtered as the page it is asked from. For publishers and superusers."""
        if not (self.has_view_permission(request) and may_export(request)):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(f"admin:procedures_{self.opts.model_name}_changelist"))
        day = timezone.localdate().isoformat()
        found = (self.row(row) for row in rows.iterator(chunk_size=500))
        return sheets.answer(f"{self.opts.model_name}-{day}", head=self.columns, rows=found)

    def row(self, row: Any) -> tuple[Any, ...]:
        """One line of the CSV file, as wide as `columns`."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def may_export(request: HttpRequest) -> bool:
    """Superusers hold every permission, so this asks for the publisher's."""
    return request.user.has_perm("procedures.publish_guide")


@admin.register(PublicationEvent)
class PublicationEventAdmin(Kept):
    list_display = ("at", "guide", "what", "by", "because")
    list_filter = (GUIDE, PERSON, StepFilter, DAY)
    date_hierarchy = "at"
    search_fields = ("why",)
    fields = ("at", "guide", "what", "by", "because")
    readonly_fields = ("what", "because")
    columns = ("at", "guide", "language", "step", "what", "person", "name", "from", "to", "why")

    @admin.display(description=_("what happened"), ordering="step")
    def what(self, event: PublicationEvent) -> str:
        return words_of(event.step)

    @admin.display(description=_("why"), ordering="why", empty_value="–")
    def because(self, event: PublicationEvent) -> str:
        """The reason on record; of a release that is to come, the time it is set to."""
        time = parse_datetime(event.why) if event.step == "schedule" else None
        return when(time) if time else event.why

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        found = super().get_queryset(request).select_related("guide", "by", "from_revision", "to_revision")
        return found.defer("from_revision__document", "to_revision__document")

    def row(self, row: PublicationEvent) -> tuple[Any, ...]:
        guide, before, after = row.guide, row.from_revision, row.to_revision
        return (
            row.at,
            guide.folder if guide else "",
            guide.language if guide else "",
            row.step,
            words_of(row.step),
            row.by.get_username() if row.by else "",
            name_of(row.by),
            before.hash if before else "",
            after.hash if after else "",
            row.why,
        )


@admin.register(Edit)
class EditAdmin(Kept):
    list_display = ("at", "guide", "what", "by", "origin")
    list_filter = (GUIDE, PERSON, ("origin", OriginFilter), DAY)
    date_hierarchy = "at"
    search_fields = ("unit", "text")
    fields = ("at", "guide", "what", "unit", "by", "origin", "text")
    readonly_fields = ("what",)
    columns = ("at", "guide", "language", "unit", "from", "person", "name", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("guide", "by")

    @admin.display(description=_("what"), ordering="unit")
    def what(self, edit: Edit) -> str:
        """The piece that was saved, as the desk calls it: `Questions: Who makes it?`."""
        (save,) = past.saves([edit], of_one=False)
        return f"{save.what}: {save.title}" if save.title else str(save.what)

    def row(self, row: Edit) -> tuple[Any, ...]:
        guide, person = row.guide, row.by.get_username() if row.by else ""
        place = (guide.folder, guide.language) if guide else ("", "")
        return (row.at, *place, row.unit, row.origin, person, name_of(row.by), row.text)


@admin.register(Revision)
class RevisionAdmin(Kept):
    list_display = ("guide", "number", "state", "kind", "by", "at")
    list_filter = ("guide", "state", "kind")
    list_select_related = ("guide", "by")
    fields = ("guide", "number", "state", "kind", "note", "by", "at", "scheduled_for")

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "procedures_revision_"
        return [
            path("<int:pk>/sign/", site.admin_view(signing.sign), name=f"{name}sign"),
            path("<int:pk>/send-back/", site.admin_view(signing.send_back), name=f"{name}send_back"),
            path("<int:pk>/share/", site.admin_view(sharing.share), name=f"{name}share"),
            path("<int:pk>/bring-back/", site.admin_view(past.bring_back), name=f"{name}bring_back"),
            *super().get_urls(),
        ]
