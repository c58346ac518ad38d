"""Pictures: what may come in, in which form it is kept, and what happens to it later.

Here lives the checking of picture files (`inspect`), their decoding and encoding anew without anything but pixels
(`clean`), their storage under the hash of their bytes (`keep`), the row they get (`add`), their smaller files
(`render`), new versions (`replace`), taking one down and putting it back, and the form staff fill in.
Never here: drawing figures from data, showing pictures on pages, who may upload or take down.
"""

from .cleaning import Cleaned, Inspected, Refused, clean, inspect
from .renditions import render
from .storage import add, keep
from .versions import PUT_BACK, TAKEN_DOWN, put_back, replace, take_down

__all__ = [
    "PUT_BACK",
    "TAKEN_DOWN",
    "Cleaned",
    "Inspected",
    "Refused",
    "add",
    "clean",
    "inspect",
    "keep",
    "put_back",
    "render",
    "replace",
    "take_down",
]
