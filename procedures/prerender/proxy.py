"""What nginx needs to send the same files: printed with this site's own folder and headers, so that it cannot go stale."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from ..models import RETRY_AFTER
from .refreshing import folder
from .stamp import code_stamp
from .storing import Damaged
from .unavailable import NAME, keep_unavailable

NOT_THEIRS = ("content-type",)
OF_THE_APPLICATION = ("/feed.xml", "/take-home/")
"""How addresses end whose headers are never those of the rest: an Atom feed, whose type is not what its ending says; a page
that is one file, with a policy of its own. Printed whether there are any or not: nobody prints anew when a guide is published."""
TEMPLATE = """\
# {name}: published pages by nginx, everything else by the application. Printed by: manage.py prerender --nginx
upstream mesoinfo_app {{        # twice the same: a request that a reload of the application cut off is sent again
    server {app} max_fails=0;
    server {app} max_fails=0;
}}
server {{
    listen {port};
    listen [::]:{port};{tls}
    server_name {name};
    root {root};
    access_log off;              # who reads, and what they look for, is written down nowhere
    error_log stderr emerg;      # each line about a request would hold the reader's address and the words of a search
    client_max_body_size 10m;
    charset utf-8;
    charset_types text/markdown application/json application/xml text/plain;
    types {{ text/html html; text/markdown md; application/json json; application/xml xml; text/plain txt; }}
    gzip_static on;
    gzip_vary on;
    # brotli_static on;          with the module ngx_brotli: the .br twins are there
    # A file's time is made from the hash of its bytes: it makes a strong ETag, and is no date.
    if_modified_since off;
    add_header Last-Modified "";
{headers}
    error_page 405 = @app;       # what is neither GET nor HEAD
    error_page 502 504 =503 /.unavailable;   # the application does not answer; pages that are files go on
    recursive_error_pages on;

{odd}    location ~ /$ {{ try_files "${{uri}}index.html" @app; }}
    location ~ \\.(md|json|xml|txt)$ {{ try_files $uri @app; }}
    location / {{ try_files /.nothing @app; }}

    location = /.unavailable {{
        internal;
        error_page 404 = @app;   # for whoever asks for it by name
        root {pages};
        default_type text/html;
        etag off;
        add_header Last-Modified "";
        add_header Retry-After {seconds} always;
{headers_again}
        try_files /{unavailable} =503;
    }}

    location @app {{
        add_header X-From "";    # never sent; it keeps the headers above away, because the application sends its own
        proxy_pass http://mesoinfo_app;
        proxy_next_upstream error;   # never a POST that was sent
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-For $remote_addr;
    }}
}}
"""


def nginx_config() -> str:
    """The server block for the live release, in front of the application where `manage.py serve` listens (HOST, PORT).

    It is whole as soon as one page is made, so that a restored site of many guides need not wait for all. Writes the page it
    names for when the application does not answer. Raises Damaged when there is no page to read the headers from, or one
    is still of other code or settings: the headers of its successor may be others. OSError when that page cannot be written.
    """
    store = folder()
    keep_unavailable(store)
    release = store.release()
    pages: dict[str, tuple[tuple[str, str], ...]] = {}
    for made in release.parts.values():
        found = {
            path: _theirs(entry["headers"])
            for path, entry in store.manifest(made.id)["addresses"].items()
            if entry["status"] == 200 and not path.endswith(OF_THE_APPLICATION)
        }
        if (
            found and made.code != code_stamp()
        ):  # a damaged text can keep what says that a guide is withdrawn old for ever
            raise Damaged(
                "Pages are still those of other code or settings, and so are their headers. Run manage.py prerender, which "
                "makes them anew, and then this again"
            )
        pages |= found
    if not pages:
        raise Damaged(
            "No page is made yet. Where the site has just been started wait some seconds and say this again; otherwise run "
            "manage.py prerender first"
        )
    usual, _times = Counter(pages.values()).most_common(1)[0]
    odd = sorted(path for path, headers in pages.items() if headers != usual)
    endings = "|".join(OF_THE_APPLICATION).replace(".", r"\.")
    places = [f"~ ({endings})$", *(f"= {path}" for path in odd)]
    site = urlsplit(settings.SITE_URL)
    secure = site.scheme == "https"
    return TEMPLATE.format(
        name=site.hostname,
        port=f"{site.port or (443 if secure else 80)}{' ssl' if secure else ''}",
        tls="\n    # ssl_certificate …; ssl_certificate_key …;   where http { } does not name them" if secure else "",
        root=store.live / "site",
        pages=store.root,
        unavailable=NAME,
        seconds=RETRY_AFTER,
        headers=_lines(usual),
        headers_again=textwrap.indent(_lines(usual), "    "),
        odd="".join(
            f"    location {place} {{ try_files /.nothing @app; }} # has headers of its own\n" for place in places
        ),
        app=_application(),
    )


def _application() -> str:
    """Where the application listens, as nginx reaches it from the same machine."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared only)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _lines(headers: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f'    add_header {name} "{value}" always;' for name, value in headers)


def _theirs(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers nginx has to add itself, in the order Django sends them."""
    return tuple((name, value) for name, value in headers if name.lower() not in NOT_THEIRS)
