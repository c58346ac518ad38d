"""How a stored page is asked for: encodings, conditions, ranges, hosts, schemes, methods, memory, damage."""

from __future__ import annotations

import shutil
import time

import pytest

from procedures import prerender
from procedures.prerender.refreshing import folder
from procedures.prerender.serving import Pages, preferred


@pytest.mark.parametrize(
    ("accepted", "order"),
    [
        ("", ("identity",)),
        ("gzip", ("gzip", "identity")),
        ("gzip, deflate, br, zstd", ("br", "gzip", "identity")),
        ("br;q=0.5, gzip;q=0.9", ("gzip", "br", "identity")),
        ("br;q=0, gzip", ("gzip", "identity")),
        ("gzip;q=0, br;q=0.000", ("identity",)),
        ("*", ("br", "gzip", "identity")),
        ("*;q=0.1, gzip;q=0.2", ("gzip", "br", "identity")),
        ("br, *;q=0", ("br", "identity")),
        ("identity, gzip;q=0.5", ("identity",)),
        ("identity;q=0.5, gzip", ("gzip", "identity")),
        ("X-GZIP", ("gzip", "identity")),
        ("BR ; Q=1", ("br", "identity")),
        ("gzip;q=nonsense, br;q=2", ("identity",)),
        (",,;q=1,;;", ("identity",)),
    ],
)
def test_the_wanted_encoding_is_taken_by_its_weight(accepted, order):
    assert preferred(accepted) == order


def test_every_encoding_has_its_own_strong_etag_and_says_that_it_varies(served):
    got = [served.get("/testing/", ACCEPT_ENCODING=name) for name in ("identity", "gzip", "br")]
    assert len({one.header("ETag") for one in got}) == 3
    assert all(one.header("ETag").startswith('"') and one.header("Vary") == "Accept-Encoding" for one in got)
    assert [int(one.header("Content-Length")) for one in got] == [len(one.body) for one in got]
    assert len(got[2].body) < len(got[1].body) < len(got[0].body)


def test_conditions_are_those_of_the_encoding_that_would_be_sent(served):
    gzip, br = (served.get("/testing/", ACCEPT_ENCODING=name).header("ETag") for name in ("gzip", "br"))
    for asked, status in {
        gzip: 304,
        f"W/{gzip}": 304,
        f'"x", {gzip}': 304,
        "*": 304,
        br: 200,
        '"x"': 200,
        "": 200,
    }.items():
        got = served.get("/testing/", ACCEPT_ENCODING="gzip", IF_NONE_MATCH=asked)
        assert got.status == status, asked
        if status == 304:
            assert got.body == b""
            assert got.header("ETag") == gzip
            assert got.header("Vary") == "Accept-Encoding"
            assert got.header("Content-Length") is None


RANGES = {
    "bytes=0-9": (206, slice(0, 10)),
    "bytes=5-": (206, slice(5, None)),
    "bytes=-7": (206, slice(-7, None)),
    "bytes=3-99999999": (206, slice(3, None)),
    "bytes=-99999999": (206, slice(None)),
    "bytes=99999999-": (416, slice(0)),
    "bytes=-0": (416, slice(0)),
    "bytes=9-3": (200, slice(None)),
    "bytes=0-1,4-5": (200, slice(None)),
    "bytes=-": (200, slice(None)),
    "lines=0-1": (200, slice(None)),
    "bytes=a-b": (200, slice(None)),
    f"bytes={'9' * 5000}-": (200, slice(None)),
    f"bytes=-{'9' * 5000}": (200, slice(None)),
    f"bytes=0-{'9' * 5000}": (200, slice(None)),
}


def test_a_range_is_a_piece_of_what_would_have_been_sent(served):
    for encoding in ("identity", "gzip"):
        whole = served.get("/testing/", ACCEPT_ENCODING=encoding)
        size = len(whole.body)
        for asked, (status, part) in RANGES.items():
            got = served.get("/testing/", ACCEPT_ENCODING=encoding, RANGE=asked)
            assert (got.status, got.body) == (status, whole.body[part]), asked
            assert int(got.header("Content-Length")) == len(got.body)
            if status == 416:
                assert got.header("Content-Range") == f"bytes */{size}"
            else:
                assert got.header("ETag") == whole.header("ETag")
            if status == 206:
                first = size - len(got.body) if asked.startswith("bytes=-") else int(asked[6:].split("-")[0])
                assert got.header("Content-Range") == f"bytes {first}-{first + len(got.body) - 1}/{size}"


def test_a_range_of_another_release_is_the_whole_page(served):
    mark = served.get("/testing/").header("ETag")
    assert served.get("/testing/", RANGE="bytes=0-9", IF_RANGE=mark).status == 206
    assert served.get("/testing/", RANGE="bytes=0-9", IF_RANGE='"older"').status == 200
    assert served.get("/testing/", RANGE="bytes=0-9", IF_RANGE=f"W/{mark}").status == 200


