"""A page: marks are numbered, links follow keys, cards and tables are named in words, figures are pieces."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils.safestring import SafeString
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.rendering import Heading, Link, Page, Picture, References, blocks, check, heading_id, plain, used
from procedures.rendering.safe import clean

from .conftest import REFERENCES, html
from .detector import forbidden

PARTS = (
    *(
        "# ",
        "## ",
        "### ",
        "- ",
        "1. ",
        "> ",
        "    ",
        "\n",
        "\n\n",
        ":::",
        "::::",
        " ",
        "emergency",
        "do",
        "check",
        "note",
    ),
    *("::: figure course\n", "\n:::\n", "[^", "trial-2008", "]", "[", "](", ")", "![", "image:needle", "section:risks"),
    *(
        "glossary:",
        "mesoderm",
        "#a",
        "<",
        ">",
        "&",
        "&#106;",
        "\\",
        "`",
        "```",
        "*",
        "_",
        "~",
        ": ",
        "|",
        "\n| a | b |\n",
    ),
    *(
        "|---|---|\n",
        "word",
        "é",
        "\x00",
        "\ud800",
        "\u202e",
        "\ufffe",
        "https://a.org",
        "javascript:",
        "//x",
        "\t",
        "\r",
    ),
    *('"', "'", "=", "---", "<b onclick=x>", "</div>", "<!--"),
)
SYNTAX = st.lists(st.sampled_from(PARTS), max_size=60).map("".join)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=())), SYNTAX)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_renders_well_formed_and_stays_the_same_when_cleaned_again(text: str) -> None:
    page = Page(REFERENCES)
    for out in (*(piece.html for piece in page.body(text)), page.line(text)):
        assert isinstance(out, SafeString)
        assert forbidden(out) == []
        assert clean(out) == out


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_checked_and_read(text: str) -> None:
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= problem.line <= lines and problem.message for problem in check(text, REFERENCES))
    assert all(block.text and 1 <= block.line <= lines for block in blocks(text))
    assert used(text).marks >= {key for block in blocks(text) for key in block.marks}
    plain(text)
    plain(text, inline=True)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_page_without_problems_shows_no_unknown_key(text: str) -> None:
    if not check(text, REFERENCES):
        assert 'class="unknown"' not in html(text)


def test_marks_are_numbered_in_order_of_first_use_across_the_page(sheet: Page) -> None:
    assert 'href="#source-1"' in sheet.line("a[^trial-2008]")
    first = sheet.body("b[^notice] c[^trial-2008]")[0].html
    assert sheet.marks(["kybella-label"]) == (
        '<sup class="mark"><a href="#source-3" aria-label="Source 3: Kybella label, FDA">3</a></sup>'
    )
    assert 'href="#source-2"' in first
    assert 'href="#source-1"' in first
    assert sheet.cited == ("trial-2008", "notice", "kybella-label")


def test_neighbouring_marks_are_kept_apart_and_follow_their_word(sheet: Page) -> None:
    out = sheet.line("word [^notice] [^trial-2008], next")
    assert out.startswith('word<sup class="mark">')
    assert '</sup><sup class="mark-separator">, </sup><sup class="mark">' in out
    assert out.endswith("</sup>, next")
    assert sheet.marks(["notice", "trial-2008"]).count("mark-separator") == 1


def test_an_unknown_key_is_seen_and_not_counted(sheet: Page) -> None:
    assert sheet.line("a[^nope]") == 'a<span class="unknown">[?nope]</span>'
    assert sheet.cited == ()


def test_a_mark_is_spoken_in_the_page_s_language(sheet: Page) -> None:
    with override("en"):
        assert 'aria-label="Source 1: FDA notice"' in sheet.marks(["notice"])


def test_marks_in_code_and_escaped_marks_stay_text(sheet: Page) -> None:
    assert sheet.line("`[^notice]` \\[^notice]") == "<code>[^notice]</code> [^notice]"
    assert sheet.cited == ()


def test_links_by_key_survive_a_changed_slug() -> None:
    assert '<a href="/mesotherapy/risks/">r</a>' in html("[r](section:risks)")
    assert '<a href="/mesotherapy/risks/#what-to-do">r</a>' in html("[r](section:risks#what-to-do)")
    assert '<a href="#costs-what">c</a>' in html("[c](section:costs#what)")
    assert '<a href="/fillers/">f</a>' in html("[f](guide:fillers)")
    out = html("[m](glossary:mesoderm)")
    assert '<a class="term" href="/glossary/#mesoderm" title="A layer of the &quot;embryo&quot;">m</a>' in out


def test_a_link_to_an_unknown_key_leaves_its_words() -> None:
    text = "[a](section:no) [b](glossary:no) [c](guide:no) [d](image:needle) [e](page.html) [f](/a\\b)"
    assert html(text) == "<p>a b c d e f</p>\n"


def test_outside_links_get_rel_and_nothing_else() -> None:
    assert html('[x](https://a.org/b?c=d&e=f#g "title")') == (
        '<p><a href="https://a.org/b?c=d&amp;e=f#g" rel="noopener noreferrer">x</a></p>\n'
    )
    assert html("[x](/a/?q=b#c)") == '<p><a href="/a/?q=b#c">x</a></p>\n'
    assert html("<who@clinic.example>") == '<p><a href="mailto:who@clinic.example">who@clinic.example</a></p>\n'


@pytest.mark.parametrize(
    "url",
    [
        "https://www.fda.gov/drugs/a_(b)?x=1#y",
        "https://en.wikipedia.org/wiki/Crohn%27s_disease",
        "https://doi.org/10.1002/(SICI)1097-0126(199709)10:3%3C1::AID%3E3.0.CO;2-X",
        "http://clinic.example:8080/",
        "tel:+1-800-222-1222",
        "mailto:first.last+tag@clinic.example",
        "/es/mesoterapia/riesgos/",
        "/terapéutica/",
        "/preview/eyJh:1abc-_x/risks/",
        "#café",
    ],
)
def test_addresses_people_mean_are_live(url: str) -> None:
    assert "<a href=" in html(f"[x](<{url}>)")
    assert check(f"[x](<{url}>)", REFERENCES) == ()


def test_a_picture_of_the_library_stands_alone_with_size_and_words() -> None:
    assert html("![A *fine* needle](image:needle)") == (
        '<figure class="picture"><img src="/media/0a1b.webp" width="640" height="480" alt="A fine needle"'
        ' decoding="async"></figure>\n'
    )
    assert ' alt="Later" loading="lazy" decoding="async">' in html("Words first.\n\n![Later](image:needle)")
    assert "<figcaption>A. &lt;Photographer&gt;</figcaption>" in html("![x](image:credited)")


def test_any_other_picture_leaves_its_words() -> None:
    assert html("![words](https://evil.example/x.png)") == "<p>words</p>\n"
    assert html("![words](image:gone)") == "<p>words</p>\n"
    assert html("in ![the](image:needle) text") == "<p>in the text</p>\n"
    assert Page(REFERENCES).line("![the](image:needle)") == "the"


def test_figures_are_pieces_between_runs_of_html(sheet: Page) -> None:
    pieces = sheet.body("a\n\n::: figure course\n:::\n\n::: figure days\n\nb\n")
    assert [(piece.figure, piece.html) for piece in pieces] == [
        ("", "<p>a</p>\n"),
        ("course", ""),
        ("days", ""),
        ("", "<p>b</p>\n"),
    ]


def test_an_unknown_or_nested_figure_is_seen(sheet: Page) -> None:
    assert "[?nope]" in html("::: figure nope\n:::")
    assert "[?course]" in html("- a\n\n  ::: figure course\n")
    assert "{figure" not in html("> ::: figure course\n")


def test_cards_say_their_urgency_in_words() -> None:
    for name, words in (("emergency", "Emergency: "), ("same-day", "Same day: "), ("soon", "Soon: ")):
        out = html(f"::: {name}\n- cannot breathe\n:::\n")
        assert out.startswith(f'<div class="care care-{name}" role="group" aria-label="')
        assert f'<p class="care-label">{words}' in out
        assert "<li>cannot breathe</li>" in out


def test_lists_notes_and_titles() -> None:
    assert '<div class="do" role="group" aria-label="Do"><p class="do-label">Do</p>' in html("::: do\n- a\n:::")
    assert '<p class="dont-label">Do not</p>' in html("::: dont\n- a\n:::")
    assert html("::: note Read *this*\na\n:::") == (
        '<div class="note" role="note">\n<p class="card-title">Read <em>this</em></p>\n<p>a</p>\n</div>\n'
    )


def test_a_check_is_a_question_that_opens() -> None:
    expected = '<details class="check"><summary>Who may inject?</summary>\n<p>A nurse.</p>\n</details>\n'
    assert html("::: check\nWho may inject?\n\nA nurse.\n:::") == expected
    assert html("::: check Who may inject?\nA nurse.\n:::") == expected
    assert "<summary>Know it yourself</summary>" in html("::: check\n- a\n:::")


def test_a_card_can_hold_another_with_one_colon_less() -> None:
    text = ":::: emergency\nCall.\n\n::: do\n- sit up\n:::\n\nThen wait.\n::::\n\nAfter.\n"
    out = html(text)
    assert check(text, REFERENCES) == ()
    assert out.index('class="do"') < out.index("Then wait.") < out.rindex("</div>") < out.index("After.")
    assert [block.context for block in blocks(text)] == ["emergency", "do", "emergency", ""]


def test_an_unknown_card_keeps_its_text() -> None:
    assert html("::: danger\nHelp\n:::") == "<div>\n<p>Help</p>\n</div>\n"


def test_tables_scroll_in_a_box_named_by_their_headers() -> None:
    table = "| What | Price |\n|------|-----:|\n| *One* | 2 |\n"
    out = html(f"{table}\n{table}")
    assert '<div class="table" role="region" tabindex="0" aria-label="Table: What, Price"><table>' in out
    assert 'aria-label="Table: What, Price (2)"' in out
    assert '<th scope="col">What</th>' in out
    assert '<td class="align-right">2</td>' in out


def test_an_empty_corner_makes_the_first_column_headers() -> None:
    out = html("| | Now |\n|--|--|\n| Pain | mild |\n")
    assert "<td></td>" in out
    assert '<th scope="row">Pain</th>' in out


def test_definition_lists() -> None:
    assert html("Bruise\n: blood under the skin") == ("<dl>\n<dt>Bruise</dt>\n<dd>blood under the skin</dd>\n</dl>\n")


def test_heading_ids_are_unique_unicode_and_never_the_page_s_own(sheet: Page) -> None:
    sheet.body(
        "## What it is\n\n## What it is\n\n## Qué es\n\n## Main\n\n## Source 1\n\n## Mark\n\n## ***\n\n## 日本語\n"
    )
    assert [heading.id for heading in sheet.headings] == [
        "what-it-is",
        "what-it-is-2",
        "qué-es",
        "about-main",
        "about-source-1",
        "about-mark",
        "part",
        "日本語",
    ]


def test_a_heading_does_not_take_an_id_of_the_template() -> None:
    page = Page(REFERENCES, id_prefix="p-", reserved={"p-sources"})
    page.body("## Sources")
    assert page.headings[0].id == "p-sources-2"


def test_many_threads_render_the_same() -> None:
    text = "## A\n\nb[^notice] | [c](section:risks)\n\n::: emergency\n- d\n:::\n\n| e |\n|---|\n| f |\n" * 5
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(html, [text] * 200))) == 1


def test_heading_ids_stay_unique_when_a_text_imitates_the_numbering(sheet: Page) -> None:
    sheet.body("## A\n\n## A 2\n\n## A\n\n## A\n\n## A 2\n")
    ids = [heading.id for heading in sheet.headings]
    assert len(set(ids)) == 5, ids


def test_the_whole_guide_shifts_and_prefixes_headings(sheet: Page) -> None:
    out = sheet.body("## Cost *now*[^notice]\n\n[up](#cost-now) [else](#other)", id_prefix="costs-", heading_shift=1)[
        0
    ].html
    assert '<h3 id="costs-cost-now">Cost <em>now</em><sup' in out
    assert '<a href="#costs-cost-now">up</a> <a href="#other">else</a>' in out
    assert sheet.headings == (Heading(3, "costs-cost-now", "Cost now"),)
    assert heading_id("Cost now") == "cost-now"


def test_a_level_one_heading_becomes_a_second_level_one() -> None:
    assert html("# Title") == '<h2 id="title">Title</h2>\n'


def test_a_line_has_no_blocks(sheet: Page) -> None:
    assert sheet.line("# *a* <b>") == "# <em>a</em> &lt;b&gt;"
    assert sheet.line("- a\n- b") == "- a\n- b"


def test_control_characters_become_visible() -> None:
    assert html("a\x00b\x07c\ud800d") == "<p>a\ufffdb\ufffdc\ufffdd</p>\n"


def test_records_may_be_left_out() -> None:
    assert Page(References()).line("a[^b]") == 'a<span class="unknown">[?b]</span>'
    assert Link("/", "").url == "/"
    assert Picture("/", 1, 1).credit == ""
