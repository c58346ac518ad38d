from __future__ import annotations

from ..admin.conftest import at_desk
from ..publishing.conftest import people

__all__ = ["at_desk", "people"]
