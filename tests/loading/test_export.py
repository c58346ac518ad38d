"""Export: lossless, canonical, and only what was changed changes."""

from __future__ import annotations

import difflib
import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from procedures import models, publishing
from procedures.document import Section as SectionShape
from procedures.document import text_of
from procedures.loading import Result, plan, read, spooling
from procedures.loading.sides import file_side, row_side
from procedures.models import Agreed, CostItem, Edit, Guide, Image, Question, Section, Source
from tests.conftest import make_document, write_rows

from .conftest import picture, replace, tree, write_folder
from .test_load import in_admin, remove, result

pytestmark = pytest.mark.django_db

RISKS = "testing/risks.md"


@pytest.fixture
def loaded(folder: Path, run: Callable) -> Path:
    """A content folder with a picture and files the export does not know, loaded."""
    (folder / "images.yaml").write_text("- key: hall\n  words: A hall\n  credit: The clinic\n")
    (folder / "images").mkdir()
    (folder / "images/hall.png").write_bytes(picture("teal"))
    (folder / "testing/ledger.yaml").write_text("# the authors' own list\n")
    (folder / "testing/drafts").mkdir()
    (folder / "testing/drafts/note.md").write_text("later\n")
    assert run("load_content", folder).code == 0
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """The files an export knows."""
    return {name: data for name, data in tree(folder).items() if "ledger" not in name and "drafts" not in name}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, list[str]]:
    """Per file that differs, its removed and added lines."""
    found: dict[str, list[str]] = {}
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            old, new = (side.get(name, b"").decode("utf-8", "replace").splitlines() for side in (before, after))
            found[name] = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    return found


def test_from_the_database_alone_the_export_equals_the_folder_byte_for_byte(
    loaded: Path, run: Callable, tmp_path: Path
) -> None:
    shutil.move(loaded, tmp_path / "away")
    ran = run("export_content")
    assert ran.code == 0, ran.err
    assert tree(loaded) == content(tmp_path / "away")


def test_one_word_one_price_one_question_and_one_picture_appear_and_nothing_else(
    loaded: Path, run: Callable, tmp_path: Path, settings
) -> None:
    before = content(loaded)
    row = Section.objects.get(key="risks")
    in_admin(row, body=row.body.replace("you cannot breathe", "you can hardly breathe"))
    in_admin(CostItem.objects.get(key="old"), high=650)
    in_admin(Question(guide=Guide.objects.get(), key="who", question="Who gives it?", position=1))
    orange = picture("orange", size=(50, 30))
    from procedures import images

    in_admin(Image.objects.get(), file=images.keep(orange), width=50, height=30)
    ran = run("export_content", tmp_path / "out" / "content")
    assert ran.code == 0
    assert changed(before, content(tmp_path / "out" / "content")) == {
        "images/hall.png": changed({"images/hall.png": picture("teal")}, {"images/hall.png": orange})[
            "images/hall.png"
        ],
        "testing/guide.yaml": [
            "-     high: 600",
            "+     high: 650",
            "+   - key: who",
            "+     question: Who gives it?",
        ],
        RISKS: ["- - you cannot breathe[^agency-2020]", "+ - you can hardly breathe[^agency-2020]"],
    }
    assert (tmp_path / "out/content/images/hall.png").read_bytes() == orange
    assert run("export_content").code == 0
    assert content(loaded) == content(tmp_path / "out" / "content")


def test_a_file_that_says_the_same_stays_byte_for_byte(loaded: Path, run: Callable) -> None:
    guide, section = loaded / "testing/guide.yaml", loaded / RISKS
    guide.write_text(guide.read_text().replace("call: '911'", 'call: "911"') + "\n\n")
    section.write_bytes(section.read_bytes().replace(b"\n", b"\r\n"))
    before = tree(loaded)
    ran = run("export_content")
    assert ran.code == 0
    assert tree(loaded) == before
    assert "0 files written" in ran.out
    in_admin(CostItem.objects.get(key="old"), high=650)
    assert run("export_content").code == 0
    assert {name for name, data in tree(loaded).items() if before[name] != data} == {"testing/guide.yaml"}


