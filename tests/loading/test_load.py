"""Loading: each row of the table of three ways, one transaction, and what a load leaves alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection

from procedures import loading, models
from procedures.document import Document, text_of, units
from procedures.loading import Conflict, Result, apply, plan, read
from procedures.loading.orders import merged, woven
from procedures.models import PARTS, Agreed, Edit, Guide, Image, Question, Section, part_of, record, working_document
from tests.conftest import make_document, write_rows

from .conftest import picture, replace, write_folder

pytestmark = pytest.mark.django_db

RISKS = "testing/risks.md"
PRICE = "testing/guide.yaml#costs/old"
QUESTIONS = "testing/guide.yaml#questions"


def result(folder: Path, unit: str) -> Result:
    return next(step.result for step in plan(read(folder)).steps if step.unit == unit)


def in_admin(row: Any, **values: Any) -> None:
    """Saves a row as the admin does."""
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    record(row.unit, text_of(part_of(row)), origin=Edit.Origin.ADMIN, guide=getattr(row, "guide", None))


def remove(row: Any) -> None:
    record(row.unit, "", origin=Edit.Origin.ADMIN, guide=getattr(row, "guide", None))
    row.delete()


def numbers() -> tuple[int, int]:
    return Edit.objects.count(), Agreed.objects.count()


def everything() -> dict[str, list[Any]]:
    """All rows that a load may write."""
    tables = [Guide, *PARTS.values(), *models.SHARED.values(), Agreed, Edit]
    return {table.__name__: list(table._default_manager.order_by("pk").values()) for table in tables}


@pytest.fixture
def loaded(folder: Path, run: Callable) -> Path:
    assert run("load_content", folder).code == 0
    return folder


def test_a_first_load_makes_rows_that_equal_the_files(loaded: Path) -> None:
    document = working_document(Guide.objects.get())
    assert units(document) == units(make_document())
    assert Edit.objects.filter(origin=Edit.Origin.FILE).count() == Edit.objects.count() > 20
    assert dict(Agreed.objects.values_list("unit", "text")).items() >= units(document).items()


def test_a_second_load_writes_nothing(loaded: Path, run: Callable, django_assert_num_queries) -> None:
    before = everything()
    ran = run("load_content", loaded)
    assert ran.code == 0
    assert ran.out.strip().endswith("unchanged")
    assert everything() == before


def test_units_that_are_nowhere_any_more_are_found_in_few_queries(
    loaded: Path, django_assert_max_num_queries: Any
) -> None:
    write_rows(make_document(folder="only-here", slug="only-here", title="Only here"))
    models.Source.objects.create(key="only-here", title="Only here", publisher="P", kind="paper", how="primary")
    gone = [f"gone-{number}/guide.yaml" for number in range(300)]
    gone += [f"{place}#gone-{number}" for number in range(300) for place in ("sources.yaml", "glossary.yaml")]
    gone += ["gone.yaml", "only-here/fr/guide.yaml"]
    there = ["only-here/guide.yaml#costs/gone", "sources.yaml#only-here"]
    Agreed.objects.bulk_create(Agreed(unit=unit, text="x") for unit in [*gone, *there])
    reading = read(loaded)
    with django_assert_max_num_queries(90):
        made = plan(reading)
    forgotten = {step.unit for step in made.steps if step.forgets}
    assert forgotten == {*gone, there[0]}


def test_a_guide_made_since_the_plan_is_not_written_over(folder: Path) -> None:
    first = plan(read(folder))
    made = []

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        """As in the admin, while the plan asks its last question."""
        if "procedures_agreed" in sql and "WHERE" not in sql and sql.startswith("SELECT") and not made:
            made.append(sql)
            Guide(**models.own_values(make_document(title="Of the admin"))).save()
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile), pytest.raises(loading.ContentError, match="the database refuses"):
        apply(first)
    assert made
    assert not Edit.objects.exists()


def test_a_changed_file_is_taken(loaded: Path, run: Callable) -> None:
    before = numbers()
    replace(loaded / RISKS, "you cannot breathe", "you can hardly breathe")
    assert result(loaded, RISKS) is Result.TAKEN
    assert run("load_content", loaded).code == 0
    assert "hardly" in Section.objects.get(key="risks").body
    assert numbers() == (before[0] + 1, before[1])
    assert Edit.objects.latest("pk").origin == Edit.Origin.FILE
    assert Agreed.objects.get(unit=RISKS).text == Edit.objects.latest("pk").text


def test_an_edit_in_the_admin_survives_the_next_load(loaded: Path, run: Callable) -> None:
    in_admin(Section.objects.get(key="risks"), title="What can go wrong")
    before = everything()
    ran = run("load_content", loaded, "-v2")
    assert ran.code == 0
    assert "testing/risks.md: kept: edited in the admin" in ran.out
    assert everything() == before


def test_the_same_change_on_both_sides_is_agreed_on(loaded: Path, run: Callable) -> None:
    in_admin(Section.objects.get(key="risks"), title="Perils")
    replace(loaded / RISKS, "title: Risks", "title: Perils")
    assert result(loaded, RISKS) is Result.AGREED
    edits = Edit.objects.count()
    assert run("load_content", loaded).code == 0
    assert Edit.objects.count() == edits
    assert "Perils" in Agreed.objects.get(unit=RISKS).text
    assert result(loaded, RISKS) is Result.UNCHANGED


def make_conflict(folder: Path) -> tuple[str, str]:
    """Changes one price on both sides; returns the texts of the file and of the row."""
    in_admin(models.CostItem.objects.get(key="old"), high=700)
    replace(folder / "testing/guide.yaml", "high: 600", "high: 800")
    step = next(step for step in plan(read(folder)).steps if step.unit == PRICE)
    assert step.result is Result.CONFLICT
    assert step.file
    assert step.row
    return step.file, step.row


def test_a_conflict_exits_3_writes_no_row_and_keeps_both_texts(loaded: Path, run: Callable) -> None:
    file, row = make_conflict(loaded)
    replace(loaded / RISKS, "you cannot breathe", "you can hardly breathe")
    agreed = list(Agreed.objects.order_by("pk").values())
    ran = run("load_content", loaded)
    assert ran.code == 3
    assert list(Agreed.objects.order_by("pk").values()) == agreed
    assert models.CostItem.objects.get(key="old").high == 700
    assert "hardly" not in Section.objects.get(key="risks").body
    assert {file, row} <= set(Edit.objects.filter(unit=PRICE).values_list("text", flat=True))
    assert Edit.objects.filter(unit=PRICE, text=file, origin=Edit.Origin.CONFLICT).count() == 1
    for words in (
        "testing/guide.yaml:",
        PRICE,
        "agreed before: 600",
        "file: 800",
        "admin: 700",
        f"--take file:{PRICE}",
    ):
        assert words in ran.err
    edits = Edit.objects.count()
    assert run("load_content", loaded).code == 3
    assert Edit.objects.count() == edits


def test_a_dry_run_has_the_same_exit_and_writes_nothing(loaded: Path, run: Callable) -> None:
    replace(loaded / RISKS, "you cannot breathe", "you can hardly breathe")
    before = everything()
    ran = run("load_content", loaded, "--dry-run")
    assert (ran.code, everything()) == (0, before)
    assert "1 taken" in ran.out
    make_conflict(loaded)
    before = everything()
    assert run("load_content", loaded, "--dry-run").code == 3
    assert everything() == before
    assert run("load_content", loaded, "--dry-run", "--take", f"file:{PRICE}").code == 0
    assert everything() == before


def test_taking_the_file_keeps_the_losing_text(loaded: Path, run: Callable) -> None:
    file, row = make_conflict(loaded)
    assert run("load_content", loaded, "--take", f"file:{PRICE}").code == 0
    assert models.CostItem.objects.get(key="old").high == 800
    assert Edit.objects.filter(unit=PRICE, text=row, origin=Edit.Origin.CONFLICT).exists()
    assert Edit.objects.filter(unit=PRICE, text=file, origin=Edit.Origin.FILE).exists()
    assert result(loaded, PRICE) is Result.UNCHANGED


def test_taking_the_database_keeps_the_losing_text_and_settles_it(loaded: Path, run: Callable) -> None:
    file, _row = make_conflict(loaded)
    assert run("load_content", loaded, "--take", f"db:{PRICE}").code == 0
    assert models.CostItem.objects.get(key="old").high == 700
    assert Edit.objects.filter(unit=PRICE, text=file, origin=Edit.Origin.CONFLICT).exists()
    before = everything()
    assert run("load_content", loaded).code == 0
    assert everything() == before
    assert result(loaded, PRICE) is Result.KEPT


def test_take_names_a_unit_that_exists(loaded: Path, run: Callable) -> None:
    ran = run("load_content", loaded, "--take", "file:testing/risk.md")
    assert ran.code == 1
    assert 'did you mean "testing/risks.md"?' in ran.err
    with pytest.raises(CommandError, match=r"write file:PATH or db:PATH"):
        run("load_content", loaded, "--take", "risks.md")


def test_new_in_files_is_created_new_and_equal_agreed_new_and_different_a_conflict(loaded: Path, run: Callable) -> None:
    added = "  - key: who\n    question: Who gives it?\n"
    replace(loaded / "testing/guide.yaml", "warning_signs:\n", f"{added}warning_signs:\n")
    unit = f"{QUESTIONS}/who"
    assert result(loaded, unit) is Result.CREATED
    row = Question(guide=Guide.objects.get(), key="who", question="Who gives it?", position=1)
    in_admin(row)
    assert result(loaded, unit) is Result.AGREED
    in_admin(row, why="Ask.")
    assert result(loaded, unit) is Result.CONFLICT
    assert run("load_content", loaded).code == 3
    remove(row)
    assert run("load_content", loaded).code == 0
    assert list(Question.objects.order_by("position").values_list("key", flat=True)) == ["what", "who"]


def test_gone_from_the_files_stays_in_the_database(loaded: Path, run: Callable) -> None:
    (loaded / "testing/costs.md").unlink()
    replace(loaded / "testing/guide.yaml", "  - costs\n", "")
    assert result(loaded, "testing/costs.md") is Result.MISSING
    ran = run("load_content", loaded, "-v2")
    assert ran.code == 0
    assert "testing/costs.md: kept: missing in files" in ran.out
    assert list(Section.objects.order_by("position").values_list("key", flat=True)) == ["overview", "risks", "costs"]
    before = everything()
    assert run("load_content", loaded).code == 0
    assert everything() == before


def test_removed_in_the_admin_stays_removed(loaded: Path, run: Callable) -> None:
    remove(Question.objects.get(key="what"))
    unit = f"{QUESTIONS}/what"
    assert result(loaded, unit) is Result.REMOVED
    before = everything()
    ran = run("load_content", loaded, "-v2")
    assert ran.code == 0
    assert f"{unit}: kept removed in the admin" in ran.out
    assert everything() == before
    replace(loaded / "testing/guide.yaml", "What is in it?", "What exactly is in it?")
    assert run("load_content", loaded).code == 0
    assert not Question.objects.exists()
    assert run("load_content", loaded, "--take", f"file:{unit}").code == 0
    assert Question.objects.get().question == "What exactly is in it?"


def test_gone_on_both_sides_is_forgotten(loaded: Path, run: Callable) -> None:
    remove(Section.objects.get(key="costs"))
    (loaded / "testing/costs.md").unlink()
    replace(loaded / "testing/guide.yaml", "  - costs\n", "")
    assert run("load_content", loaded).code == 0
    assert not Agreed.objects.filter(unit="testing/costs.md").exists()
    before = everything()
    assert run("load_content", loaded).code == 0
    assert everything() == before


def test_taking_the_file_for_a_missing_unit_removes_it(loaded: Path, run: Callable) -> None:
    (loaded / "testing/costs.md").unlink()
    replace(loaded / "testing/guide.yaml", "  - costs\n", "")
    row = Section.objects.get(key="costs")
    assert run("load_content", loaded, "--take", "file:testing/costs.md").code == 0
    assert not Section.objects.filter(key="costs").exists()
    assert Edit.objects.filter(
        unit="testing/costs.md", text=text_of(part_of(row)), origin=Edit.Origin.CONFLICT
    ).exists()
    before = everything()
    assert run("load_content", loaded).code == 0
    assert everything() == before


def test_a_load_stopped_at_its_last_file_leaves_the_database_as_it_was(loaded: Path, run: Callable) -> None:
    replace(loaded / RISKS, "you cannot breathe", "you can hardly breathe")
    replace(loaded / "testing/guide.yaml", "high: 600", "high: 800")
    last = sorted(path for path in loaded.rglob("*.md"))[-1]
    last.write_bytes(last.read_bytes() + b"\xff")
    before = everything()
    ran = run("load_content", loaded)
    assert (ran.code, everything()) == (1, before)
    assert ran.err.count(": ") == len(ran.err.splitlines())


def test_a_database_that_refuses_at_the_last_step_keeps_nothing(loaded: Path, settings, tmp_path: Path) -> None:
    (loaded / "images.yaml").write_text("- key: hall\n  words: A hall\n")
    (loaded / "images").mkdir()
    (loaded / "images/hall.png").write_bytes(picture())
    settings.MEDIA_ROOT = tmp_path / "file"
    (tmp_path / "file").write_text("not a folder")
    before = everything()
    with pytest.raises(OSError):
        apply(plan(read(loaded)))
    assert everything() == before


def test_an_edit_saved_between_plan_and_load_is_seen(loaded: Path) -> None:
    replace(loaded / "testing/guide.yaml", "high: 600", "high: 800")
    first = plan(read(loaded))
    assert not first.conflicts
    in_admin(models.CostItem.objects.get(key="old"), high=700)
    with pytest.raises(Conflict):
        apply(first)
    assert models.CostItem.objects.get(key="old").high == 700


def test_the_guides_own_fields_are_one_unit(loaded: Path, run: Callable) -> None:
    replace(loaded / "testing/guide.yaml", "title: Testing\n", "title: Tests\n")
    assert result(loaded, "testing/guide.yaml") is Result.TAKEN
    assert run("load_content", loaded).code == 0
    assert Guide.objects.get().title == "Tests"


def test_a_shared_row_is_compared_like_any_other(loaded: Path, run: Callable) -> None:
    replace(loaded / "glossary.yaml", "A thing that tests.", "A thing for tests.")
    in_admin(models.GlossaryTerm.objects.get(key="probe"), definition="Something that tests.")
    assert run("load_content", loaded).code == 3
    assert run("load_content", loaded, "--take", "db:glossary.yaml#probe").code == 0
    assert models.GlossaryTerm.objects.get(key="probe").definition == "Something that tests."


def test_a_picture_is_loaded_with_its_bytes_and_a_changed_one_is_another_file(
    loaded: Path, run: Callable, settings
) -> None:
    (loaded / "images.yaml").write_text("- key: hall\n  words: A hall\n")
    (loaded / "images").mkdir()
    (loaded / "images/hall.png").write_bytes(picture("teal"))
    assert run("load_content", loaded, "--dry-run").code == 0
    assert not Path(settings.MEDIA_ROOT).exists()
    assert run("load_content", loaded).code == 0
    first = Image.objects.get()
    assert (Path(settings.MEDIA_ROOT) / first.file).read_bytes() == picture("teal")
    assert (first.width, first.height) == (60, 40)
    (loaded / "images/hall.png").write_bytes(picture("orange", size=(50, 30)))
    assert result(loaded, "images.yaml#hall") is Result.TAKEN
    assert run("load_content", loaded).code == 0
    second = Image.objects.get()
    assert second.file != first.file
    assert second.width == 50
    assert (Path(settings.MEDIA_ROOT) / second.file).read_bytes() == picture("orange", size=(50, 30))


def arrange(keys: str) -> None:
    """Orders the questions as the admin's up and down buttons do; unknown keys are made."""
    guide = Guide.objects.get()
    for position, key in enumerate(keys):
        Question.objects.update_or_create(
            guide=guide, key=key, defaults={"position": position, "question": f"What is {key}?"}
        )
    Question.objects.exclude(key__in=keys).delete()


