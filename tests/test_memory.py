"""Large blocks go back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

HELD = """
import sys
from procedures.memory import give_back_large_blocks

def held():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) // 1024

if sys.argv[1] == "given back":
    assert give_back_large_blocks()
del (large := [bytes(30 << 20)])[0]  # from now on glibc would keep blocks of this size
blocks = [b"x" * (1 << 20) for _number in range(50)]
before = held()
del blocks[:-1]
print(before - held())
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc has the setting (others give memory back themselves)"
)
def test_blocks_go_back_though_one_after_them_stays() -> None:
    given = {
        how: int(
            subprocess.run(
                [sys.executable, "-c", HELD, how], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
            ).stdout
        )
        for how in ("kept", "given back")
    }  # fmt: skip
    assert given["given back"] > 40  # MB of 49
    assert given["kept"] < 10  # otherwise the setting is of no use any more
