"""Old addresses: what once answered and now leads on. Publishing keeps them; here they are to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..models import OldAddress
from .history import GUIDE, Kept


@admin.register(OldAddress)
class OldAddressAdmin(Kept):
    list_display = ("path", "leads_to", "guide")
    list_filter = (GUIDE,)
    list_select_related = ("guide",)
    search_fields = ("path", "to")
    search_help_text = _("A part of the old address or of the new one")
    fields = ("path", "leads_to", "guide")
    readonly_fields = ("leads_to",)

    @admin.display(description=_("leads to"), ordering="to")
    def leads_to(self, row: OldAddress) -> str:
        return format_html('<a href="{}">{}</a>', row.to, row.to)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        told = _(
            "When an address is changed and published, the old one leads readers on to the new one, so that links and "
            "bookmarks go on working. This happens by itself. An address that answers again is taken off this list."
        )
        return super().changelist_view(request, {"told": told, **(extra_context or {})})
