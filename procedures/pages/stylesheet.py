"""The one stylesheet readers get: the six layers of static/css joined into templates/site.css, which each page holds.

There is no front-end build. `python -m procedures.pages.stylesheet` writes the file; a test fails while it is not current.
"""

from __future__ import annotations

import re
from pathlib import Path

from .inline import STYLE

FOLDER = Path(__file__).resolve().parents[2] / "static" / "css"
LAYERS = ("tokens", "base", "layout", "prose", "components", "print")
JOINED = STYLE


def joined(folder: Path = FOLDER) -> str:
    """The layers in their order, without comments and without white space that means nothing."""
    sheets = (folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in LAYERS)
    text = "\n".join([f"@layer {', '.join(LAYERS)};", *sheets])
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    # Strings are left alone; elsewhere a space counts only between words, and round + - and * of a calculation.
    pieces = re.split(r"(\"[^\"]*\")", re.sub(r"\s+", " ", text))
    pieces[::2] = [re.sub(r";? ?([{};,]) ?", r"\1", piece).replace(": ", ":") for piece in pieces[::2]]
    # The file is a template too: a block that begins with an id must not read as a comment of Django's.
    return re.sub(r"\{(?=[{%#])", "{ ", "".join(pieces).strip()) + "\n"


def write() -> None:
    JOINED.write_text(joined(), encoding="utf-8")


if __name__ == "__main__":
    write()
