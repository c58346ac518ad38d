"""Every address of the site, by room."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache

from procedures.pages.styles import styles

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/styles/", never_cache(staff_member_required(styles)), name="styles"),
    path("admin/", admin.site.urls),
    path("", include("procedures.pages.urls")),
]

handler400 = "procedures.pages.errors.bad_request"
handler403 = "procedures.pages.errors.permission_denied"
handler404 = "procedures.pages.errors.page_not_found"
handler500 = "procedures.pages.errors.server_error"
