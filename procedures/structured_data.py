"""schema.org graphs from a document (vocabulary 30.0). Never here: anything that is not visible on the page.

Medical types are given for honesty and for other machines; search engines promise no display for them. A reviewer is
named only where somebody has signed exactly this text. `aspect`, `indication` and `outcome` are gone from the
vocabulary, `estimatedCost` is not one of a procedure, so none of them is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

from .document import Document, Source, Status, StatusIs
from .rendering import plain

CONTEXT = "https://schema.org"
Graph = dict[str, Any]


class Review(Protocol):
    """What a page may say of the clinician who signed its text."""

    @property
    def name(self) -> str: ...
    @property
    def credentials(self) -> str: ...
    @property
    def date(self) -> datetime.date: ...


def guide_page(
    url: str,
    document: Document,
    *,
    name: str,
    description: str,
    guide_url: str,
    trail: Sequence[tuple[str, str]],
    cited: Sequence[tuple[Source, str]],
    modified: datetime.date,
    review: Review | None = None,
    policy: str = "",
    publisher: str = "",
    sections: Sequence[tuple[str, str]] = (),
) -> Graph:
    """A page of a procedure guide at the absolute `url`; `sections` are the pages it lists, on the pages that do."""
    page: Graph = {
        "@type": "MedicalWebPage",
        "@id": url,
        "url": url,
        "name": name,
        "description": description,
        "inLanguage": document.language,
        "dateModified": modified.isoformat(),
        "audience": {"@type": "Patient"},
        "about": {"@id": f"{guide_url}#procedure"},
        "breadcrumb": _trail(url, trail),
    }
    if url != guide_url:
        page["isPartOf"] = {"@type": "MedicalWebPage", "@id": guide_url, "name": document.title, "url": guide_url}
    if review is not None:
        page["lastReviewed"] = review.date.isoformat()
        page["reviewedBy"] = {"@type": "Person", "name": review.name, "honorificSuffix": review.credentials}
    if policy:
        page["publishingPrinciples"] = policy
    if publisher:
        page["publisher"] = {"@type": "MedicalBusiness", "name": publisher}
    if sections:
        page["hasPart"] = [
            {"@type": "MedicalWebPage", "@id": address, "name": title, "url": address} for title, address in sections
        ]
    if cited:
        page["citation"] = _citations(cited)
    return {"@context": CONTEXT, "@graph": [page, procedure(document, guide_url, full=bool(sections))]}


def procedure(document: Document, guide_url: str, *, full: bool) -> Graph:
    """The procedure itself. `full`: also what only the guide's own page shows of it (its summary and status)."""
    found: Graph = {
        "@type": "MedicalTherapy",
        "@id": f"{guide_url}#procedure",
        "name": document.title,
        "mainEntityOfPage": {"@id": guide_url},
    }
    if full:
        if document.summary:
            found["description"] = plain(document.summary, inline=True)
        if document.status:
            found["legalStatus"] = _status(document.status)
    return found


def site_page(
    url: str,
    *,
    name: str,
    description: str,
    language: str,
    trail: Sequence[tuple[str, str]],
    modified: datetime.date,
) -> Graph:
    return {
        "@context": CONTEXT,
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": name,
        **({"description": description} if description else {}),
        "inLanguage": language,
        "dateModified": modified.isoformat(),
        "breadcrumb": _trail(url, trail),
    }


def home(url: str, *, name: str, language: str) -> Graph:
    return {"@context": CONTEXT, "@type": "WebSite", "@id": url, "url": url, "name": name, "inLanguage": language}


def glossary(url: str, *, name: str, language: str, terms: Sequence[tuple[str, str, str]]) -> Graph:
    """A set of defined terms; each of `terms` is key, word and plain meaning."""
    graph: Graph = {
        "@context": CONTEXT,
        "@type": "DefinedTermSet",
        "@id": url,
        "url": url,
        "name": name,
        "inLanguage": language,
    }
    if terms:
        graph["hasDefinedTerm"] = [
            {"@type": "DefinedTerm", "@id": f"{url}#{key}", "name": term, "description": meaning}
            for key, term, meaning in terms
        ]
    return graph


def _trail(url: str, trail: Sequence[tuple[str, str]]) -> Graph:
    return {
        "@type": "BreadcrumbList",
        "@id": f"{url}#trail",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": address}
            for place, (name, address) in enumerate(trail, start=1)
        ],
    }


def _citations(cited: Sequence[tuple[Source, str]]) -> list[str]:
    """Addresses (URL is a Text), or titles of sources without one; the page itself says the rest of each."""
    return list(dict.fromkeys(address or source.title or source.publisher for source, address in cited))


def _status(status: Status) -> str:
    words = {
        StatusIs.APPROVED: "approved for this use",
        StatusIs.APPROVED_OTHER_USE: "approved for another use",
        StatusIs.CLEARED_DEVICE: "cleared device",
        StatusIs.COMPOUNDED: "compounded; not approved",
        StatusIs.INVESTIGATIONAL: "investigational; not approved",
    }[StatusIs(status.is_)]
    note = plain(status.note, inline=True)
    return f"{words}. {note}" if note else words