def write_questions(folder: Path, keys: str) -> None:
    from procedures.document import Question as Shape

    items = tuple(Shape(key=key, question=f"What is {key}?") for key in keys)
    write_folder(folder, [make_document(questions=items)])


def order() -> str:
    return "".join(Question.objects.order_by("position").values_list("key", flat=True))


@pytest.mark.parametrize(
    ("before", "file", "row", "after"),
    [
        ("abc", "acb", "abc", "acb"),  # moved in the file
        ("abc", "abc", "acb", "acb"),  # moved in the admin
        ("abc", "acb", "acb", "acb"),  # moved to the same place
        ("abc", "abcd", "xabc", "xabcd"),  # added on both sides
        ("abc", "adbc", "abcx", "adbcx"),
        ("abc", "cab", "abxc", "cabx"),  # moved in the file, added in the admin
        ("abc", "abcd", "cab", "cdab"),  # added in the file, moved in the admin
        ("abc", "bac", "ab", "ba"),  # moved in the file, removed in the admin
    ],
)
def test_orders_are_merged_when_both_sides_can_be_right(
    before: str, file: str, row: str, after: str, folder: Path, run: Callable
) -> None:
    write_questions(folder, before)
    assert run("load_content", folder).code == 0
    assert order() == before
    write_questions(folder, file)
    arrange(row)
    assert run("load_content", folder).code == 0
    assert order() == after
    rows = everything()
    assert run("load_content", folder).code == 0
    assert everything() == rows


