"""JSON inside a page can neither end its element nor begin a comment."""

from __future__ import annotations

import json

import pytest

from procedures.rendering import data_block


@pytest.mark.parametrize("evil", ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028\u2029", "]]>"])
def test_a_data_block_holds_its_text_and_nothing_else(evil: str) -> None:
    out = data_block({"name": evil, evil: [1, None, "é"]})
    assert not set(out) & set("<>&\u2028\u2029")
    assert json.loads(out) == {"name": evil, evil: [1, None, "é"]}
