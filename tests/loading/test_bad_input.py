"""Bad content files: each thing that is wrong is one line with path and line, exit 1, and nothing is written."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from procedures.document import Section
from procedures.loading import read
from procedures.models import Agreed, Edit, Guide, Source
from tests.conftest import make_document

from .conftest import picture, replace, tree, write_folder

pytestmark = pytest.mark.django_db

Change = Callable[[Path], object]


def lines(folder: Path) -> list[str]:
    return [str(problem) for problem in read(folder).problems]


def guide(before: str, after: str) -> Change:
    return lambda folder: replace(folder / "testing/guide.yaml", before, after)


def section(before: str, after: str) -> Change:
    return lambda folder: replace(folder / "testing/risks.md", before, after)


def write(name: str, data: bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return change


def link(name: str, to: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(to)

    return change


BAD: dict[str, tuple[Change, str]] = {
    "wrong key": (
        section("title: Risks", "titel: Risks"),
        'testing/risks.md:2: unknown field `titel` (did you mean "title"?)',
    ),
    "unknown source in a body": (
        section("[^agency-2020]", "[^agncy-2020]"),
        'testing/risks.md:10: unknown source "agncy-2020" (did you mean "agency-2020"?)',
    ),
    "unknown source in a list": (
        guide("    call: '911'\n    cites:\n      - agency-2020", "    call: '911'\n    cites:\n      - agncy-2020"),
        'testing/guide.yaml:169: unknown source "agncy-2020" (did you mean "agency-2020"?)',
    ),
    "duplicate key": (
        section("title: Risks", "title: Risks\ntitle: Perils"),
        "testing/risks.md:3: `title` stands twice",
    ),
    "duplicate slug": (
        section("title: Risks", "title: Risks\nslug: overview"),
        "testing/risks.md:3: `slug` 'overview' is already",
    ),
    "comment": (section("title: Risks", "title: Risks # why"), "testing/risks.md:2: comments would be lost"),
    "h1 in a body": (section("## What can", "# What can"), 'testing/risks.md:5: "#" is the title of the page'),
    "not UTF-8": (write("testing/risks.md", b"---\ntitle: Risks\n---\n\n\xe4\n"), "testing/risks.md:5: is not UTF-8"),
    "61 KB body": (
        write("testing/risks.md", b"---\ntitle: Risks\n---\n\n" + b"word " * 12_500),
        "testing/risks.md:5: `body` is 6",
    ),
    "link to a file": (link("testing/risks.md", "/etc/hostname"), "testing/risks.md:1: is a link to another place"),
    "link to a folder": (link("other", "/etc"), "content/other:1: is a link to another place"),
    "reserved slug of a guide": (
        guide("slug: testing", "slug: admin"),
        "testing/guide.yaml:2: `slug` 'admin' is an address",
    ),
    "reserved slug of a section": (
        section("title: Risks", "title: Risks\nslug: plan"),
        "testing/risks.md:3: `slug` 'plan' is an",
    ),
    "missing title": (section("title: Risks\n", "nav: Risks\n"), "testing/risks.md:1: `title` is missing"),
    "no front matter": (write("testing/risks.md", b"Text.\n"), "testing/risks.md:1: does not start with front matter"),
    "section not on the list": (
        write("testing/extra.md", b"---\ntitle: Extra\n---\n"),
        "testing/extra.md:1: is not in `sections:` of content/testing/guide.yaml",
    ),
    "section without a file": (
        lambda folder: (folder / "testing/risks.md").rename(folder / "testing/risk.md"),
        'testing/guide.yaml:17: there is no risks.md (did you mean "risk.md"?)',
    ),
    "misspelt shared file": (
        write("source.yaml", b"[]\n"),
        "content/source.yaml:1: is not a file the site knows (did you mean",
    ),
    "unquoted time": (guide("title: One hour", "title: 12:30"), ""),
    "number for text": (
        guide("  call: '911'\n  place", "  call: 911\n  place"),
        "`emergency.call` is text, but YAML reads 911 as a number",
    ),
    "text for a number": (guide("low: 200", "low: $200"), "`low` must be a whole number"),
    "leading zero": (guide("low: 200", "low: 0200"), "`low` must be a whole number"),
    "high below low": (guide("high: 600", "high: 6"), "`high` is smaller than `low`"),
    "a list for a text": (
        guide("title: Testing\n", "title: [Testing]\n"),
        "guide.yaml:4: `title` must be text, not a list",
    ),
    "a text for a list": (
        guide("    do:\n      - Sleep.", "    do: Sleep."),
        "`do` must be a list: one `- entry` a line",
    ),
    "unknown row of the table": (
        guide("      who_for:\n        text: Words.", "      who_fo:\n        text: Words."),
        'no row `who_fo` (did you mean "who_for"?)',
    ),
    "no cell, just words": (
        guide("      who_for:\n        text: Words.\n        cites:\n          - trial\n", "      who_for: Words.\n"),
        "`cells.who_for` must be {text",
    ),
    "an answer left out": (
        guide(
            "  - key: cost\n    text: Answer to cost.[^trial]\n    more: section:overview\n    cites:\n      - trial\n",
            "",
        ),
        "the answer `cost` is missing",
    ),
    "one name for a claim and a source": (
        guide("claims:\n  - key: trial", "claims:\n  - key: paper-2008"),
        "is a claim and a source at once",
    ),
    "unknown language": (
        guide("language: en", "language: es"),
        "guide.yaml:3: `language` is es, but the folder is for en (move it to testing/es/",
    ),
    "unknown figure": (
        lambda folder: replace(folder / "testing/costs.md", "::: figure course", "::: figure cours"),
        'testing/costs.md:7: unknown figure "cours" (did you mean "course"?)',
    ),
    "a script for a link": (
        section("[overview](section:overview)", "[overview](javascript:alert(1))"),
        "testing/risks.md:13: the link to",
    ),
    "entry of a picture without a file": (
        write("images.yaml", b"- key: hall\n  words: A hall\n"),
        "images.yaml:1: there is no file images/hall.",
    ),
    "picture without an entry": (
        write("images/hall.png", b"x"),
        "images/hall.png:1: belongs to no entry of images.yaml",
    ),
    "picture whose name is no text": (
        write(os.fsdecode(b"images/\xff.png"), b"x"),
        "images/?.png:1: belongs to no entry of images.yaml",
    ),
    "folder whose name is no text": (
        lambda folder: shutil.copytree(folder / "testing", folder / os.fsdecode(b"g\xff")),
        "g?/guide.yaml:1: `folder` must be small letters",
    ),
    "file larger than 1 MB": (
        write("testing/guide.yaml", b"a" * (1024 * 1024 + 1)),
        "guide.yaml:1: is larger than 1024 KB",
    ),
    "file of more values than a guide can have": (
        write("testing/guide.yaml", b"- a\n" * 20_001),
        "the file holds more than 20000 values",
    ),
    "texts without guide.yaml": (
        write("other/risks.md", b"---\ntitle: x\n---\n"),
        "content/other:1: holds texts but no guide.yaml",
    ),
}
BAD["unquoted time"] = (
    guide("text: One hour", "text: 12:30"),
    "`text` is text, but YAML reads 12:30 as a number; put it in quotes: '12:30'",
)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_path_and_line_and_nothing_is_written(name: str, folder: Path, run: Callable) -> None:
    change, sentence = BAD[name]
    change(folder)
    ran = run("load_content", folder)
    assert ran.code == 1
    assert any(sentence in line for line in ran.err.splitlines()), ran.err
    for line in ran.err.splitlines()[:-1]:
        path, number, message = line.split(":", 2)
        assert path.startswith("content")
        assert int(number) >= 1
        assert message.startswith(" ")
    assert run("load_content", folder, "--dry-run").code == 1
    assert not Guide.objects.exists()
    assert not Source.objects.exists()
    assert not Edit.objects.exists()
    assert not Agreed.objects.exists()


def test_good_files_have_no_problem(folder: Path) -> None:
    assert lines(folder) == []


def test_every_problem_is_told_at_once(folder: Path) -> None:
    names = ["wrong key", "unknown source in a list", "h1 in a body", "high below low", "misspelt shared file"]
    for name in names:
        BAD[name][0](folder)
    found = lines(folder)
    for name in names:
        assert any(BAD[name][1].partition(":")[2].split(": ")[-1][:20] in line for line in found), (name, found)


def test_one_mistake_is_one_line(folder: Path) -> None:
    guide("low: 200", "low: $200")(folder)
    section("title: Risks", "title: no")(folder)
    assert len(lines(folder)) == 2


def test_an_empty_or_missing_folder_is_an_error(tmp_path: Path, folder: Path, run: Callable) -> None:
    assert run("load_content", folder).code == 0
    before = Guide.objects.count()
    (tmp_path / "empty").mkdir()
    for name in ("empty", "missing"):
        ran = run("load_content", tmp_path / name)
        assert (ran.code, Guide.objects.count()) == (1, before)
        assert run("check_content", tmp_path / name).code == 1
    assert "holds no guide" in run("load_content", tmp_path / "empty").err
    assert "there is no such folder" in run("load_content", tmp_path / "missing").err


def test_two_guides_with_one_address_are_refused(folder: Path) -> None:
    shutil.copytree(folder / "testing", folder / "again")
    assert lines(folder) == [
        "content/testing/guide.yaml:2: `slug` 'testing' is already the address of again; choose another"
    ]


def test_one_guide_is_not_written_in_two_folders_of_one_language(folder: Path) -> None:
    shutil.copytree(folder / "testing", folder / "testing/en")
    assert lines(folder) == [
        "content/testing/en:1: is for the language of testing/ itself; move its files there, or name another language"
    ]


def test_a_page_of_the_site_may_not_hide_a_guide(folder: Path) -> None:
    site = make_document(
        folder="site", kind="site", slug="site", title="This site", status=None, emergency=None, decision="",
        answers=(), key_facts=(), stages=(), costs=(), options=(), questions=(), warning_signs=(), claims=(), figures=(),
        summary="", sections=(Section(key="testing", title="About testing", body="Words.\n"),),
    )  # fmt: skip
    write_folder(folder, [make_document(), site])
    assert lines(folder) == [
        "content/site/testing.md:1: `slug` 'testing' is already the address of testing; choose another"
    ]


def test_the_sites_own_pages_have_no_costs(folder: Path) -> None:
    text = (folder / "testing/guide.yaml").read_text().replace("kind: procedure", "kind: site")
    (folder / "testing/guide.yaml").write_text(text)
    assert any("`costs` does not belong to the site's own pages" in line for line in lines(folder))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("summary: What testing is.[^trial]", "summary: What testing is.[^nobody]"),  # a line of the guide's own
        ("  note: Nobody has checked it.", "  note: Nobody has checked it.[^nobody]"),  # inside a part
        ("      - Sleep.", "      - Sleep.[^nobody]"),  # an entry of a list
        ("      who_for:\n        text: Words.", "      who_for:\n        text: Words.[^nobody]"),  # a cell
        ("    question: What is in it?", "    question: What is in it?[^nobody]"),  # a line of a part
    ],
)
def test_marks_are_checked_in_every_kind_of_field_and_told_at_its_line(before: str, after: str, folder: Path) -> None:
    guide(before, after)(folder)
    text = (folder / "testing/guide.yaml").read_text()
    line = text.count("\n", 0, text.index("[^nobody]")) + 1
    assert lines(folder) == [f'content/testing/guide.yaml:{line}: unknown source "nobody"']


def test_a_definition_may_not_cite_the_claims_of_a_guide(folder: Path) -> None:
    replace(folder / "glossary.yaml", "A thing that tests.", "A thing that tests.[^trial]")
    assert any('glossary.yaml:5: unknown source "trial"' in line for line in lines(folder))


def test_a_key_that_stands_twice_among_the_sources_is_told_with_what_is_wrong_in_both(folder: Path) -> None:
    text = (folder / "sources.yaml").read_text()
    first, other = text.split("- key: ")[1:3]
    key = first.partition("\n")[0]
    (folder / "sources.yaml").write_text(text.replace("  how: primary\n", "  how: primry\n", 1) + f"- key: {first}")
    line = text.count("\n") + 1
    assert key != other.partition("\n")[0]
    assert f"content/sources.yaml:{line}: the key `{key}` stands twice in `sources`" in lines(folder)
    assert any("primry" in found or "`how`" in found for found in lines(folder))


def test_the_words_of_a_picture_are_checked_at_their_line(folder: Path) -> None:
    write("images.yaml", f"- key: hall\n  words: {'A hall ' * 60}\n- key: hall\n  credit: Me\n".encode())(folder)
    write("images/hall.png", picture())(folder)
    assert [found.partition(": ")[::2] for found in lines(folder)] == [
        ("content/images.yaml:3", "`words` is 419 characters long; at most 300 fit"),
        ("content/images.yaml:3", "the key `hall` stands twice in `images`"),
    ]


def test_a_picture_must_be_clean_and_named_for_its_type(folder: Path) -> None:
    write("images.yaml", b"- key: hall\n  words: A hall\n")(folder)
    write("images/hall.jpg", picture())(folder)
    assert lines(folder) == ["content/images/hall.jpg:1: is a picture of another type; call it hall.png"]
    (folder / "images/hall.jpg").unlink()
    write("images/hall.png", picture() + b"<script>alert(1)</script>")(folder)
    assert any("images/hall.png:1:" in line and "clean_image" in line for line in lines(folder))


def test_drafts_ledger_and_hidden_files_are_not_read(folder: Path) -> None:
    write("testing/drafts/notes.md", b"\xff")(folder)
    write("testing/ledger.yaml", b"# the authors' own list\n")(folder)
    write("testing/.hidden.md", b"\xff")(folder)
    write("README.md", b"Read me.\n")(folder)
    assert lines(folder) == []


def test_a_file_whose_name_is_no_text_is_told_without_breaking(folder: Path, run: Callable) -> None:
    (folder / "testing" / os.fsdecode(b"\xff.md")).write_text("x")
    ran = run("check_content", folder)
    assert ran.code == 1
    assert "content/testing/?.md:1: is not in `sections:`" in ran.out


def test_reading_changes_no_file(folder: Path, run: Callable) -> None:
    before = tree(folder)
    run("check_content", folder)
    run("load_content", folder)
    assert tree(folder) == before


def test_lines_are_told_right_in_files_with_windows_line_ends(folder: Path) -> None:
    path = folder / "testing/risks.md"
    section("[^agency-2020]", "[^nobody]")(folder)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert lines(folder) == ['content/testing/risks.md:10: unknown source "nobody"']


def test_a_document_of_the_wrong_shape_is_told_once_per_item(folder: Path) -> None:
    (folder / "testing/guide.yaml").write_text("- a\n- b\n")
    found = lines(folder)
    assert any("testing/guide.yaml:1: must be fields" in line for line in found)


def test_check_content_prints_the_counts_last(folder: Path, run: Callable) -> None:
    section("title: Risks", "titel: Risks")(folder)
    ran = run("check_content", folder)
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("1 guide, 3 sections, 2 sources, 1 term, 0 pictures: 2 errors")


def test_the_editorial_checks_are_told_with_path_and_line(folder: Path, run: Callable) -> None:
    document = make_document()
    harms = "## What can go wrong\n\nSee [overview](section:overview). In a study 37 of 100 people were hurt by it.\n"
    sections = tuple(
        dataclasses.replace(part, body=harms) if part.key == "risks" else part for part in document.sections
    )
    write_folder(folder, [dataclasses.replace(document, sections=sections)])
    ran = run("check_content", folder)
    assert any(line.startswith("content/testing/risks.md:7: ") for line in ran.out.splitlines()), ran.out
