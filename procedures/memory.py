"""How this process gives memory back to the system."""

from __future__ import annotations

import ctypes

MMAP_THRESHOLD = -3
"""Its number in glibc's malloc.h."""
LARGE = 128 * 1024
"""Bytes; glibc begins with this, and raises it up to 32 MB as it sees larger blocks (mallopt(3))."""


def give_back_large_blocks() -> bool:
    """From now on a block of 128 KB or more goes back to the system as soon as nobody needs it.

    Left alone, glibc keeps pages and packed pages that are gone among small blocks that stay, so a command that handles
    thousands of them holds more and more. False where the C library knows no such setting: nothing is changed then.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE))
    except (AttributeError, OSError):
        return False
