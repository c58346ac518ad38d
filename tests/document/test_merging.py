"""Two texts that grew from one are put together, and no sentence of either gets lost."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from procedures.document.merging import SENTENCES, merge

sentences = st.lists(
    st.sampled_from(["One. ", "Two two. ", "Three", "\n", "\n\n", "- four\n", "Five.[^x] "]), max_size=8
)
texts = sentences.map("".join)


def test_changes_in_different_sentences_are_both_taken() -> None:
    base = "One is. Two is. Three is.\n\nFour is.\n"
    found = merge(base, theirs=base.replace("Two", "2"), yours=base.replace("Four", "4"))
    assert (found.text, found.overlaps) == ("One is. 2 is. Three is.\n\n4 is.\n", 0)


def test_changes_of_neighbours_do_not_overlap() -> None:
    found = merge("One. Two.", theirs="1. Two.", yours="One. 2.")
    assert (found.text, found.overlaps) == ("1. 2.", 0)


def test_the_same_change_is_taken_once() -> None:
    found = merge("One. Two. Three.\nFour.\n", theirs="One. 2. Three.\nFour.\n", yours="One. 2. Three.\n4.\n")
    assert found.text == "One. 2. Three.\n4.\n"


def test_a_sentence_changed_otherwise_stands_twice_theirs_first() -> None:
    found = merge("It costs 5.50 a day.", theirs="It costs 6 a day.", yours="It costs 7 a day.")
    assert (found.text, found.overlaps) == ("It costs 6 a day. It costs 7 a day.", 1)


@given(texts, texts, texts)
@example("", "a", "b")
@settings(max_examples=150, deadline=None)
def test_no_sentence_that_somebody_wrote_is_missing(base: str, theirs: str, yours: str) -> None:
    assert "".join(SENTENCES.findall(base)) == base
    assert merge(base, theirs=theirs, yours=base).text == theirs
    assert merge(base, theirs=base, yours=yours).text == yours
    assert merge(base, theirs=yours, yours=yours).text == yours
    found = merge(base, theirs=theirs, yours=yours)
    old = set(SENTENCES.findall(base))
    for sentence in {*SENTENCES.findall(theirs), *SENTENCES.findall(yours)} - old:
        assert sentence.strip() in found.text
