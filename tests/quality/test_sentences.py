from __future__ import annotations

import pytest

from procedures.quality.sentences import sentences, words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two. Three.", 3),
        ("It costs $3.50 now. Ask why.", 2),
        ("Dr. Smith gave it. He left.", 2),
        ("Use e.g. ice. Rest.", 2),
        ("It was p = 0.059 in 20 women.", 1),
        ("Is it safe? Ask. Then go!", 3),
        ("He said “Stop.” Then he left.", 2),
        ("J. Smith wrote it.", 1),
        ("Ask: who pays? You do.", 2),
        ("No end mark", 1),
        ("First; second: third.", 1),
        ("It hurts… A lot.", 2),
        ("The U.S. agency said so.", 1),
        ("Wait (a day or two). Then go.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_breathes(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FDA-approved drugs don’t help.", ("FDA-approved", "drugs", "don’t", "help")),
        ("It costs $1,500 or 9.7%.", ("It", "costs", "$1,500", "or", "9.7%")),
        ("72 in 100", ("72", "in", "100")),
        ("crow’s-feet – on the face", ("crow’s-feet", "on", "the", "face")),
        ("", ()),
        ("…!?", ()),
    ],
)
def test_words_are_letters_and_numbers(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected
