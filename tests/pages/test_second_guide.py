"""A second guide needs only content: dropped into the folder it appears everywhere, with no line of code changed."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

GUIDE = """\
kind: procedure
slug: patch-test
language: en
title: Patch test
summary: A small test on the skin before a treatment.[^cdc-injection-safety]
emergency:
  call: '911'
  place: US
sections:
  - overview
  - aftercare
  - risks
  - benefits
  - questions-people-ask
warning_signs:
  - key: breathing
    sign: You cannot breathe well
    from_hours: 0
    urgency: emergency
    do: Call 911.
    cites:
      - cdc-injection-safety
"""
SECTIONS = ("overview", "aftercare", "risks", "benefits", "questions-people-ask")
BODY = """\
---
title: Patch test, {name}
---
## Zanzibar words about {name}

A nurse puts a little on your arm, and a [placebo](glossary:placebo) beside it.[^cdc-injection-safety]
"""


@pytest.fixture
def both(db: None, tmp_path: Path, settings) -> Client:
    """The shipped content and the second guide, loaded and released."""
    settings.MEDIA_ROOT = tmp_path / "media"
    content = tmp_path / "content"
    shutil.copytree(settings.CONTENT_DIR, content)
    folder = content / "patch-test"
    folder.mkdir()
    (folder / "guide.yaml").write_text(GUIDE)
    for name in SECTIONS:
        (folder / f"{name}.md").write_text(BODY.format(name=name))
    call_command("load_content", content, "--publish", stdout=StringIO())
    return Client()


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_it_appears_everywhere_and_the_first_one_stays(both):
    home = text(both, "/")
    assert 'href="/patch-test/"' in home
    assert 'href="/mesotherapy/"' in home
    assert "Patch test" in text(both, "/patch-test/")
    for place, name in enumerate(SECTIONS):
        page = text(both, f"/patch-test/{name}/")
        assert f"Zanzibar words about {name}" in page
        assert f"{place + 1} of 5" in page
        assert 'href="/patch-test/get-help/"' in page, "the emergency line leads to this guide's own card"
        assert text(both, f"/patch-test/{name}.md")
        assert both.get(f"/patch-test/{name}.json").json()
    whole = text(both, "/patch-test/all/")
    assert all(f"Zanzibar words about {name}" in whole for name in SECTIONS)
    glossary = text(both, "/glossary/")
    assert glossary.count('id="placebo"') == 1, "a word both guides use stands once"
    sitemap = text(both, "/sitemap.xml")
    assert all(f"{settings.SITE_URL}/patch-test/{name}/" in sitemap for name in SECTIONS)
    assert "/patch-test/aftercare/" in text(both, "/search/?q=zanzibar+aftercare")
    assert "Zanzibar" not in text(both, "/mesotherapy/all/")


def test_what_it_does_not_have_is_nowhere_promised(both):
    page = text(both, "/patch-test/")
    assert "/patch-test/options/" not in page
    assert "/patch-test/costs/" not in page
    assert both.get("/patch-test/options/").status_code == 404
    assert both.get("/patch-test/costs/").status_code == 404
