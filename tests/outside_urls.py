"""The site's addresses, and `/boom/`, which raises: so that the page for errors can be looked at."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from mesoinfo import urls


def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("boom/", boom), *urls.urlpatterns]
handler403, handler404, handler500 = (getattr(urls, f"handler{code}", None) for code in (403, 404, 500))