def test_a_query_string_changes_nothing_on_a_published_address(served):
    assert served.get("/testing/", query="utm_source=mail&x=%00") == served.get("/testing/")
    assert served.behind.paths == []


def test_what_is_not_a_plain_request_to_this_site_goes_to_django(served):
    served.get("/testing/")
    for how, status in (
        ({"method": "POST"}, 403),
        ({"method": "OPTIONS"}, 405),
        ({"method": "DELETE"}, 403),
        ({"HOST": "evil.example"}, 400),
        ({"HOST": "testserver.evil.example"}, 400),
        ({"HOST": ""}, 400),
        ({"IF_MATCH": '"x"'}, 412),
    ):
        served.behind.paths.clear()
        got = served.get("/testing/", **how)
        assert served.behind.paths == ["/testing/"], how
        assert got.status == status, how


def test_behind_https_only_secure_requests_get_pages(live_guide, in_front, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SITE_URL = "https://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    served = in_front()
    assert served.get("/testing/").status == 301
    assert served.get("/testing/").header("Location") == "https://testserver/testing/"
    served.behind.paths.clear()
    assert served.get("/testing/", scheme="https").status == 200
    assert served.get("/testing/", X_FORWARDED_PROTO="https").status == 301  # nobody said there is a proxy
    assert served.behind.paths == ["/testing/"]


def test_behind_a_proxy_its_word_on_the_scheme_counts(live_guide, in_front, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SITE_URL = "https://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    served = in_front()
    assert served.get("/testing/", X_FORWARDED_PROTO="https").status == 200
    assert served.behind.paths == []
    assert served.get("/testing/", X_FORWARDED_PROTO="http").status == 301
    assert served.get("/testing/", X_FORWARDED_PROTO="https", scheme="http").status == 200


def test_memory_is_bounded_and_what_does_not_fit_is_read_every_time(served):
    whole = {path: served.get(path) for path in served.addresses()}
    small = Pages(served.behind, folder(), repair=lambda: None, memory=30_000)
    for _round in range(2):
        for path, got in whole.items():
            for encoding in ("identity", "gzip", "br"):
                assert served.get(path, ACCEPT_ENCODING=encoding).status == got.status
            from .conftest import ask

            assert ask(small, path) == got
    kept = sum(len(ready.body) for entry in small.table.entries.values() for ready in entry.ready.values())
    assert 0 < kept <= 30_000
    assert kept == small.table.kept


def test_a_damaged_file_is_never_sent_is_named_and_is_repaired(served):
    files = sorted(served.folder.glob("pages/parts/*/site/testing/risks/index.html*"))
    assert len(files) == 3
    for file in files:
        raw = file.read_bytes()
        file.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    for encoding in ("identity", "gzip", "br"):
        got = served.get("/testing/risks/", ACCEPT_ENCODING=encoding)
        assert got.status == 200
        assert got.header("Content-Encoding") is None
    assert served.behind.paths == ["/testing/risks/"] * 3
    wait_for(lambda: served.repairs)
    drift = [str(found) for found in prerender.check()]
    assert len(drift) == 3
    assert all(found.startswith("/testing/risks/: ") and "index.html" in found for found in drift)
    assert prerender.refresh() == 1
    assert list(prerender.check()) == []
    print(f"{len(files)} files damaged")


def test_a_folder_deleted_under_the_server_leaves_django_answering_and_is_made_again(served):
    served.get("/testing/")
    shutil.rmtree(served.folder / "pages")
    assert served.get("/testing/").status == 200
    assert served.behind.paths == ["/testing/"]
    wait_for(lambda: served.repairs)
    prerender.refresh()
    served.behind.paths.clear()
    assert served.get("/testing/").status == 200
    assert served.behind.paths == []


def test_one_request_for_a_missing_folder_asks_for_one_repair(served):
    shutil.rmtree(served.folder / "pages")
    for _ in range(5):
        served.get("/testing/")
    wait_for(lambda: served.repairs)
    assert len(served.repairs) == 1


def test_a_manifest_that_was_changed_is_not_believed(served):
    served.get("/testing/")
    for file in served.folder.glob("pages/releases/*/manifest.json"):
        file.write_bytes(file.read_bytes().replace(b'"complete":true', b'"complete":tru3'))
    fresh = Pages(served.behind, folder(), repair=lambda: None)
    from .conftest import ask

    assert ask(fresh, "/testing/").status == 200
    assert served.behind.paths == ["/testing/"]
    assert [found.where for found in prerender.check()] == ["pages/live"]
    assert prerender.refresh() > 0
    assert list(prerender.check()) == []


def wait_for(happened):
    end = time.monotonic() + 5
    while not happened() and time.monotonic() < end:
        time.sleep(0.01)
    assert happened()
