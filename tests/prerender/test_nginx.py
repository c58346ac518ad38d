"""A real nginx on the same folder, as `manage.py prerender --nginx` sets it up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest

from .conftest import ROOT, free_port
from .test_faults import last

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
AROUND = """
{user}pid {folder}/nginx.pid; error_log {folder}/logs/error.log info; daemon off; worker_processes 1;
events {{}}
http {{
  access_log {folder}/logs/access.log;
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  {server}
}}
"""


@pytest.fixture
def nginx(site):
    """The port of an nginx in front of the running site."""
    with in_front(site) as port:
        yield port


@contextmanager
def in_front(site, *, app=0, change=lambda server: server):
    """An nginx in front of the site, or of what listens on the port `app`; `change` is applied to the printed settings."""
    if NGINX is None:
        pytest.fail(
            "These tests need nginx: run `make test`, or install it (Debian: apt install nginx).", pytrace=False
        )
    port = free_port()
    server = here(site.drive("nginx"), was=site.port, port=port)
    server = change(server.replace(f"server 127.0.0.1:{site.port} ", f"server 127.0.0.1:{app or site.port} "))
    (site.folder / "logs").mkdir(exist_ok=True)
    config = site.folder / "nginx.conf"
    user = "user root; " if os.getuid() == 0 else ""
    config.write_text(AROUND.format(folder=site.folder, server=server, user=user))
    running = subprocess.Popen([NGINX, "-c", str(config)], cwd=ROOT)
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                site.get("/robots.txt", port=port)
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait(timeout=10)


def here(server: str, *, was: int, port: int) -> str:
    """The printed settings on another port of this machine only: not every machine has IPv6, nor gives its ports away."""
    both = f"    listen {was};\n    listen [::]:{was};\n"
    assert both in server
    return server.replace(both, f"    listen 127.0.0.1:{port};\n")


def test_nginx_sends_what_the_application_sends(site, nginx):
    ignored = {"server", "date", "connection", "etag", "accept-ranges", "keep-alive", "transfer-encoding"}
    for path, status in last(site.drive("paths")).items():
        for encoding in ("identity", "gzip"):
            theirs, ours = (
                site.get(path, port=nginx, Accept_Encoding=encoding),
                site.get(path, Accept_Encoding=encoding),
            )
            assert theirs.status == ours.status == status, path
            assert theirs.body == ours.body, path
            found, wanted = (
                {(name.lower(), value) for name, value in got.headers if name.lower() not in ignored}
                for got in (theirs, ours)
            )
            if encoding == "identity" or ours.header("Content-Encoding") is None:
                found.discard(("vary", "Accept-Encoding"))
                wanted.discard(("vary", "Accept-Encoding"))
            assert found == wanted, path


def test_nginx_follows_a_release_and_its_etag_follows_the_bytes(site, nginx):
    before = site.get("/testing/", port=nginx)
    assert site.get("/testing/", port=nginx, If_None_Match=before.header("ETag")).status == 304
    site.drive("publish", "3001")
    after = site.get("/testing/", port=nginx)
    assert after.body != before.body
    assert after.body == site.get("/testing/").body
    assert site.get("/testing/", port=nginx, If_None_Match=before.header("ETag")).status == 200
    site.drive("withdraw")
    assert site.get("/testing/", port=nginx).status == 410
    site.drive("publish", "3002")
    assert site.get("/testing/", port=nginx).status == 200


def test_nginx_leaves_to_the_application_what_is_its(site, nginx):
    redirect = site.get("/testing", port=nginx)
    assert (redirect.status, redirect.header("Location")) == (301, "/testing/")
    assert site.get("/testing/index.html", port=nginx).status == 404
    assert site.get("/unknown/", port=nginx).status == 404


WORDS = "hivsecretword"
DYNAMIC = (f"/search/?q={WORDS}", f"/{WORDS}/", "/admin/", "/testing/plan/", "/static/icons/icon.svg")


def logged(site):
    """What stands in nginx's logs; they are emptied."""
    files = list((site.folder / "logs").iterdir())
    text = "".join(file.read_text() for file in files)
    for file in files:
        file.write_text("")  # nginx has it open, and appends
    return text


def test_without_the_application_published_pages_go_on_and_the_rest_says_so(site):
    with in_front(site, app=free_port()) as port:
        assert site.get("/testing/", port=port).body == site.get("/testing/").body
        wanted = {name.lower(): value for name, value in site.get("/testing/").headers}
        for path in DYNAMIC:
            for method in ("GET", "POST", "DELETE"):
                got = site.get(path, port=port, method=method, If_None_Match="*")
                assert (got.status, got.header("Retry-After")) == (503, "30"), (method, path)
                assert got.header("Content-Type") == "text/html; charset=utf-8"
                assert got.header("ETag") is got.header("Last-Modified") is None
                text = got.body.decode()
                assert "Please try again in a minute" in text
                assert "In an emergency call 911" in text
                assert '<meta name="robots" content="noindex">' in text
                for name in ("content-security-policy", "x-frame-options", "x-content-type-options", "cache-control"):
                    assert got.header(name) == wanted[name], name
        assert site.get("/search/", port=port, method="HEAD").status == 503
        assert site.get("/testing/", port=port, method="POST").status == 503
        page = site.folder / "pages" / "unavailable.html"
        page.unlink()
        assert site.get("/search/", port=port).status == 503
    site.drive("nginx")
    assert page.is_file()
    page.write_text("old")
    site.drive("mend")
    assert "Please try again in a minute" in page.read_text()


def test_the_page_for_then_cannot_be_asked_for_and_answers_of_the_application_are_left_alone(site, nginx):
    for path in ("/.unavailable", "/unavailable.html"):
        got, ours = site.get(path, port=nginx), site.get(path)
        assert (got.status, got.body) == (ours.status, ours.body) == (404, ours.body)


@pytest.mark.parametrize("up", [True, False], ids=["application up", "application down"])
def test_no_address_and_no_word_of_a_reader_reaches_the_logs_of_nginx(site, up):
    with in_front(site, app=0 if up else free_port()) as port:
        logged(site)
        for path in (*DYNAMIC, "/testing/", "/testing/nothing.md"):
            assert site.get(path, port=port, Referer=f"https://x.example/{WORDS}", User_Agent=WORDS).status
        assert site.get("/%", port=port).status == 400
    text = logged(site)
    assert "127.0.0.1" not in text
    assert WORDS not in text


def test_without_the_two_lines_that_turn_the_logs_off_both_would_be_there(site):
    def change(server):
        fewer, count = re.subn(r"^    (access_log|error_log) .*\n", "", server, flags=re.M)
        assert count == 2
        return fewer

    with in_front(site, app=free_port(), change=change) as port:
        logged(site)
        assert site.get(DYNAMIC[0], port=port).status == 503
    text = logged(site)
    assert "client: 127.0.0.1" in text
    assert WORDS in text
