"""Markdown in, safe HTML out: the one pipeline for every text of the site.

CommonMark with raw HTML off and the dialect of docs/writing-content.md (``parser``) → our HTML (``html``, ``page``) →
an allow-list (``safe``), always last. Here live the marks and their numbers, links by key, cards, tables, heading ids,
and the only code that makes a SafeString. ``check`` tells authors what to change; ``plain``, ``blocks`` and ``used``
read a text without rendering it.

Never here: the database, settings, requests, or anything else of ours. What keys mean is handed in as ``References``.
"""

from .check import check, did_you_mean
from .page import Page, heading_id, headings
from .parser import MAX_BYTES, printable
from .reading import blocks, plain, used
from .references import Block, Heading, Link, Picture, Piece, Problem, References, Used
from .safe import data_block

__all__ = [
    "MAX_BYTES",
    "Block",
    "Heading",
    "Link",
    "Page",
    "Picture",
    "Piece",
    "Problem",
    "References",
    "Used",
    "blocks",
    "check",
    "data_block",
    "did_you_mean",
    "heading_id",
    "headings",
    "plain",
    "printable",
    "used",
]
