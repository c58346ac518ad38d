"""Grades against sums done by hand, and the rules of counting."""

from __future__ import annotations

import pytest

from procedures.quality.readability import grade, grade_body
from procedures.quality.syllables import syllables

# A slip of the hand here would be a slip in the grades: each word was looked up in a pronouncing dictionary.
WORDS = {
    1: "skin shots fat treat treats death deaths knots scars weeks lived washed helped years your you said court clothes "
    "needs caused pulled bruised",
    2: "needle needles little trouble clinic doctor body sessions patient patients swelling bruises wanted studies treated "
    "treating doses losing crow’s-feet people being safely really useful surgeon",
    3: "infection cellulite approval vitamins untreated area syringes medicine reaction idea various anyone period "
    "serious allergy",
    4: "skin-tightening evidence-based experience necessary bacteria realistic American",
    5: "homeopathic hyaluronic subcutaneous",
}


@pytest.mark.parametrize(("word", "count"), [(word, count) for count, line in WORDS.items() for word in line.split()])
def test_syllables_of_words(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("number", "count"),
    [
        ("0", 2),  # zero
        ("7", 2),  # seven
        ("12", 1),
        ("20", 2),
        ("72", 4),  # sev-en-ty-two
        ("100", 3),  # one hundred
        ("250", 5),  # two hundred fifty
        ("$250", 7),  # … dollars
        ("1,616", 8),  # one thousand six hundred sixteen
        ("1918", 4),  # nineteen eighteen, Flesch's own example
        ("2005", 4),  # two thousand five
        ("2010", 3),  # twenty ten
        ("1900", 4),  # nineteen hundred
        ("1906", 4),  # nineteen oh six
        ("9.7%", 6),  # nine point seven percent: 1 + 1 + 2 + 2
        ("0.18", 5),  # zero point one eight
        ("FDA", 3),
        ("FDA-approved", 5),
        ("mL", 4),
        ("70", 3),
    ],
)
def test_numbers_have_the_syllables_they_are_spoken_with(number: str, count: int) -> None:
    assert syllables(number) == count


def test_the_grade_is_kincaids_formula() -> None:
    # 10 words, 2 sentences, 11 syllables: 0.39 × 5 + 11.8 × 1.1 − 15.59 = −0.66
    read = grade(["The cat sat on mats. The dog ran very fast."]).written
    assert (read.words, read.sentences, read.syllables) == (10, 2, 11)
    assert read.flesch_kincaid == pytest.approx(-0.66)


def test_smog_is_mclaughlins_formula() -> None:
    # 2 sentences, 3 words of three or more syllables: 3.1291 + 1.043 × √(3 × 30 / 2) = 10.1258
    read = grade(["Infection is a serious thing. Vitamins are not."]).written
    assert (read.sentences, read.long_words) == (2, 3)
    assert read.smog == pytest.approx(3.1291 + 1.043 * 45**0.5)


def test_each_term_counts_as_one_easy_word() -> None:
    text = ["You may get nontuberculous mycobacteria, called NTM, from dirty tap water."]
    grades = grade(text, terms=["NTM", "nontuberculous mycobacteria"])
    assert grades.written.words == 11
    assert grades.adjusted.words == 10
    assert grades.adjusted.syllables < grades.written.syllables
    assert grades.adjusted.flesch_kincaid < grades.written.flesch_kincaid


def test_the_longest_term_wins_and_plurals_count() -> None:
    longest = grade(["They use compounded drugs made in this town."], terms=["drug", "compounded drug"]).adjusted
    assert longest.words == 7


def test_a_term_is_a_whole_word() -> None:
    assert grade(["The starter was a art of its own."], terms=["art"]).adjusted.words == 8


def test_tables_and_short_blocks_are_left_out() -> None:
    body = "Too short here.\n\n| a b c d e f | g h i j k l |\n|---|---|\n| one two three four five six | x |\n\nThis one is long enough.\n"
    assert grade_body(body).written.words == 5


def test_marks_and_syntax_are_not_read() -> None:
    plain = grade_body("It is a thing of beauty.").written
    marked = grade_body("It is a [thing](glossary:x) of **beauty**.[^a-very-long-key-indeed]").written
    assert plain == marked


def test_nothing_has_no_grade() -> None:
    read = grade([]).written
    assert (read.words, read.flesch_kincaid, read.smog, read.average, read.longest) == (0, 0.0, 0.0, 0.0, 0)
