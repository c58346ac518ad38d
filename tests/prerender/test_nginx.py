"""A real nginx on the same folder, as `manage.py prerender --nginx` sets it up."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest

from .conftest import ROOT, free_port
from .test_faults import last

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
AROUND = """
{user}pid {folder}/nginx.pid; error_log {folder}/nginx.log; daemon off; worker_processes 1;
events {{}}
http {{
  access_log off;
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
def in_front(site):
    if NGINX is None:
        pytest.fail(
            "These tests need nginx: run `make test`, or install it (Debian: apt install nginx).", pytrace=False
        )
    port = free_port()
    server = site.drive("nginx").replace(f"listen {site.port};", f"listen 127.0.0.1:{port};")
    server = server.replace("server 127.0.0.1:8000", f"server 127.0.0.1:{site.port}")
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