def test_orders_that_contradict_each_other_are_a_conflict_of_their_own(folder: Path, run: Callable) -> None:
    write_questions(folder, "abc")
    run("load_content", folder)
    write_questions(folder, "bac")
    arrange("acb")
    ran = run("load_content", folder)
    assert ran.code == 3
    assert QUESTIONS in ran.err
    assert order() == "acb"
    assert run("load_content", folder, "--take", f"file:{QUESTIONS}").code == 0
    assert order() == "bac"
    assert Edit.objects.filter(unit=QUESTIONS, text='["a","c","b"]', origin=Edit.Origin.CONFLICT).exists()


def test_weaving_puts_an_entry_after_its_neighbour() -> None:
    assert woven("abc", "xaybzc") == list("xaybzc")
    assert woven("abc", "cxb") == list("abcx")
    assert merged("ba", "ab", None) is None


def test_white_space_around_a_body_is_no_difference(loaded: Path) -> None:
    row = Section.objects.get(key="risks")
    Section.objects.filter(pk=row.pk).update(body=f"\n\n{row.body.rstrip()}")
    assert result(loaded, RISKS) is Result.UNCHANGED


def test_rows_made_in_the_admin_alone_are_left_alone(loaded: Path, run: Callable) -> None:
    write_rows(make_document(folder="other", slug="other", title="Other"))
    before = everything()
    assert run("load_content", loaded).code == 0
    assert everything() == before


