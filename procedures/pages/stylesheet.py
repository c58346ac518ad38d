"""The one stylesheet readers get: the six layers of static/css joined into site.css.

There is no front-end build. `python -m procedures.pages.stylesheet` writes the file; a test fails while it is not current.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "static" / "css"
LAYERS = ("tokens", "base", "layout", "prose", "components", "print")
JOINED = FOLDER / "site.css"


def joined(folder: Path = FOLDER) -> str:
    """The layers in their order, without comments and indentation (nothing else is changed)."""
    sheets = (folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in LAYERS)
    text = "\n".join([f"@layer {', '.join(LAYERS)};", *sheets])
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def write() -> None:
    JOINED.write_text(joined(), encoding="utf-8")


if __name__ == "__main__":
    write()
