"""What authors are told: the right line, what is wrong, what to do."""

from __future__ import annotations

import pytest

from procedures.rendering import MAX_BYTES, Problem, blocks, check, plain, used

from .conftest import REFERENCES


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n\nb\nc[^kybela-label]", 4, 'unknown source "kybela-label" (did you mean "kybella-label"?)'),
        ("a[^zzzzz]", 1, 'unknown source "zzzzz"'),
        ("- a\n- b[^zzzzz]", 2, 'unknown source "zzzzz"'),
        ("| a |\n|---|\n| [^zzzzz] |", 3, 'unknown source "zzzzz"'),
        ("## a\n\n# B", 3, '"#" is the title'),
        ("a\n\nTitle\n=====", 3, '"#" is the title'),
        ("### a", 1, 'jumps from level 1 to level 3 (write "##")'),
        ("## a\n\n#### b", 3, 'jumps from level 2 to level 4 (write "###")'),
        ("a\n\n![x](https://evil.example/x.png)", 3, "is not from the library"),
        ("![x](/media/x.png)", 1, "is not from the library"),
        ("![x](image:neddle)", 1, 'unknown image "neddle" (did you mean "needle"?)'),
        ("![](image:needle)", 1, "the picture has no words"),
        ("a ![x](image:needle) b", 1, "stands inside a sentence"),
        ("a\n\n::: emergancy\nb\n:::", 3, 'unknown block "::: emergancy" (did you mean "emergency"?)'),
        ("::: qqqq\nb\n:::", 1, "(known are emergency, same-day"),
        ("a\n\n::: emergency\nb\n", 3, '"::: emergency" is not closed'),
        ("::: emergency\n::: do\n- a\n:::\nb\n:::", 2, '"::: do" is not closed'),
        ("::: emergency\n::: do\n- a\n:::\nb\n:::", 6, '":::" closes nothing'),
        ("- ::: do\n  a\n", 1, '"::: do" is not closed'),
        ("::: check\n- a\n:::", 1, "has no question"),
        ("- a\n\n  ::: figure course\n", 3, "stands inside a list"),
        ("::: note\n::: figure course\n:::", 2, "stands inside a list, a quotation or a card"),
        ("a\n\n::: figure cuorse\n:::", 3, 'unknown figure "cuorse" (did you mean "course"?)'),
        ("::: figure", 1, "names no figure"),
        ("a\nb [x](javascript:alert(1))", 2, 'the link to "javascript:alert(1)" will not work'),
        ("[x](page.html)", 1, 'the link to "page.html" will not work'),
        ("[x](//evil.example/)", 1, "will not work"),
        ("[x](section:risk)", 1, 'unknown section "risk" (did you mean "risks"?)'),
        ("[x](guide:filler)", 1, 'unknown guide "filler" (did you mean "fillers"?)'),
        ("[x](glossary:mesodrem)", 1, 'unknown term "mesodrem" (did you mean "mesoderm"?)'),
        ("[x](image:needle)", 1, 'put "!" before the bracket'),
        ("a\n\n[^1]: A note", 3, "footnotes cannot be written"),
        (">" * 30 + " a", 1, "nested too deeply"),
    ],
)
def test_each_fault_is_named_on_its_line(text: str, line: int, words: str) -> None:
    found = check(text, REFERENCES)
    assert any(problem.line == line and words in problem.message for problem in found), found


def test_a_good_text_has_no_problems() -> None:
    text = (
        "## What it is\n\nIt [hurts](section:risks#pain).[^notice] [^trial-2008] See [the word](glossary:mesoderm).\n\n"
        "### More\n\n![A needle](image:needle)\n\n::: figure course\n:::\n\n::: figure days\n\n::: emergency\n- a\n:::\n\n"
        "## Last\n\n1. a\n2. b\n\n> q\n\n```\n# no heading\n::: nothing\n[^no]\n```\n\n| a | b |\n|---|---|\n| c | d |\n"
    )
    assert check(text, REFERENCES) == ()


def test_problems_come_in_the_order_of_their_lines() -> None:
    found = check("a[^q]\n\n[x](ftp://a.b)\n\n# t\n\n![](image:q)", REFERENCES)
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert {problem.line for problem in found} == {1, 3, 5, 7}


def test_windows_line_ends_and_odd_separators_keep_the_lines() -> None:
    assert check("a\u2028b\r\n\r\n::: do\r\nc\r\n:::\r\n", REFERENCES) == ()
    assert check("a\u2028b\r\n\r\nc[^zzzzz]", REFERENCES) == (Problem(3, 'unknown source "zzzzz"'),)


def test_a_body_over_60_kb_is_refused_and_one_of_60_kb_is_not() -> None:
    assert check("a" * MAX_BYTES, REFERENCES) == ()
    (problem,) = check("é" * (MAX_BYTES // 2) + "a", REFERENCES)
    assert problem == Problem(1, "the text is 60001 bytes long, the most is 60000 (divide it into two sections)")


def test_a_one_line_text_is_checked_as_one() -> None:
    assert check("*a*[^notice] [b](section:risks)", REFERENCES, inline=True) == ()
    assert check("# a", REFERENCES, inline=True) == ()
    assert "must be one line" in check("a\nb", REFERENCES, inline=True)[0].message
    assert "unknown source" in check("a[^zzzzz]", REFERENCES, inline=True)[0].message
    assert "stands inside a sentence" in check("![a](image:needle)", REFERENCES, inline=True)[0].message


def test_plain_text_has_no_marks_and_no_syntax() -> None:
    text = (
        "## A *b*\n\nc [^notice] **d** [e](section:risks).\nf\n\n- g\n- h[^trial-2008]\n\n| i | j |\n|--|--|\n| k | |\n\n"
        "::: emergency\nl &amp; m\n:::\n\n::: figure course\n:::\n\n![n o](image:needle)\n\n`p`\n\n    q\n"
    )
    assert plain(text) == "A b\nc d e. f\ng\nh\ni\nj\nk\nl & m\nn o\np\nq"
    assert plain("# *a*[^notice] b", inline=True) == "# a b"


def test_blocks_know_their_kind_marks_line_and_card() -> None:
    text = (
        "## A\n\nb[^notice] c[^x]\n\n- d\n\n  e\n\n| f |\n|---|\n| g[^x] |\n\n::: dont\nh\n\n- i\n:::\n\nT\n: j\n\n> k\n\n"
        "![l](image:needle)\n"
    )
    assert [(b.kind, b.text, b.marks, b.line, b.context) for b in blocks(text)] == [
        ("heading", "A", (), 1, ""),
        ("paragraph", "b c", ("notice", "x"), 3, ""),
        ("list-item", "d", (), 5, ""),
        ("list-item", "e", (), 7, ""),
        ("cell", "f", (), 9, ""),
        ("cell", "g", ("x",), 11, ""),
        ("card", "h", (), 14, "dont"),
        ("list-item", "i", (), 16, "dont"),
        ("list-item", "T", (), 19, ""),
        ("list-item", "j", (), 20, ""),
        ("paragraph", "k", (), 22, ""),
    ]


def test_used_names_every_key_known_or_not() -> None:
    found = used(
        "a[^m] [b](glossary:t) [c](section:s#x) [d](guide:g) ![e](image:i)\n\n::: figure f\n:::\n\n> [^n] [z](image:no)\n\n"
        "`[^code]`"
    )
    assert found.marks == {"m", "n"}
    assert (found.terms, found.sections, found.guides) == ({"t"}, {"s"}, {"g"})
    assert (found.images, found.figures) == ({"i"}, {"f"})
