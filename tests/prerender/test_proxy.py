"""What is printed for nginx: where it listens, where the application is, what it must not send itself."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from procedures import prerender, publishing
from procedures.prerender import refreshing
from procedures.prerender.refreshing import folder

from ..security.test_damaged_text import damage
from .test_refreshing import another, people, release  # noqa: F401


def printed(capsys) -> str:
    capsys.readouterr()
    call_command("prerender", "--nginx")
    return capsys.readouterr().out


def test_nginx_asks_the_application_where_it_listens(served, capsys, monkeypatch):
    for given, said in (
        ({}, "127.0.0.1:8000"),
        ({"PORT": "9000"}, "127.0.0.1:9000"),
        ({"HOST": "10.1.2.3", "PORT": "9001"}, "10.1.2.3:9001"),
        ({"HOST": "0.0.0.0", "PORT": ""}, "127.0.0.1:8000"),
        ({"HOST": "::"}, "[::1]:8000"),
    ):
        for name in ("HOST", "PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        lines = [line.split()[1] for line in printed(capsys).splitlines() if line.startswith("    server ")]
        assert lines == [said, said], given


def test_nginx_listens_where_readers_ask_over_ipv6_too(served, capsys, settings):
    for url, port in (
        ("https://example.org", "443 ssl"),
        ("https://example.org:8443", "8443 ssl"),
        ("http://10.0.0.1", "80"),
    ):
        settings.SITE_URL = url
        lines = [line.strip() for line in printed(capsys).splitlines() if line.startswith("    listen ")]
        assert lines == [f"listen {port};", f"listen [::]:{port};"]


def test_what_has_headers_of_its_own_is_left_to_the_application_before_there_is_any(in_front, live_guide, capsys):
    """Nobody prints the settings anew when a guide is published."""
    in_front()
    text = printed(capsys)
    assert r"location ~ (/feed\.xml|/take-home/)$ { try_files /.nothing @app; }" in text
    assert "location = /" not in text.replace("location = /.unavailable", ""), "another ending belongs to those"


def test_what_is_no_page_may_be_of_other_code(live_guide, another, people, in_front, capsys):  # noqa: F811
    """The answer that a guide is withdrawn stays as it is while the text it was taken down with is damaged."""
    publishing.withdraw(another, by=people.publisher, why="Wrong.")
    in_front()
    whole, store = printed(capsys), folder()
    parts = dict(store.release().parts)
    gone = f"guide-{another.pk}"
    for name, may in ((gone, True), (f"guide-{live_guide.pk}", False)):
        store.go_live({**parts, name: replace(parts[name], code="another")}, complete=True)
        if may:
            assert printed(capsys) == whole
        else:
            with pytest.raises(CommandError, match="Run manage.py prerender"):
                printed(capsys)


def test_what_is_printed_while_pages_are_still_made_is_what_is_printed_when_all_are(
    live_guide, in_front, monkeypatch, capsys
):
    """After a restore of many guides readers do not wait for the last of them."""
    in_front()
    whole, made = printed(capsys), []
    shutil.rmtree(folder().root)
    monkeypatch.setattr(refreshing, "SWITCH_EVERY", 0.0)
    monkeypatch.setattr(refreshing, "SWITCH_SHARE", 1e9)
    make = refreshing._make

    def looking(*args):
        parts = folder().release().parts
        if parts:
            assert not folder().release().settled
            made.append(printed(capsys) == whole)
        else:
            with pytest.raises(CommandError, match="No page is made yet"):
                printed(capsys)
        return make(*args)

    monkeypatch.setattr(refreshing, "_make", looking)
    prerender.refresh()
    assert len(made) > 1
    assert all(made)


def test_nothing_is_printed_while_pages_of_other_code_are_there_whose_headers_may_be_others(
    live_guide, in_front, monkeypatch, capsys
):
    monkeypatch.setattr(refreshing, "code_stamp", lambda: "former code")
    in_front()
    monkeypatch.undo()
    with pytest.raises(CommandError, match=r"Run manage\.py prerender"):
        printed(capsys)
    prerender.refresh()
    assert "upstream mesoinfo_app" in printed(capsys)


def test_a_site_without_any_pages_is_told_the_next_step(db, settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    (tmp_path / "pages").mkdir()
    with pytest.raises(CommandError, match=r"run manage\.py prerender"):
        printed(capsys)


def test_a_damaged_text_does_not_keep_the_others_from_being_sent(served, live_guide, capsys):
    """All is made that can be made: waiting would not change it."""
    release(live_guide, "New words.")
    live_guide.refresh_from_db()
    damage(live_guide.live)
    with pytest.raises(prerender.Unreadable):
        prerender.refresh()
    assert not folder().release().complete
    assert "upstream mesoinfo_app" in printed(capsys)
