"""What stands inside every page instead of behind a link of its own: the style and the rules for fetching ahead.

Each is a file among the templates, the same bytes on every page, and the policy allows exactly those by their hash
(CSP Level 3, 6.7.2.3). Why inside: docs/decisions/0009-weight.md. The settings read this, so it needs nothing of Django.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLE = TEMPLATES / "site.css"
"""Written by `procedures.pages.stylesheet`."""
RULES = TEMPLATES / "speculation.json"
"""Speculation rules: which links a browser may fetch when a reader presses them, before the click is complete."""


def allowed(file: Path) -> str:
    """The source expression of Content-Security-Policy that allows the text of this file inside a page. Reads the file."""
    text = file.read_text(encoding="utf-8")
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
