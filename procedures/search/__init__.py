"""A reader's words → live sections, words of the glossary and sources, on SQLite and PostgreSQL alike.

Here live the index (`refresh` one guide inside the transaction of its release, `rebuild` all, `faults` what is amiss)
and `search`, the one function that asks it. What is found comes as plain pieces `(text, hit)`; the template marks them.
Never here: HTML, requests, anything that is not live, and synonyms: other names are content and stand in the glossary.
"""

from .finding import Hit, Nearest, Results, contents, search, titles
from .index import faults, rebuild, refresh
from .query import LONGEST, cleaned
from .snippets import Piece

__all__ = [
    "LONGEST",
    "Hit",
    "Nearest",
    "Piece",
    "Results",
    "cleaned",
    "contents",
    "faults",
    "rebuild",
    "refresh",
    "search",
    "titles",
]
