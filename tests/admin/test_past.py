"""History: every save and every handed-in text can be read, compared and brought back, and by whom."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procedures import publishing
from procedures.document import encode, fingerprint
from procedures.models import Edit, Guide, Source

from .paper import read, said, save


def hub(guide: Guide, step: str = "change") -> str:
    return f"/admin/procedures/guide/{guide.pk}/{step}/"


def section(guide: Guide, step: str = "change") -> str:
    return f"/admin/procedures/section/{guide.sections.get(key='overview').pk}/{step}/"


def write(client, guide: Guide, body: str) -> None:  # type: ignore[no-untyped-def]
    assert "Saved" in said(save(client, section(guide), "section_form", body=body))


def words(html: str) -> list[tuple[str, str]]:
    """What is marked as old or new on a page."""
    plain = re.sub(r"<span class=\"visually-hidden\">.*?</span>", "", html)
    return re.findall(r"<(ins|del)>(.*?)</(?:ins|del)>", plain, re.S)


def test_every_save_of_a_section_is_there_with_its_words_and_its_author(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, anton = at_desk("ana", "Author"), at_desk("anton", "Author")
    write(ana, guide, "One two three.\n")
    write(anton, guide, "One 2 three.\n")
    shown = ana.get(section(guide, "history"))
    text = shown.content.decode()
    assert words(text) == [("del", "two"), ("ins", "2")]
    assert text.index("anton") < text.index(">ana,")
    assert "The first save that was kept." in text


def test_a_page_says_who_changed_it_last(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana, anton = at_desk("ana", "Author"), at_desk("anton", "Author")
    assert "Last changed" not in ana.get(section(guide)).content.decode()
    write(anton, guide, "One two three.\n")
    assert re.search(r"Last changed by anton, just now", ana.get(section(guide)).content.decode())
    save(anton, hub(guide), "guide_form", summary="Other.", **{"key_facts-0-label": "Hours"})
    for path, times in ((hub(guide), 2), (hub(guide, "list/costs"), 0)):
        assert len(re.findall(r"Last changed by anton", ana.get(path).content.decode())) == times
    source = f"/admin/procedures/source/{Source.objects.get(key='paper-2008').pk}/change/"
    save(anton, source, "source_form", title="A paper")
    assert "Last changed by anton" in ana.get(source).content.decode()


def test_a_part_without_a_page_of_its_own_has_its_history_too(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    for high in (700, 800):
        save(ana, hub(guide, "list/costs"), "guide_form", **{"costs-0-high": high})
    overview = ana.get(hub(guide, "history")).content.decode()
    (address,) = set(re.findall(r'href="([^"]*/saves/\?unit=[^"]*)"', overview))
    assert "Costs: One session" in overview
    shown = ana.get(address.replace("&amp;", "&"))
    assert words(shown.content.decode()) == [("del", "700"), ("ins", "800")]
    assert ana.get(hub(guide, "saves") + "?unit=nothing").status_code == 404


def test_a_long_history_is_told_in_pages_without_losing_a_comparison(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    unit = guide.sections.get(key="overview").unit
    for number in range(23):
        Edit.objects.create(
            guide=guide,
            unit=unit,
            text=f'{{"body":"Word{number}","key":"overview"}}',
            origin="admin",
            at="2026-01-01T00:00Z",
        )
    first, second = (words(ana.get(section(guide, "history") + f"?page={page}").content.decode()) for page in (1, 2))
    assert len(first) == 40
    assert first[-2:] == [("del", "Word2"), ("ins", "Word3")]
    assert second == [("del", "Word1"), ("ins", "Word2"), ("del", "Word0"), ("ins", "Word1")]


def test_words_that_lost_a_conflict_are_kept_and_compared_with_what_stood(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    unit = guide.sections.get(key="overview").unit
    for body, origin in [("Stood", "admin"), ("Lost", "conflict"), ("Stands", "admin")]:
        Edit.objects.create(guide=guide, unit=unit, text=f'{{"body":"{body}"}}', origin=origin, at="2026-01-01T00:00Z")
    text = ana.get(section(guide, "history")).content.decode()
    assert words(text) == [("del", "Stood"), ("ins", "Stands"), ("del", "Stood"), ("ins", "Lost")]
    assert "not taken: somebody else saved first" in text


def test_any_two_saves_of_a_piece_are_compared_word_by_word(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    for body in ("One two.\n", "One 2.\n", "1 2.\n"):
        write(ana, guide, body)
    first, _second, third = Edit.objects.order_by("pk").values_list("pk", flat=True)
    path = section(guide, "history")
    assert set(read(ana.get(path)).forms) >= {"two_form"}
    two = ana.get(path, {"old": first, "new": third}).context["two"]
    assert [(piece.kind, piece.text) for piece in two["fields"][0].pieces] == [
        ("removed", "One two"),
        ("added", "1 2"),
        ("same", ".\n"),
    ]
    source = Source.objects.get(key="paper-2008")
    save(ana, f"/admin/procedures/source/{source.pk}/change/", "source_form", title="A paper")
    other = Edit.objects.latest("pk").pk
    for old, new in ((first, other), (first, "x"), ("", third), (first, 10**30), (first, "²")):
        answer = ana.get(path, {"old": old, "new": new})
        assert (answer.status_code, answer.context["two"]) == (200, None)


def test_a_source_has_a_history(guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    path = f"/admin/procedures/source/{Source.objects.get(key='paper-2008').pk}"
    for title in ("A paper", "A study"):
        save(ana, f"{path}/change/", "source_form", title=title)
    assert words(ana.get(f"{path}/history/").content.decode()) == [("del", "paper"), ("ins", "study")]


def test_any_two_handed_in_texts_and_the_draft_are_compared(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    for body in ("First words.\n", "Second words.\n"):
        write(ana, live_guide, body)
        ana.post(hub(live_guide, "send"), {"kind": "wording", "note": body})
    write(ana, live_guide, "Third words.\n")
    one, two, three = live_guide.revisions.order_by("number")
    page = ana.get(hub(live_guide, "history"))
    assert read(page).forms["compare_form"] == {"old": str(two.pk), "new": str(three.pk)}
    path = hub(live_guide, "compare")
    assert words(ana.get(path, {"old": two.pk, "new": three.pk}).content.decode()) == [
        ("del", "First"),
        ("ins", "Second"),
    ]
    assert words(ana.get(path, {"old": three.pk, "new": "draft"}).content.decode()) == [
        ("del", "Second"),
        ("ins", "Third"),
    ]
    assert "word for word" in ana.get(path, {"old": one.pk, "new": one.pk}).content.decode()
    for bad in (
        {"old": "x", "new": "draft"},
        {"new": "draft"},
        {"old": "999", "new": "draft"},
        {"old": "²", "new": "1"},
    ):
        assert ana.get(path, bad).status_code == 404


def test_a_text_of_another_guide_is_not_compared(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    from ..conftest import make_document, write_rows

    other = write_rows(make_document(folder="other", slug="other", title="Other"))
    answer = at_desk("ana", "Author").get(hub(other, "compare"), {"old": live_guide.live.pk, "new": "draft"})  # type: ignore[union-attr]
    assert answer.status_code == 404


def test_an_older_text_is_brought_back_as_draft_with_an_identical_fingerprint(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")
    write(ana, live_guide, "Quite other words.\n")
    path = f"/admin/procedures/revision/{live_guide.live.pk}/bring-back/"  # type: ignore[union-attr]
    assert path in ana.get(hub(live_guide, "history")).content.decode()
    shown = ana.get(path).content.decode()
    assert any("Quite other words" in text for kind, text in words(shown) if kind == "del")
    assert fingerprint(encode(publishing.frozen_document(live_guide))) != live_guide.live.hash  # type: ignore[union-attr]
    answer = ana.post(path, follow=True)
    assert "is the draft again" in said(answer)
    assert fingerprint(encode(publishing.frozen_document(live_guide))) == live_guide.live.hash  # type: ignore[union-attr]
    assert "brought back" in ana.get(section(live_guide, "history")).content.decode()
    assert "Nothing: the draft says the same." in ana.get(path).content.decode()


def test_a_refused_return_is_an_error_and_changes_nothing(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    from ..conftest import make_document, write_rows

    ana = at_desk("ana", "Author")
    Guide.objects.filter(pk=live_guide.pk).update(slug="moved")
    write_rows(make_document(folder="other", title="Other"))
    before = Edit.objects.count()
    answer = ana.post(f"/admin/procedures/revision/{live_guide.live.pk}/bring-back/")  # type: ignore[union-attr]
    assert answer.status_code == 409
    assert "belongs to “Other” now" in said(answer)
    assert Edit.objects.count() == before


@pytest.mark.parametrize("role", ["Medical reviewer", "Publisher"])
def test_others_read_all_history_and_bring_nothing_back(live_guide: Guide, at_desk, client, role: str) -> None:  # type: ignore[no-untyped-def]
    write(at_desk("ana", "Author"), live_guide, "Words.\n")
    rea = at_desk("rea", role)
    unit = hub(live_guide, "saves") + "?unit=testing/overview.md"
    back = f"/admin/procedures/revision/{live_guide.live.pk}/bring-back/"  # type: ignore[union-attr]
    for path in (hub(live_guide, "history"), section(live_guide, "history"), unit):
        assert rea.get(path).status_code == 200
        assert rea.post(path).status_code == 405
        assert client.get(path).headers["Location"].startswith("/admin/login/")
    assert "bring-back" not in rea.get(hub(live_guide, "history")).content.decode()
    assert rea.get(back).status_code == rea.post(back).status_code == 403
    nobody = at_desk("nora")
    for path in (hub(live_guide, "history"), section(live_guide, "history"), unit, hub(live_guide, "compare"), back):
        assert nobody.get(path).status_code == 403


def test_the_history_of_a_guide_costs_the_same_however_long_it_is(live_guide: Guide, at_desk) -> None:  # type: ignore[no-untyped-def]
    ana = at_desk("ana", "Author")

    def asked() -> int:
        with CaptureQueriesContext(connection) as asked:
            ana.get(hub(live_guide, "history"))
        return len(asked)

    write(ana, live_guide, "Words.\n")
    few = asked()
    for number in range(3):
        write(ana, live_guide, f"Words {number}.\n")
        ana.post(hub(live_guide, "send"), {"kind": "wording"}, follow=True)
    assert asked() == few <= 14