def test_a_guide_of_the_admin_keeps_its_address(folder: Path, run: Callable) -> None:
    write_rows(make_document(folder="other"))
    for words in ((), ("--dry-run",)):
        ran = run("load_content", folder, *words)
        assert ran.code == 1
        assert "content/testing/guide.yaml:2: `slug` 'testing' is already the address of other in the admin" in ran.err
    assert Guide.objects.count() == 1


def slugs() -> dict[str, str]:
    return dict(Guide.objects.values_list("folder", "slug"))


@pytest.mark.parametrize("count", [2, 3])
def test_guides_that_change_places_in_one_load_are_told_how(loaded: Path, run: Callable, count: int) -> None:
    names = ["testing", "again", "other"][:count]
    write_folder(loaded, [make_document(folder=name, slug=name, title=name) for name in names])
    assert run("load_content", loaded).code == 0
    before = everything()
    for name, wanted in zip(names, [*names[1:], names[0]], strict=True):
        replace(loaded / name / "guide.yaml", f"slug: {name}", f"slug: {wanted}")
    for words in ((), ("--dry-run",)):
        ran = run("load_content", loaded, *words)
        assert ran.code == 1
        assert ran.err.count("cannot change places in one load. Give one of them a third slug") == count
        assert "constraint" not in ran.err.lower()
    assert everything() == before
    replace(loaded / names[0] / "guide.yaml", f"slug: {names[1]}", "slug: third")
    assert run("load_content", loaded).code == 0, "the others move up, whoever is first in the folder"
    replace(loaded / names[0] / "guide.yaml", "slug: third", f"slug: {names[1]}")
    assert run("load_content", loaded).code == 0
    assert slugs() == dict(zip(names, [*names[1:], names[0]], strict=True))