def test_files_it_does_not_know_stay(loaded: Path, run: Callable) -> None:
    in_admin(CostItem.objects.get(key="old"), high=650)
    assert run("export_content").code == 0
    assert (loaded / "testing/ledger.yaml").read_text() == "# the authors' own list\n"
    assert (loaded / "testing/drafts/note.md").read_text() == "later\n"


def test_after_an_export_files_and_rows_agree(loaded: Path, run: Callable) -> None:
    in_admin(CostItem.objects.get(key="old"), high=650)
    assert result(loaded, "testing/guide.yaml#costs/old") is Result.KEPT
    edits = Edit.objects.count()
    assert run("export_content").code == 0
    assert {step.result for step in plan(read(loaded)).steps} == {Result.UNCHANGED}
    assert Edit.objects.count() == edits
    replace(loaded / "testing/guide.yaml", "high: 650", "high: 660")
    assert run("load_content", loaded).code == 0
    assert CostItem.objects.get(key="old").high == 660


def test_an_export_elsewhere_does_not_let_older_files_win(loaded: Path, run: Callable, tmp_path: Path) -> None:
    in_admin(CostItem.objects.get(key="old"), high=650)
    assert run("export_content", tmp_path / "copy").code == 0
    assert run("load_content", loaded).code == 0
    assert CostItem.objects.get(key="old").high == 650


def test_changes_nobody_has_loaded_are_not_written_over(loaded: Path, run: Callable) -> None:
    replace(loaded / RISKS, "title: Risks", "title: Perils")
    before = tree(loaded)
    ran = run("export_content")
    assert ran.code == 3
    assert "testing/risks.md: was changed in the files and not loaded" in ran.err
    assert tree(loaded) == before
    assert run("export_content", "--overwrite").code == 0
    assert "title: Risks" in (loaded / RISKS).read_text()


@pytest.mark.parametrize("later", ["Of an hour ago", "As loaded"])
def test_a_key_that_stands_twice_is_not_written_over(later: str, loaded: Path, run: Callable) -> None:
    path = loaded / "sources.yaml"
    first, rest = path.read_text().removeprefix("- key: ").split("- key: ", 1)
    changed = re.sub(r"(?m)^  title: .*$", "  title: Of an hour ago", first)
    assert changed != first
    both = (first, changed) if later == "Of an hour ago" else (changed, first)
    path.write_text("".join(f"- key: {entry}" for entry in (*both, rest)))
    in_admin(Source.objects.exclude(key=first.partition("\n")[0]).get(), note="Changed in the admin.")
    (texts,) = [text for unit, text in file_side(read(loaded)).texts.items() if unit.endswith(first.partition("\n")[0])]
    assert ("Of an hour ago" in texts) == (later == "Of an hour ago")
    before = tree(loaded)
    ran = run("export_content")
    assert ran.code == 3
    assert "sources.yaml: was changed in the files and not loaded" in ran.err
    assert tree(loaded) == before


def test_a_file_that_cannot_be_read_is_not_written_over(loaded: Path, run: Callable) -> None:
    (loaded / "testing/guide.yaml").write_text("kind: [\n")
    before = tree(loaded)
    assert run("export_content").code == 3
    assert tree(loaded) == before


