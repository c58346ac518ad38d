"""The two commands that tell authors what the editorial checks see, run on a copy of the shipped content."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def told_by(name: str, *arguments: object) -> tuple[str, int]:
    """What a command prints, and its exit code."""
    out = io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out)
    except SystemExit as leaving:
        return out.getvalue(), int(str(leaving.code))
    return out.getvalue(), 0


def change(path: Path, old: str, new: str) -> int:
    """Replaces a text once; the line it stood on."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_the_report_measures_every_section(folder: Path) -> None:
    told, _ = told_by("reading_report", folder)
    for key in ("overview", "benefits", "candidacy", "procedure", "recovery", "risks", "side-effects", "costs"):
        (line,) = [line for line in told.splitlines() if line.startswith(f"{key} ")]
        assert len(line.split()) == 9
    assert "the whole guide on one page" in told
    for kind in ("figure", "benefit", "risk"):
        assert f"{kind} statements: " in told
    assert told.count(" with a mark, 0 without") == 3


def test_the_report_lists_each_statement_with_its_place_and_marks(folder: Path) -> None:
    told, _ = told_by("reading_report", folder, "--list")
    lines = [line for line in told.splitlines() if line.startswith("content/mesotherapy/risks.md:")]
    assert any(": risk: " in line and "infection-423" in line for line in lines)
    path, number, _rest = lines[0].split(":", 2)
    assert 0 < int(number) <= len((folder.parent / path).read_text().splitlines())


def test_the_report_says_when_a_statement_has_no_mark(folder: Path) -> None:
    with (folder / "mesotherapy" / "risks.md").open("a") as risks:
        risks.write("\nInfection came in 5 in 100 people.\n")
    told, _ = told_by("reading_report", folder, "--list")
    assert told.count("NO MARK") == 2
    assert "figure statements" in told
    assert "1 without" in told


def test_the_report_refuses_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "mesotherapy" / "risks.md").write_text("no front matter")
    with pytest.raises(CommandError, match="Run check_content first"):
        call_command("reading_report", str(folder))


def test_the_shipped_content_passes_check_content(folder: Path) -> None:
    told, code = told_by("check_content", folder)
    assert code == 0, told
    assert ": error: " not in told


def test_check_content_finds_a_figure_whose_mark_was_removed(folder: Path) -> None:
    path = folder / "mesotherapy" / "risks.md"
    with path.open("a") as risks:
        risks.write("\n## Once more\n\nInfection came in 5 in 100 people.\n")
    number = len(path.read_text().splitlines())
    told, code = told_by("check_content", folder)
    assert code == 1
    assert f"content/mesotherapy/risks.md:{number}: error: “Infection came in 5 in 100 people.” gives a figure" in told


def test_check_content_finds_safe_added_to_a_sentence(folder: Path) -> None:
    number = change(folder / "mesotherapy" / "overview.md", "many tiny shots", "many safe tiny shots")
    told, _ = told_by("check_content", folder)
    assert f"content/mesotherapy/overview.md:{number}: warning: “safe” in" in told


def test_check_content_finds_kybellas_figure_without_kybella(folder: Path) -> None:
    path = folder / "mesotherapy" / "side-effects.md"
    with path.open("a") as file:
        file.write("\n## Once more\n\nOf 100 people, 87 had swelling.[^kybella-reactions]\n")
    told, code = told_by("check_content", folder)
    assert code == 1
    assert "gives a figure that comes from Kybella" in told


def test_check_content_finds_a_guide_without_an_emergency_sign(folder: Path) -> None:
    path = folder / "mesotherapy" / "guide.yaml"
    path.write_text(path.read_text().replace("urgency: emergency", "urgency: soon"))
    told, code = told_by("check_content", folder)
    assert code == 1
    assert "No warning sign has the urgency “emergency”" in told


def test_every_mark_of_a_statement_opens_to_a_source_and_the_states_of_the_cells_are_counted(folder: Path) -> None:
    told, _ = told_by("reading_report", folder)
    (marks,) = [line for line in told.splitlines() if line.startswith("marks: ")]
    assert re.match(r"marks: (\d+) different, \1 open to a source, 0 to none;", marks), marks
    (cells,) = [line for line in told.splitlines() if line.startswith("cells of the choice table: ")]
    total, *states = map(int, re.findall(r"\d+", cells))
    assert total == sum(states) == 55
    means = [float(mean) for mean in re.findall(r"cells, ([\d.]+) each", told)]
    assert len(means) == 5
    assert max(means) <= 1.25 * sum(means) / 5
    assert min(means) >= 0.75 * sum(means) / 5
    text = (folder / "mesotherapy" / "guide.yaml").read_text()
    (folder / "mesotherapy" / "guide.yaml").write_text(text.replace("state: not-looked-into", "text: Some words.", 1))
    changed, _ = told_by("reading_report", folder)
    assert f"{states[0] + 1} with a text" in changed
