"""YAML that is read strictly: what plain YAML guesses, drops or expands is refused with its line."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.loading import read
from procedures.loading.strict import DEEPEST, Node, Scalar, Table, parse
from procedures.loading.writing import to_yaml

HERE = Path(__file__).parent
HOSTILE: list[dict[str, Any]] = json.loads((HERE / "hostile_frontmatter.json").read_text())
LITERAL = {
    "float_title": "1e3",
    "slug_dup": "x",
    "template_injection": "{{ 7*7 }} {% load static %} {% debug %}",
    "xss_title": "</title><script>alert(1)</script>",
    "attr_break": '" onmouseover=alert(1) x="',
    "json_ld_break": "</script><script>alert(1)</script>",
    "crlf_eol": "x",
    "windows1252_quotes": "“x”",
}


def _meets(entry: dict[str, Any], folder: Path) -> None:
    yaml = entry["yaml"]
    front = base64.b64decode(yaml) if entry["name"].endswith("_b64") else yaml.encode("utf-8", "surrogatepass")
    (folder / "testing/costs.md").write_bytes(b"---\n" + front + b"---\n\nText.\n")
    reading = read(folder)
    wrong = [problem for problem in reading.problems if problem.path == "content/testing/costs.md"]
    if entry["expect"] == "refuse with path and line":
        assert wrong, "it was taken"
        last = (folder / "testing/costs.md").read_bytes().count(b"\n") + 1
        assert all(1 <= problem.line <= last for problem in wrong)
        assert len(str(wrong[0])) < 1000
    else:
        assert entry["expect"] == "load as literal text"
        assert [str(problem) for problem in wrong] == []
        section = reading.documents[0].section("costs")
        assert section is not None
        assert section.title == LITERAL[entry["name"]]


@pytest.mark.parametrize("entry", HOSTILE, ids=[entry["name"] for entry in HOSTILE])
def test_hostile_front_matter_meets_its_expectation(entry: dict[str, Any], folder: Path) -> None:
    _meets(entry, folder)


def test_the_list_of_hostile_front_matter_is_the_outside_one(corpora: Path) -> None:
    assert json.loads((corpora / "own/hostile_frontmatter.json").read_text()) == HOSTILE
    assert len(HOSTILE) == 63


def messages(text: str) -> list[tuple[int, str]]:
    return parse(text)[1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice (first in line 1)"),
        ("a: 1\nb: &x 2\n", 2, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!str 2\n", 2, "tag"),
        ("a: 1\n<<: {b: 2}\n", 2, "merge"),
        ("a: 1\n# why\nb: 2\n", 2, "comments would be lost"),
        ("a: 1\nb: 2 # why\n", 2, "comments would be lost"),
        ("a: | # why\n  text\n", 1, "comments would be lost"),
        ("a: 1\n---\nb: 2\n", 2, "only one document"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, "directives"),
        ("a: 1\nb: [1, 2", 2, "not YAML"),
        ("? [a]\n: 1\n", 1, "must be a word"),
        ("a: " + "[" * DEEPEST + "]" * DEEPEST, 1, f"more than {DEEPEST} deep"),
        ("a: 1\nb: x\u2028y\n", 2, "invisible mark"),
        ("a: 1\nb: x\uffffy\n", 2, "does not allow (U+FFFF)"),
        ('a: 1\nb: "\\0"\n', 2, "cannot be shown"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2, "not YAML"),
    ],
)
def test_what_would_be_guessed_or_lost_is_named_with_its_line(text: str, line: int, words: str) -> None:
    assert any(number == line and words in message for number, message in messages(text)), messages(text)


CHUNK = 5000  # more than PyYAML reads of a file at once
TEXTS = [
    "",
    "\n",
    "- a",
    "- é\n- 'ß\n  ü'\n",
    "- a: 1\n  b: [1, 2",
    "- a: \u2028\n",
    "- \uffff",
    "- *x\n- &y 1 # z\n",
    '- "\\0"\n',
]


@pytest.mark.parametrize("text", [*TEXTS, *("- long\n" + "- w€rd\n" * CHUNK + text for text in TEXTS)])
def test_a_file_read_in_pieces_is_what_its_text_is(text: str) -> None:
    kept: dict[str, list[Node]] = {"text": [], "file": []}
    whole = parse(text, each=kept["text"].append)
    assert parse(io.BytesIO(text.encode()), each=kept["file"].append) == whole
    assert kept["file"] == kept["text"]


def test_every_problem_of_a_file_is_told_not_the_first_only() -> None:
    found = messages("a: &x 1\nb: !!int 2\na: 3\n# why\nc: *x\n")
    assert [line for line, _ in found] == [1, 2, 3, 4, 5]


def test_a_hash_inside_a_text_is_no_comment() -> None:
    node, wrong = parse("a: no#comment\nb: '# neither'\nc: |\n  # nor this\n")
    assert wrong == []
    assert isinstance(node, Table)
    assert [entry.value.text for entry in node.entries.values() if isinstance(entry.value, Scalar)] == [
        "no#comment",
        "# neither",
        "# nor this\n",
    ]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
@settings(max_examples=300, deadline=None)
def test_any_text_survives_the_canonical_form(text: str) -> None:
    node, wrong = parse(to_yaml({"field": text, "list": [text, text]}))
    if "\ufffe" in text or "\uffff" in text:
        return
    assert wrong == []
    assert isinstance(node, Table)
    value = node.entries["field"].value
    assert isinstance(value, Scalar)
    assert (value.text, value.tag) == (text, "str")
