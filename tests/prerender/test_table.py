"""A worker of a site with very many guides has the addresses of those asked for last."""

from __future__ import annotations

import hashlib
import json
import random
import shutil

import pytest

from procedures.prerender import table
from procedures.prerender.refreshing import folder
from procedures.prerender.serving import Pages
from procedures.prerender.storing import Folder, roots_of

from .conftest import ask
from .test_equality import many, plain  # noqa: F401

NOWHERE = """/nothing/ /testing/nothing/ /testing/nothing.md /es/nada/ /es/prueba/nada/ /former/nothing/ /xx/
    /glossary/x/ /glossary/x.md /es/glossary/x.json""".split()


@pytest.fixture
def large(many, monkeypatch):  # noqa: F811
    """A worker that may have the addresses of one guide in memory."""
    monkeypatch.setattr(table, "MOST", 1)
    repairs = []
    pages = Pages(many.behind, folder(), repair=lambda: repairs.append(1))
    pages.repairs = repairs
    return pages


@pytest.mark.parametrize(
    ("path", "depth", "root"),
    [
        ("/", 0, ""), ("/testing/", 0, "testing"), ("/testing/risks.md", 0, "testing"), ("/testing.json", 0, "testing"),
        ("/glossary/a/", 0, "glossary"), ("/sitemap-12.xml", 0, "sitemap-12"), ("/es/", 1, "es/"),
        ("/es/prueba/risks/", 1, "es/prueba"), ("/es/prueba.md", 1, "es/prueba"), ("/es/-/", 1, "es/-"),
    ],
)  # fmt: skip
def test_the_root_of_an_address(path, depth, root):
    assert roots_of([path], depth) == (root,)


def test_every_address_is_answered_though_not_all_are_in_memory(many, large):  # noqa: F811
    store = folder()
    addresses = sorted(
        {path for made in store.release().parts.values() for path in store.manifest(made.id)["addresses"]}
    )
    whole = {path: many.get(path) for path in addresses}
    asked = addresses * 3
    random.Random(1).shuffle(asked)
    most = 0
    for path in asked:
        assert ask(large, path) == whole[path], path
        entries = large.table.entries
        most = max(most, len(entries))
        assert large.table.kept == sum(len(ready.body) for entry in entries.values() for ready in entry.ready.values())
    assert many.behind.paths == []
    assert most < len(addresses) - 20  # those of one guide of the three are at least so many


def test_what_is_not_there_is_said_as_django_says_it(many, large):  # noqa: F811
    for path in NOWHERE:
        assert plain(ask(large, path)) == plain(many.from_django(path)), path
        many.behind.paths.clear()
        known = (
            ask(large, path).status == 410 or path == "/xx/"
        )  # of another language Django has to say whether there is any
        assert known or many.behind.paths == [], f"{path} was answered by Django"
    assert ask(large, "/former/nothing/").status == 410


def test_when_the_addresses_of_a_guide_cannot_be_read_django_answers_and_they_are_made_again(many, large):  # noqa: F811
    assert ask(large, "/").status == 200
    part = large.table.release.parts[_name_of(large, "testing")].id
    manifest = folder().root / "parts" / part / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-9] + b"something")
    many.behind.paths.clear()
    assert ask(large, "/testing/risks/").status == 200
    assert many.behind.paths == ["/testing/risks/"]
    assert ask(large, "/es/prueba/").status == 200
    assert many.behind.paths == ["/testing/risks/"]
    large._repairing.join()
    assert large.repairs == [1]


def test_a_release_of_the_version_before_is_served_and_it_can_read_ours(many, large):  # noqa: F811
    store = folder()
    live = store.root / store.name() / "manifest.json"
    ours = json.loads(live.read_bytes())
    for made in ours["parts"].values():  # it knew these fields and no others
        assert set(made) - {"lacking"} == {"id", "key", "code", "live", "links"}
    theirs = json.dumps({name: ours[name] for name in ("format", "complete", "parts")}, sort_keys=True).encode()
    name = f"releases/00009999-{hashlib.sha256(theirs).hexdigest()[:16]}"
    shutil.copytree(live.parent, store.root / name, symlinks=True)
    (store.root / name / "manifest.json").write_bytes(theirs)
    store.live.unlink()
    store.live.symlink_to(name)
    many.behind.paths.clear()
    for path in ("/", "/testing/risks/", "/es/prueba.md", "/former/", "/robots.txt"):
        assert ask(large, path) == many.get(path), path
    assert many.behind.paths == []


def test_a_table_is_made_while_another_thread_reads_from_the_one_before(many, large):  # noqa: F811
    class Guarded(dict):
        def items(self):
            assert former._lock.locked()  # a request that reads a guide changes it meanwhile
            return super().items()

    former = large.current()
    assert ask(large, "/testing/").status == 200
    former._read = Guarded(former._read)
    assert "testing" in table.Table(former.release, folder(), former=former)._read


def test_what_cannot_be_withheld_is_not_served_from_files_at_all(many, large, monkeypatch):  # noqa: F811
    assert ask(large, "/testing/").status == 200
    release = large.table.release
    monkeypatch.setattr(large, "_read_table", lambda _release: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        large.withhold(release, frozenset({_name_of(large, "testing")}))
    many.behind.paths.clear()
    assert ask(large, "/testing/").status == 200
    assert many.behind.paths == ["/testing/"]


def test_a_release_without_any_part_is_read(tmp_path):
    store = Folder(tmp_path)
    with store.switching():
        store.go_live({}, complete=False, unreadable={"guide-1": "x"})
    assert (store.release().parts, store.release().unreadable) == ({}, {"guide-1": "x"})


def _name_of(pages, root):
    return next(name for name, made in pages.current().release.parts.items() if made.roots == (root,))
