from __future__ import annotations

from ..admin.conftest import at_desk

__all__ = ["at_desk"]
