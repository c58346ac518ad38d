"""Who stands behind a page: who wrote and checked it, who gains, which version it is, how to cite it.

What the clinic has not filled in is left out: the site's own pages promise that a missing line means just that.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..models import Clinic

MARK = 10
"""How many hex digits of its fingerprint name a version to readers, as on paper."""


@dataclass(frozen=True)
class Trust:
    """The panel of one page. `gains` are sentences, maybe none; `cite` is one line to copy; `by` a sentence on who wrote."""

    gains: tuple[str, ...]
    version: str
    version_url: str
    changes_url: str
    cite: str
    by: str = ""


def version_path(fingerprint: str) -> str:
    return f"/v/{fingerprint[:MARK]}/"


def trust(
    clinic: Clinic, *, home: str, fingerprint: str, site: str, title: str, written: str, canonical: str, by: str = ""
) -> Trust:
    """The panel for the page at `canonical` of the guide at `home`, whose live text has this fingerprint."""
    version = fingerprint[:MARK]
    cite = _("%(site)s. %(title)s. Written %(date)s, version %(version)s. %(url)s") % {
        "site": site,
        "title": title,
        "date": written,
        "version": version,
        "url": canonical,
    }
    return Trust(gains(clinic), version, version_path(fingerprint), f"{home}changes/", cite, by)


def gains(clinic: Clinic) -> tuple[str, ...]:
    """Who earns by the procedure and who paid for the text, as far as the clinic's record says."""
    name = clinic.name or _("The clinic that runs this site")
    found = []
    if clinic.sells is not None:
        line = _("%(clinic)s sells this procedure.") if clinic.sells else _("%(clinic)s does not sell this procedure.")
        found.append(line % {"clinic": name})
    if clinic.paid_by:
        found.append(_("These pages were paid for by %(who)s.") % {"who": clinic.paid_by.rstrip(".")})
    return tuple(found)