def test_a_whole_guide_is_not_removed_by_a_load(loaded: Path, run: Callable) -> None:
    write_folder(loaded, [make_document(), second_guide()])
    assert run("load_content", loaded).code == 0
    shutil.rmtree(loaded / "laser")
    assert run("load_content", loaded).code == 0
    ran = run("load_content", loaded, "--take", "file:laser/guide.yaml")
    assert ran.code == 1
    assert "a whole guide is not removed by a load" in ran.err
    assert Guide.objects.count() == 2


def second_guide() -> Document:
    """Five sections, one of a kind of its own, no costs, no figures, terms and sources that overlap."""
    from procedures.document import Section as Shape

    keys = ("overview", "benefits", "risks", "how-we-chose", "recovery")
    return make_document(
        folder="laser",
        slug="laser",
        title="Laser",
        costs=(),
        figures=(),
        sections=tuple(
            Shape(key=key, title=key.capitalize(), body="See a [probe](glossary:probe).[^trial]\n") for key in keys
        ),
    )


def test_a_second_guide_of_another_shape_loads_beside_the_first(loaded: Path, run: Callable) -> None:
    write_folder(loaded, [make_document(), second_guide()])
    ran = run("load_content", loaded, "--publish")
    assert ran.code == 0, ran.err
    assert units(working_document(Guide.objects.get(folder="laser"))) == units(second_guide())
    assert {guide.folder for guide in Guide.objects.live()} == {"testing", "laser"}


