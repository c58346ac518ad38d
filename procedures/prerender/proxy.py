"""What nginx needs to send the same files: printed with this site's own folder and headers, so that it cannot go stale."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from ..models import RETRY_AFTER
from .refreshing import folder
from .storing import Damaged
from .unavailable import NAME, keep_unavailable

NOT_THEIRS = ("content-type",)
NOT_BY_THEIR_ENDING = "/feed.xml"
"""An Atom feed: its type is not what its ending says."""
TEMPLATE = """\
# {name}: published pages by nginx, everything else by the application. Printed by: manage.py prerender --nginx
upstream mesoinfo_app {{        # twice the same: a request that a reload of the application cut off is sent again
    server {app} max_fails=0;
    server {app} max_fails=0;
}}
server {{
    listen {port};{tls}
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


def nginx_config(*, app: str = "127.0.0.1:8000") -> str:
    """The server block for the live release, in front of the application at the address `app`.

    Writes the page it names for when the application does not answer. Raises Damaged when there is no release to read the
    headers from, OSError when that page cannot be written.
    """
    store = folder()
    keep_unavailable(store)
    release = store.release()
    pages = {
        path: _theirs(entry["headers"])
        for made in release.parts.values()
        for path, entry in store.manifest(made.id)["addresses"].items()
        if entry["status"] == 200
    }
    if not pages:
        raise Damaged("There are no published pages yet (run manage.py prerender)")
    usual, _times = Counter(pages.values()).most_common(1)[0]
    odd = sorted(path for path, headers in pages.items() if headers != usual or path.endswith(NOT_BY_THEIR_ENDING))
    site = urlsplit(settings.SITE_URL)
    secure = site.scheme == "https"
    return TEMPLATE.format(
        name=site.hostname,
        port=f"{site.port or (443 if secure else 80)}{' ssl' if secure else ''}",
        tls="\n    # ssl_certificate …; ssl_certificate_key …;" if secure else "",
        root=store.live / "site",
        pages=store.root,
        unavailable=NAME,
        seconds=RETRY_AFTER,
        headers=_lines(usual),
        headers_again=textwrap.indent(_lines(usual), "    "),
        odd="".join(
            f"    location = {path} {{ try_files /.nothing @app; }} # has headers of its own\n" for path in odd
        ),
        app=app,
    )


def _lines(headers: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f'    add_header {name} "{value}" always;' for name, value in headers)


def _theirs(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers nginx has to add itself, in the order Django sends them."""
    return tuple((name, value) for name, value in headers if name.lower() not in NOT_THEIRS)
