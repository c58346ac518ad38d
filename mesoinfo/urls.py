"""Every address of the site, by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from procedures.pages.styles import styles

from .health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/styles/", admin.site.admin_view(styles), name="styles"),
    path("admin/health/", admin.site.admin_view(health), name="health"),
    path("admin/", admin.site.urls),
    path("", include("procedures.pages.urls")),
]

handler400 = "procedures.pages.errors.bad_request"
handler403 = "procedures.pages.errors.permission_denied"
handler404 = "procedures.pages.errors.page_not_found"
handler500 = "procedures.pages.errors.server_error"
