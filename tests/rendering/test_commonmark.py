"""The core is CommonMark 0.31.2: all 652 examples, before sanitising, each difference with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from procedures.rendering import parser

RAW_HTML_OFF = "raw HTML is off: tags are shown as text, so the example's HTML is escaped"
EMPTY_QUOTE = "an empty block quote is written without the line end inside it, which no reader can see"

# Number of the example → why ours differs. Sections as in the specification.
DIFFERENCES: dict[int, str] = {
    **dict.fromkeys((21,), RAW_HTML_OFF),  # Backslash escapes
    **dict.fromkeys((31,), RAW_HTML_OFF),  # Entity and numeric character references
    **dict.fromkeys(range(148, 192), RAW_HTML_OFF),  # HTML blocks
    **dict.fromkeys((201,), RAW_HTML_OFF),  # Link reference definitions
    **dict.fromkeys((218,), EMPTY_QUOTE),
    **dict.fromkeys((239, 240), EMPTY_QUOTE),  # Block quotes
    **dict.fromkeys((308, 309), RAW_HTML_OFF),  # Lists
    **dict.fromkeys((344,), RAW_HTML_OFF),  # Code spans
    **dict.fromkeys((475, 476, 477), RAW_HTML_OFF),  # Emphasis and strong emphasis
    **dict.fromkeys((491, 494, 524, 536), RAW_HTML_OFF),  # Links
    **dict.fromkeys((613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631), RAW_HTML_OFF),  # Raw HTML
    **dict.fromkeys((642, 643), RAW_HTML_OFF),  # Hard line breaks
}


@pytest.fixture(scope="module")
def examples(corpora: Path) -> list[dict[str, Any]]:
    found = json.loads((corpora / "third-party" / "commonmark_spec_0.31.2.json").read_text(encoding="utf-8"))
    for example in found:  # the specification prints tabs as arrows
        for side in ("markdown", "html"):
            example[side] = example[side].replace("→", "\t")
    return list(found)


def test_every_example_passes_or_differs_for_the_reason_given(
    examples: list[dict[str, Any]], tell: Callable[[str], None]
) -> None:
    core = parser.core()
    differs = {e["number"] for e in examples if core.render(e["markdown"]) != e["html"]}
    tell(f"{len(examples)} CommonMark examples: {len(examples) - len(differs)} equal, {len(differs)} explained")
    assert len(examples) == 652
    assert differs == set(DIFFERENCES)


def test_with_raw_html_only_the_empty_quotes_differ(examples: list[dict[str, Any]]) -> None:
    raw = parser.core(html=True)
    for example in examples:
        ours = raw.render(example["markdown"])
        if DIFFERENCES.get(example["number"]) == EMPTY_QUOTE:
            assert ours != example["html"]
            assert ours.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>") == example["html"]
        else:
            assert ours == example["html"], example["number"]


def test_the_dialect_reads_every_example_as_the_core_does(examples: list[dict[str, Any]]) -> None:
    def shape(md: MarkdownIt, text: str) -> list[tuple[str, list[str]]]:
        return [(t.type, [child.type for child in t.children or ()]) for t in md.parse(text)]

    core = parser.core()
    for example in examples:
        ours = [(t.type, [c.type for c in t.children or ()]) for t in parser.parse(example["markdown"])]
        assert ours == shape(core, example["markdown"]), example["number"]
