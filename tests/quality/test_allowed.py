"""The list of figures that need no mark stays short, reasoned and needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from procedures import loading
from procedures.quality import evidence, passages

CONTENT = Path(__file__).parents[2] / "content"
ENTRIES = evidence.allowed()


def test_the_list_has_at_most_forty_lines() -> None:
    assert len(evidence.ALLOWED_FILE.read_text().splitlines()) <= 40


def test_a_line_without_a_reason_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = tmp_path / "allowed.txt"
    listed.write_text("# reasons\n\\b3 layers\\b\n")
    monkeypatch.setattr(evidence, "ALLOWED_FILE", listed)
    evidence.allowed.cache_clear()
    try:
        with pytest.raises(ValueError, match="no reason"):
            evidence.allowed()
    finally:
        evidence.allowed.cache_clear()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.pattern.pattern)
def test_each_entry_is_needed_by_a_text_of_the_content(entry: evidence.Allowed) -> None:
    others = tuple(one for one in ENTRIES if one is not entry)
    texts = [
        sentence.text
        for document in loading.read(CONTENT).documents
        for passage in passages(document)
        for sentence in passage.sentences
        if not passage.marks
    ]
    needed = [
        text for text in texts if evidence.figures(text, entries=others) != evidence.figures(text, entries=ENTRIES)
    ]
    assert needed, f"no text needs {entry.pattern.pattern!r}: take the line out"
