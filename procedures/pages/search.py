"""The search page: a form, results as a list, and help where there are none. Answered by GET, without script or cookie."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..rendering import Link
from ..search import LONGEST, cleaned, contents
from ..search import search as find
from .answer import page
from .frame import frame, prefix, shorten
from .limits import limited
from .live import known_language, shelf
from .views import reader


@limited("search", suggested="suggest")
@reader
def search(request: HttpRequest, *, language: str) -> HttpResponse:
    """`/search/?q=`: at most fourteen queries to the database whatever is asked; only the first `q` and 200 characters count."""
    around = shelf(known_language(language))
    query = cleaned(request.GET.get("q", ""))
    results = find(query, language=language) if query else None
    home = prefix(language)
    context = {
        "frame": frame(
            around,
            f"{home}search/",
            title=_("Search: %(query)s") % {"query": shorten(query, limit=60)} if query else _("Search"),
            crumbs=(Link(home, _("Home")),),
            robots="noindex",
        ),
        "query": query,
        "longest": LONGEST,
        "results": results,
        "guides": contents(language=language) if results is None or not results.hits else (),
    }
    return page(request, "procedures/search.html", context)
