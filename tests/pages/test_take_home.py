"""The take-home file: it needs nothing else, holds everything it promises, and its code leads to its version."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from procedures.models import Clinic
from procedures.pages.take_home import code

from .conftest import Parsed
from .test_history import again, mark


@pytest.fixture
def file(both, client):
    return client.get("/testing/take-home/")


def drawn(path: str, size: int, *, scale: int = 8) -> Image.Image:
    """The SVG path as pixels, by another way than the one that wrote it."""
    image = Image.new("L", (size * scale, size * scale), 255)
    pen = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        left, top = int(x) * scale, int(y) * scale
        pen.rectangle([left, top, left + int(length) * scale - 1, top + scale - 1], fill=0)
    return image


def read_code(html: str) -> str:
    box, path = re.search(r'<svg viewBox="0 0 (\d+) \1".*?<path d="([^"]+)"', html, re.DOTALL).groups()
    found = zxingcpp.read_barcodes(drawn(path, int(box)))
    assert len(found) == 1
    return found[0].text


def test_an_independent_reader_finds_the_version_in_the_code(both, file):
    assert read_code(file.content.decode()) == f"http://127.0.0.1:8000/v/{mark(both)}/"


@pytest.mark.parametrize(
    "url", ["http://a.b/v/0123456789/", f"https://{'long-name.' * 12}example.org/v/abcdef0123/"], ids=["short", "long"]
)
def test_codes_of_any_length_can_be_read(url):
    made = code(url)
    assert [found.text for found in zxingcpp.read_barcodes(drawn(made.path, made.size))] == [url]


def test_after_a_new_release_the_printed_code_says_what_changed(both, file, client):
    printed = read_code(file.content.decode()).removeprefix("http://127.0.0.1:8000")
    assert "Your copy is current" in client.get(printed).content.decode()
    again(both, kind="safety", note="Stop using it.")
    answer = client.get(printed).content.decode()
    assert "Your copy is out of date since" in answer
    assert "Stop using it." in answer
    assert read_code(client.get("/testing/take-home/").content.decode()) != f"http://127.0.0.1:8000{printed}"


def test_the_file_costs_at_most_three_queries(both, client, django_assert_max_num_queries):
    client.get("/testing/take-home/")
    with django_assert_max_num_queries(3):
        assert client.get("/testing/take-home/").status_code == 200


def test_the_file_asks_for_nothing_and_its_policy_allows_exactly_its_style(file):
    html = file.content.decode()
    policy = file.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = Parsed(html)
    assert not page.all("script")
    assert not page.all("img")
    assert [found["href"] for found, _ in page.all("link")] == ["http://127.0.0.1:8000/testing/take-home/", "data:,"]
    assert not [1 for _tag, attributes, _words in page.elements if "style" in attributes or "src" in attributes]
    assert "url(" not in style
    assert "@import" not in style
    hrefs = [found["href"] for found, _ in page.all("a")]
    assert all(href.startswith(("#", "http")) for href in hrefs), hrefs


def test_the_file_holds_what_a_person_takes_home(file):
    page = Parsed(file.content.decode())
    titles = [words for _found, words in page.all("h2")]
    assert titles == [
        "When to get help", "Day by day", "Questions to ask the clinic", "Compare the choices", "Sources",
    ]  # fmt: skip
    assert len(page.all("h1")) == 1
    assert [words for _found, words in page.all("th", scope="col")] == ["Testing", "Doing nothing"]
    assert page.all("label", **{"for": "ask-what"})
    lines = [1 for found, _ in page.all("span") if found.get("class") == "write"]
    assert len(lines) == 2
    targets = {found["href"] for found, _ in page.all("a") if found["href"].startswith("#")}
    assert targets == {f"#{found['id']}" for found, _ in page.all("li") if found.get("id", "").startswith("source-")}
    ids = [found["id"] for _tag, found, _words in page.elements if "id" in found]
    assert len(ids) == len(set(ids))


def test_the_clinic_s_phone_is_on_the_paper_once_it_is_filled_in(both, client):
    Clinic.objects.create(name="North Clinic", phone="555-0100", sells=True)
    body = client.get("/testing/take-home/").content.decode()
    assert "555-0100" in body
    assert "North Clinic sells this procedure." in body
