"""A site of many guides answers before their pages are made."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from procedures.management.commands import serve
from procedures.models import Guide


@pytest.mark.parametrize(("many", "wait", "made"), [(0, False, False), (0, True, True), (1, False, True)])
def test_pages_of_many_guides_are_left_to_what_runs_beside_the_server(
    live_guide: Guide, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, wait: bool, made: bool
) -> None:
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.AFTER_RELEASE = "procedures.prerender.refresh"
    monkeypatch.setattr(serve, "MANY", many)
    monkeypatch.setattr(serve.Command, "_collect_static", lambda _self: None)  # two seconds, and no part of this
    monkeypatch.setattr(serve.Command, "_content", lambda _self: None)
    said = StringIO()
    assert serve.Command(stdout=said, stderr=said)._prepare(wait=wait) is made
    assert (tmp_path / "pages" / "live").exists() is made
    assert ("made beside the server" in said.getvalue()) is not made
