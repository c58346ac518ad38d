"""What readers said of pages: to be read, page by page."""

from __future__ import annotations

from django.contrib import admin

from ..models import Feedback
from .history import Kept


@admin.register(Feedback)
class FeedbackAdmin(Kept):
    list_display = ("at", "page", "useful", "text", "release")
    list_filter = ("useful", "page")
    search_fields = ("text", "page")
    fields = ("at", "page", "release", "useful", "text")
