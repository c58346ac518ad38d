"""What is written down of a request: enough to find what went wrong, nothing of who reads or what they look for."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from mesoinfo.logs import DailyFile, JsonFormatter, WithoutSecrets, configuration
from procedures.models import preview_path

WORDS, ADDRESS = "hivsecretword", "203.0.113.77"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the handlers of production would print."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(WithoutSecrets())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def ours(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["logger"] == "mesoinfo.requests"]


@pytest.mark.django_db
def test_one_line_for_each_request_without_address_and_words(live_guide, lines: Lines) -> None:
    client = Client(REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR=ADDRESS, HTTP_USER_AGENT="agent-of-a-reader")
    client.get("/search/", {"q": WORDS})
    client.get(f"/testing/plan/?start={WORDS}")
    client.post(f"/feedback/?page=/{WORDS}", {"text": WORDS})
    client.get("/nothing/")
    found = ours(lines())
    assert [(line["method"], line["path"], line["status"]) for line in found] == [
        ("GET", "/search/", 200), ("GET", "/testing/plan/", 200), ("POST", "/feedback/", 303), ("GET", "/nothing/", 404),
    ]  # fmt: skip
    assert all(line["ms"] > 0 and line["request"] and "user" not in line for line in found)
    everything = json.dumps(lines())
    for secret in (WORDS, ADDRESS, "agent-of-a-reader"):
        assert secret not in everything


@pytest.mark.django_db
def test_staff_stand_in_the_log_by_number(person, client, lines: Lines) -> None:
    ana = person("ana", "Author")
    client.force_login(ana)
    client.get("/admin/")
    assert ours(lines())[-1]["user"] == ana.pk
    assert "ana@example.org" not in json.dumps(lines())


@pytest.mark.django_db
def test_what_opens_a_draft_is_not_written_down(guide, client, lines: Lines) -> None:
    path = preview_path(guide)
    assert client.get(path).status_code == 200
    assert client.get(f"{path}nothing/").status_code == 404
    token = path.split("/")[2]
    assert len(token) > 10
    assert token not in json.dumps(lines())
    assert ours(lines())[0]["path"] == "/preview/…/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-proxy-made-1234", True), ("short", False), ("x" * 65, False), ('a"b\nc: d1234', False), ("ä" * 12, False)],
)
def test_the_id_of_a_proxy_is_kept_if_it_reads_as_one(lines: Lines, given: str, kept: bool) -> None:
    answer = Client().get("/robots.txt", HTTP_X_REQUEST_ID=given)
    assert (answer.headers["X-Request-ID"] == given) is kept
    assert ours(lines())[-1]["request"] == answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_an_error_stands_in_one_line_with_the_id_of_its_request(lines: Lines, monkeypatch) -> None:
    from procedures.pages import views

    def fail(*_args: object, **_names: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(views.contexts, "home", fail)
    client = Client(raise_request_exception=False)
    answer = client.get(f"/?{WORDS}")
    assert answer.status_code == 500
    error = next(line for line in lines() if line["level"] == "ERROR")
    assert "broken on purpose" in error["error"]
    assert error["request"] == answer.headers["X-Request-ID"]
    assert WORDS not in json.dumps(lines())


def test_each_day_has_its_file_and_a_full_disk_breaks_nothing(tmp_path, capsys) -> None:
    handler = DailyFile(str(tmp_path / "logs" / "site.log"))
    record = logging.LogRecord("procedures", logging.INFO, "", 0, "a %s", ("line",), None)
    handler.emit(record)
    handler.emit(record)
    (file,) = (tmp_path / "logs").iterdir()
    assert file.name.startswith("site-20")
    assert file.read_text() == "a line\na line\n"
    record.args = ("one", "too many")
    handler.emit(record)
    assert "Logging error" in capsys.readouterr().err


def test_a_log_folder_that_cannot_be_made_or_written_is_named_once_and_stops_nothing(tmp_path, capsys) -> None:
    (tmp_path / "file").write_text("not a folder")
    name = tmp_path / "file" / "site.log"
    handler = DailyFile(str(name))
    record = logging.LogRecord("procedures", logging.INFO, "", 0, "a line", (), None)
    for _line in range(3):
        handler.emit(record)
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"The log file {name} cannot be written (File exists)")
    assert "set LOG_FILE" in sentence
    handler.path = tmp_path / "site.log"
    handler.emit(record)
    assert next(tmp_path.glob("site-20*.log")).read_text() == "a line\n"
    assert capsys.readouterr().err == ""


def test_production_writes_json_and_people_may_have_text() -> None:
    assert (
        configuration(level="INFO", form="json", file="")["formatters"]["used"]["()"] == "mesoinfo.logs.JsonFormatter"
    )
    assert "format" in configuration(level="INFO", form="text", file="")["formatters"]["used"]