def test_a_guide_in_spanish_loads_from_its_folder(loaded: Path, run: Callable) -> None:
    spanish = make_document(language="es", slug="pruebas", title="Pruebas")
    write_folder(loaded, [make_document(), spanish])
    assert (loaded / "testing/es/guide.yaml").is_file()
    assert run("load_content", loaded, "--publish").code == 0
    guide = Guide.objects.get(language="es")
    assert (guide.place, guide.title) == ("testing/es", "Pruebas")
    assert units(working_document(guide)) == units(spanish)
    assert Guide.objects.live().count() == 2


def test_guides_that_link_to_each_other_load(folder: Path, run: Callable) -> None:
    def linked(name: str, other: str) -> Document:
        from procedures.document import Section as Shape

        body = f"See [the other](guide:{other}).\n"
        return make_document(
            folder=name, slug=name, title=name, sections=(Shape(key="overview", title="x", body=body),), figures=()
        )

    shutil.rmtree(folder)
    write_folder(folder, [linked("one", "two"), linked("two", "one")])
    ran = run("load_content", folder, "--publish")
    assert (ran.code, ran.err) == (0, "")
    assert Guide.objects.live().count() == 2


def test_a_plan_asks_few_questions(loaded: Path, django_assert_max_num_queries) -> None:
    reading = read(loaded)
    with django_assert_max_num_queries(25):
        plan(reading)


def test_it_says_what_a_plan_would_do_in_one_line(folder: Path) -> None:
    assert plan(read(folder)).line().endswith("created")
    assert loading.counts(read(folder)) == "1 guide, 3 sections, 2 sources, 1 term, 0 pictures"
    assert connection.vendor in ("sqlite", "postgresql")
