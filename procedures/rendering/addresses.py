"""Which link targets may become live: an allow-list of whole addresses, never a list of bad schemes.

An address that does not match in full stays text. The patterns are read by the renderer, by the sanitiser and by
``check``, so that all three agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A percent escape in an address of ours may only stand for a letter outside ASCII; that leaves no way to write a
# quote, an angle bracket, a backslash or a control character.
_INSIDE = r"(?:[\w.~:@+,=-]|%[89A-Fa-f][0-9A-Fa-f])"
_LOCAL = re.compile(rf"(?:/(?!/)(?:{_INSIDE}|/)*(?:\?(?:{_INSIDE}|[/&])*)?)?(?:#{_INSIDE}+)?")
# A name with a dot and a top-level domain of letters: no user:password@, no numeric or bracketed host, and no
# punycode, behind which look-alike letters hide.
_HOST = r"(?!(?:[a-z0-9-]+\.)*xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z]{2,63}"
_WEB = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?", re.IGNORECASE)
# No "?subject=…": it can carry further mail headers (RFC 6068, section 7).
_MAIL = re.compile(rf"mailto:[a-z0-9._+-]+@{_HOST}", re.IGNORECASE)
_PHONE = re.compile(r"tel:\+?[0-9][0-9.()-]{1,24}")

_LONGEST = 2000  # characters; longer ones are no address a person wrote, and matching stays fast

_OWN = re.compile(r"(glossary|section|guide|image):([^#]*)(?:#(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Target:
    """A link of the dialect, taken apart: ``kind`` glossary, section, guide or image, a key, perhaps a heading's id."""

    kind: str
    key: str
    fragment: str = ""


def target(url: str) -> Target | None:
    """Read ``glossary:key``, ``section:key#heading``, ``guide:key`` or ``image:key``; None for any other address."""
    found = _OWN.fullmatch(url)
    return Target(found[1], found[2], found[3] or "") if found else None


def is_local(url: str) -> bool:
    """Is it a path from the site's root (never ``//host``) or a place on the same page?"""
    return bool(url) and _LOCAL.fullmatch(url) is not None


def is_web(url: str) -> bool:
    """Is it a complete http or https address with a plain host name?"""
    return _WEB.fullmatch(url) is not None


def may_be_live(url: str) -> bool:
    """May this address stand in an ``href``?"""
    return len(url) <= _LONGEST and (
        is_local(url) or is_web(url) or bool(_MAIL.fullmatch(url) or _PHONE.fullmatch(url))
    )