def test_what_cannot_be_read_for_lack_of_room_is_not_written_over(
    loaded: Path, run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = loaded / "sources.yaml"
    entry = path.read_text().split("- key: ")[1]
    with path.open("a") as file:
        file.writelines(f"- key: of-today-{number}\n{entry.partition(chr(10))[2]}" for number in range(300))
    in_admin(Source.objects.order_by("pk")[0], note="Changed in the admin.")
    before, most = tree(loaded), resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(spooling, "IN_MEMORY", 1024)
    for few in (path.stat().st_size // 2, 100):  # too few for the author's file, or for the export itself
        resource.setrlimit(resource.RLIMIT_FSIZE, (few, most[1]))
        try:
            ran = run("export_content")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)
        assert ran.code == 1
        assert "the folder for temporary files cannot be written to: File too large" in ran.err
    assert tree(loaded) == before


def test_a_section_removed_in_the_admin_leaves_the_folder_loadable(loaded: Path, run: Callable) -> None:
    remove(Section.objects.get(key="costs"))
    ran = run("export_content")
    assert ran.code == 0
    assert "removed, as in the admin: testing/costs.md" in ran.out
    assert not (loaded / "testing/costs.md").exists()
    assert read(loaded).problems == ()
    assert {step.result for step in plan(read(loaded)).steps} == {Result.UNCHANGED}


def test_in_another_folder_left_over_files_are_named_and_stay(loaded: Path, run: Callable, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert run("export_content", other).code == 0
    remove(Section.objects.get(key="costs"))
    remove(Image.objects.get())
    ran = run("export_content", other)
    assert ran.code == 0
    assert "left over, no longer part of any guide: testing/costs.md" in ran.out
    assert "left over, no longer part of any guide: images/hall.png" in ran.out
    assert (other / "testing/costs.md").is_file()


@pytest.mark.parametrize("name", [RISKS, "testing", "sources.yaml"])
def test_links_are_not_followed(name: str, loaded: Path, run: Callable, tmp_path: Path) -> None:
    in_admin(CostItem.objects.get(key="old"), high=650)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(loaded / name, elsewhere)
    (loaded / name).symlink_to(elsewhere)
    before = tree(loaded), tree(tmp_path)
    ran = run("export_content")
    assert ran.code in (1, 3)
    assert run("export_content", "--overwrite").code == 1
    assert (tree(loaded), tree(tmp_path)) == before


def test_a_lost_picture_stops_the_export(loaded: Path, run: Callable, settings) -> None:
    (Path(settings.MEDIA_ROOT) / Image.objects.get().file).unlink()
    before = tree(loaded)
    ran = run("export_content")
    assert ran.code == 1
    assert "images.yaml#hall:1: the picture's file" in ran.err
    assert tree(loaded) == before


def test_nothing_to_export_is_said(run: Callable, tmp_path: Path) -> None:
    ran = run("export_content", tmp_path / "out")
    assert ran.code == 1
    assert "there is no guide in the database to export" in ran.err
    assert not (tmp_path / "out").exists()


def test_live_exports_what_the_public_sees(loaded: Path, run: Callable, tmp_path: Path) -> None:
    assert run("load_content", loaded, "--publish").code == 0
    in_admin(Section.objects.get(key="risks"), title="Not released yet")
    write_rows(make_document(folder="other", slug="other", title="Other"))
    agreed = list(Agreed.objects.order_by("pk").values())
    assert run("export_content", tmp_path / "live", "--live").code == 0
    assert "title: Risks" in (tmp_path / "live" / RISKS).read_text()
    assert not (tmp_path / "live/other").exists()
    live = Guide.objects.get(folder="testing").live
    assert live is not None
    exported = read(tmp_path / "live")
    assert exported.problems == ()
    assert exported.documents[0] == live.read()
    assert list(Agreed.objects.order_by("pk").values()) == agreed


def test_a_draft_with_faults_is_exported_and_its_faults_are_told(loaded: Path, run: Callable, tmp_path: Path) -> None:
    row = Section.objects.get(key="risks")
    Section.objects.filter(pk=row.pk).update(body="Half a sentence.[^nobody]\n")
    ran = run("export_content", tmp_path / "out")
    assert ran.code == 0
    assert 'to correct before it can be loaded: out/testing/risks.md:5: unknown source "nobody"' in ran.out
    assert "[^nobody]" in (tmp_path / "out/testing/risks.md").read_text()


def test_a_text_a_file_cannot_hold_is_refused_before_anything_is_written(loaded: Path, run: Callable) -> None:
    Section.objects.filter(key="risks").update(title="")
    before = tree(loaded)
    ran = run("export_content")
    assert ran.code == 1
    assert "`title` is missing" in ran.err
    assert tree(loaded) == before


def test_texts_full_of_yaml_signs_come_back_as_they_were(loaded: Path, run: Callable, tmp_path: Path) -> None:
    odd = [
        "no",
        "12:30",
        "0123",
        "2026-11-22",
        "a: b",
        "# x",
        "'",
        '"',
        "- x",
        " x ",
        "~",
        "1e3",
        "é",
        "\u2028x",
        "👩‍⚕️",
        "%",
        "{",
        "*a",
        "&a",
    ]
    guide = Guide.objects.get()
    for position, text in enumerate(odd, start=1):
        Question.objects.create(
            guide=guide, key=f"odd-{position}", question="Why?", why="", cites=[], position=position
        )
        Section.objects.create(guide=guide, key=f"odd-{position}", title=text, position=10 + position)
    assert run("export_content", tmp_path / "out").code == 0
    reading = read(tmp_path / "out")
    assert reading.problems == ()
    assert file_side(reading).texts == row_side().texts
    titles = {section.key: section.title for section in reading.documents[0].sections}
    assert [titles[f"odd-{position}"] for position in range(1, len(odd) + 1)] == odd


def test_with_the_content_folder_moved_away_an_export_equals_it_byte_for_byte(
    run: Callable, settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    content_folder = Path(settings.CONTENT_DIR)
    reading = read(content_folder)
    assert [str(problem) for problem in reading.problems] == []
    assert run("load_content", content_folder).code == 0
    settings.CONTENT_DIR = tmp_path / "moved-away"
    assert run("export_content", tmp_path / "out").code == 0
    shipped = {name: data for name, data in tree(content_folder).items() if "drafts" not in Path(name).parts}
    shipped.pop("mesotherapy/ledger.yaml")
    assert tree(tmp_path / "out") == shipped
    assert len(shipped) >= 15


def test_publishing_after_an_export_and_load_changes_no_word(loaded: Path, run: Callable, tmp_path: Path) -> None:
    assert run("load_content", loaded, "--publish").code == 0
    guide = Guide.objects.get()
    assert guide.live is not None
    before = guide.live.hash
    assert run("export_content", tmp_path / "out").code == 0
    assert run("load_content", tmp_path / "out", "--publish").code == 0
    guide.refresh_from_db()
    assert guide.live.hash == before
    assert guide.revisions.count() == 1
    assert publishing.frozen_document(guide) == guide.live.read()


def test_a_body_with_a_line_of_dashes_survives(loaded: Path, run: Callable, tmp_path: Path) -> None:
    row = Section.objects.get(key="costs")
    in_admin(row, body="Words.\n\n---\n\nMore: words\n\n    ---\n")
    assert run("export_content", tmp_path / "out").code == 0
    section = read(tmp_path / "out").documents[0].section("costs")
    assert section is not None
    assert section.body == row.body


def test_a_guide_of_the_smallest_kind_survives(folder: Path, run: Callable, tmp_path: Path) -> None:
    shutil.rmtree(folder)
    small = make_document(
        summary="", decision="", status=None, sections=(SectionShape(key="overview", title="Overview"),), answers=(), key_facts=(),
        stages=(), costs=(), options=(), questions=(), warning_signs=(), claims=(), figures=(), sources=(), terms=(),
    )  # fmt: skip
    write_folder(folder, [small])
    assert run("load_content", folder).code == 0
    assert run("export_content", tmp_path / "out").code == 0
    assert tree(tmp_path / "out") == tree(folder)
    assert text_of(read(folder).documents[0].sections[0]) == text_of(small.sections[0])
    assert models.Claim.objects.count() == 0
