"""A changed address in plain words: what leads where, from which guide, and one click away."""

from __future__ import annotations

from django.test import Client

from procedures.models import Guide, OldAddress, Section

from ..publishing.conftest import People, release
from .paper import read

OLD = "/admin/procedures/oldaddress/"


def test_staff_see_where_old_addresses_lead(live_guide: Guide, people: People) -> None:
    client = Client()
    client.force_login(people.author)
    hub = f"/admin/procedures/guide/{live_guide.pk}/change/"
    assert OLD in client.get("/admin/").content.decode()
    assert OLD not in client.get(hub).content.decode()
    Section.objects.filter(guide=live_guide, key="risks").update(slug="dangers")
    release(live_guide, people)
    link = f"{OLD}?guide__id__exact={live_guide.pk}"
    assert f'<a href="{link}">Old addresses that lead here</a>' in client.get(hub).content.decode()
    answer = client.get(link)
    text = answer.content.decode()
    assert read(answer).refused == []
    assert "the old one leads readers on to the new one" in text
    assert "/testing/risks/" in text
    assert '<a href="/testing/dangers/">/testing/dangers/</a>' in text
    moved = client.get("/testing/risks/")
    assert (moved.status_code, moved["Location"]) == (301, "/testing/dangers/")


def test_old_addresses_are_read_and_never_written(live_guide: Guide, people: People, admin_client: Client) -> None:
    row = OldAddress.objects.create(path='/"><b>/', to="/testing/", guide=live_guide)
    text = admin_client.get(OLD).content.decode()
    assert "<b>" not in text.partition('id="content"')[2]
    assert admin_client.get(f"{OLD}{row.pk}/change/").status_code == 200
    for page in ("add/", f"{row.pk}/delete/"):
        assert admin_client.get(f"{OLD}{page}").status_code == 403
    assert admin_client.post(f"{OLD}{row.pk}/change/", {"to": "/x/"}).status_code == 403
    client = Client()
    client.force_login(people.nobody)
    assert client.get(OLD).status_code == 403
