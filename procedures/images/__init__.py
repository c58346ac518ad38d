"""Pictures: what may come in, and in which form it is kept.

Here lives the checking of picture files (`inspect`), their decoding and encoding anew without anything but pixels
(`clean`), their storage under the hash of their bytes (`keep`), the row they get (`add`) and the form staff fill in.
Never here: drawing figures from data, showing pictures on pages, who may upload.
"""

from .cleaning import Cleaned, Inspected, Refused, clean, inspect
from .storage import add, keep

__all__ = ["Cleaned", "Inspected", "Refused", "add", "clean", "inspect", "keep"]
