"""One page in a browser on a weak phone and a bad line: ours beside a page with NHS.UK frontend holding the same text.

    python benchmarks/browser.py [--rounds 7] [--page /mesotherapy/risks/] [--write]

Slow 4G as Chromium's tools have it for simulation by throttling: 400 ms of latency, 400 kbit/s, processor four times
slower, empty cache. The peer's page is the text of ours inside the header, footer and styles of nhsuk-frontend 10.6.1
(npm, into var/nhs/). Its own text, styles and script come gzipped from this machine, as ours do; its web font, which it
takes from another host, is left out, which is to its advantage. Our page is also measured from the peer's server, with
its style inside and behind a link. A second table tells what a click on "Next" costs: style inside or in the cache,
fetched ahead or not, with a view transition or not. There the server itself waits and trickles, because what is fetched
ahead may pass by the throttle of the tools. Prints medians and spread; raw samples: benchmarks/raw/browser-<time>.json.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gzip
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from published_page import HERE, ROOT, free_port, machine, ours, summed

NHS = "10.6.1"
FOLDER = ROOT / "var" / "nhs"
LATENCY, BYTES_A_SECOND, SLOWDOWN = 400, 400 * 1024 // 8, 4
OBSERVE = """
window.seen = {};
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.seen.lcp = entry.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
"""
PEER = """<!DOCTYPE html><html lang="en" class="no-js"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<link rel="stylesheet" href="/nhsuk-frontend.min.css"><script type="module" src="/start.js"></script></head>
<body class="nhsuk-template__body"><a class="nhsuk-skip-link" href="#maincontent" data-module="nhsuk-skip-link">Skip</a>
<header class="nhsuk-header" role="banner" data-module="nhsuk-header"><div class="nhsuk-header__container nhsuk-width-container">
<div class="nhsuk-header__service"><a class="nhsuk-header__service-name" href="/">Patient guides</a></div></div></header>
<div class="nhsuk-width-container"><main class="nhsuk-main-wrapper" id="maincontent">{main}</main></div>
<footer role="contentinfo" class="nhsuk-footer"><div class="nhsuk-width-container"><p>Patient guides</p></div></footer></body></html>"""


class Files(http.server.BaseHTTPRequestHandler):
    """A handful of gzipped files from memory."""

    protocol_version = "HTTP/1.1"
    files: dict[str, tuple[str, bytes]]
    slow = False

    def do_GET(self) -> None:
        kind, body = self.files.get(self.path, ("text/plain", b""))
        if self.slow:
            time.sleep(LATENCY / 1000)
        self.send_response(200 if body else 404)
        if not kind.startswith("text/html"):
            self.send_header("Cache-Control", "max-age=31536000, immutable")
        for name, value in (("Content-Type", kind), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))):
            if body or name == "Content-Length":
                self.send_header(name, value)
        self.end_headers()
        step = 1000 if self.slow else len(body) or 1
        for start in range(0, len(body), step):
            if self.slow:
                time.sleep(step / BYTES_A_SECOND)
            self.wfile.write(body[start : start + step])

    def log_message(self, *_: object) -> None:
        return


@contextlib.contextmanager
def serving(files: dict[str, tuple[str, bytes]], *, slow: bool = False) -> Iterator[str]:
    packed = {path: (kind, gzip.compress(body, 9)) for path, (kind, body) in files.items()}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("These", (Files,), {"files": packed, "slow": slow}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def peer(page: str) -> dict[str, tuple[str, bytes]]:
    """The files of the peer's page with the text of ours."""
    package = FOLDER / "node_modules" / "nhsuk-frontend"
    if not package.is_dir() or json.loads((package / "package.json").read_text())["version"] != NHS:
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"nhsuk-frontend@{NHS}"]
        subprocess.run(command, cwd=FOLDER, check=True)
    folder = package / "dist" / "nhsuk"
    css = (folder / "nhsuk-frontend.min.css").read_text()
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    main = re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)
    title = re.search(r"<title>(.*?)</title>", page)
    assert main
    assert title
    start = "import { initAll } from '/nhsuk-frontend.min.js'; document.body.className += ' js-enabled'; initAll();"
    return {
        "/": ("text/html; charset=utf-8", PEER.format(title=title[1], main=main[1]).encode()),
        "/nhsuk-frontend.min.css": ("text/css", css.encode()),
        "/nhsuk-frontend.min.js": ("text/javascript", (folder / "nhsuk-frontend.min.js").read_bytes()),
        "/start.js": ("text/javascript", start.encode()),
    }


STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
RULES = re.compile(r'<script type="speculationrules">.*?</script>\n', re.DOTALL)
TRANSITION = "@view-transition{navigation:auto}"
PRESSED_MS = 100
"""How long a click lasts: from pointer down, when fetching ahead begins, to up, when the browser leaves."""


def bare(page: str) -> str:
    """Our page with its style and nothing that fetches ahead."""
    return RULES.sub("", page)


def linked(pages: dict[str, str]) -> dict[str, tuple[str, bytes]]:
    """Our pages with their style behind a link."""
    found = STYLE.search(next(iter(pages.values())))
    assert found
    link = '<link rel="stylesheet" href="/site.css">'
    kind = "text/html; charset=utf-8"
    files = {path: (kind, STYLE.sub(link, bare(page)).encode()) for path, page in pages.items()}
    return {**files, "/site.css": ("text/css", found[1].encode())}


def inside(pages: dict[str, str]) -> dict[str, tuple[str, bytes]]:
    return {path: ("text/html; charset=utf-8", page.encode()) for path, page in pages.items()}


PRESS = """
addEventListener("pointerdown", event => sessionStorage.pressed = performance.timeOrigin + event.timeStamp);
"""


def next_page(browser: Browser, url: str) -> dict[str, float]:
    """Milliseconds from pressing the link to the next page until that page's first and largest paint; bytes of the page."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    try:
        page = context.new_page()
        page.add_init_script(OBSERVE + PRESS)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(url, wait_until="load", timeout=120_000)
        page.wait_for_timeout(1000)
        link = page.locator(".pager a[rel=next]")
        link.scroll_into_view_if_needed()
        link.hover()
        page.wait_for_timeout(500)
        with page.expect_navigation(wait_until="load", timeout=60_000):
            page.mouse.down()
            page.wait_for_timeout(PRESSED_MS)
            page.mouse.up()
        page.wait_for_timeout(1500)
        return page.evaluate("""() => {
            const late = performance.timeOrigin - Number(sessionStorage.pressed);
            const [navigation] = performance.getEntriesByType("navigation");
            const [fcp] = performance.getEntriesByName("first-contentful-paint");
            return {fcp: late + fcp.startTime, lcp: late + window.seen.lcp, bytes: navigation.encodedBodySize};
        }""")
    finally:
        context.close()


def visit(browser: Browser, url: str) -> dict[str, float]:
    """One load with an empty cache: FCP and LCP in ms, bytes as sent, requests."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    try:
        page = context.new_page()
        page.add_init_script(OBSERVE)
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False, "latency": LATENCY, "downloadThroughput": BYTES_A_SECOND,
                "uploadThroughput": BYTES_A_SECOND,
            },
        )  # fmt: skip
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        sent = {"bytes": 0.0, "requests": 0.0}
        tools.on("Network.requestWillBeSent", lambda _: sent.update(requests=sent["requests"] + 1))
        tools.on("Network.loadingFinished", lambda event: sent.update(bytes=sent["bytes"] + event["encodedDataLength"]))
        page.goto(url, wait_until="load", timeout=120_000)
        page.wait_for_timeout(1500)
        fcp = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return {"fcp": fcp, "lcp": page.evaluate("window.seen.lcp"), **sent}
    finally:
        context.close()


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--rounds", type=int, default=7)
    reading.add_argument("--page", default="/mesotherapy/risks/")
    reading.add_argument("--write", action="store_true")
    options = reading.parse_args()
    about = machine()
    print(about, flush=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="browser-")))
        site, _pid = stack.enter_context(ours(folder, free_port()))
        page = urllib.request.urlopen(site + options.page).read().decode()
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following
        after = urllib.request.urlopen(site + following[1]).read().decode()
        pages = {options.page: page, following[1]: after}
        plain = {path: bare(text) for path, text in pages.items()}
        moving = {path: text.replace("</style>", f"{TRANSITION}</style>", 1) for path, text in pages.items()}

        def at(files: dict[str, tuple[str, bytes]], path: str = options.page, *, slow: bool = False) -> str:
            return stack.enter_context(serving(files, slow=slow)) + path

        urls = {
            "ours": site + options.page,
            f"nhsuk-frontend {NHS}": at(peer(page), "/"),
            "ours, style behind a link, from the peer's server": at(linked(pages)),
            "ours, style inside, from the peer's server": at(inside(plain)),
        }
        nexts = {
            "style in the cache": at(linked(pages), slow=True),
            "style inside": at(inside(plain), slow=True),
            "style inside, fetched ahead": at(inside(pages), slow=True),
            "style inside, fetched ahead, view transition": at(inside(moving), slow=True),
        }
        playwright = stack.enter_context(sync_playwright())
        program = next(
            (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
        )
        if program is None:
            sys.exit("This needs Chromium.")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        version = browser.version
        samples: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
        clicks: dict[str, list[dict[str, float]]] = {name: [] for name in nexts}
        for _round in range(options.rounds):
            for name, url in urls.items():
                samples[name].append(visit(browser, url))
            for name, url in nexts.items():
                clicks[name].append(next_page(browser, url))
        browser.close()
    lines = ["| page | FCP, ms | LCP, ms | bytes | requests |", "|---|---|---|---|---|"]
    for name, got in samples.items():
        row = [summed([sample[what] for sample in got]) for what in ("fcp", "lcp", "bytes", "requests")]
        lines.append(f"| {name} | {' | '.join(row)} |")
    lines += ["", "| click on “Next” | FCP, ms | LCP, ms | bytes of the page, gzip |", "|---|---|---|---|"]
    for name, got in clicks.items():
        row = [summed([sample[what] for sample in got]) for what in ("fcp", "lcp", "bytes")]
        lines.append(f"| {name} | {' | '.join(row)} |")
    table = "\n".join(lines)
    print(table)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"browser-{stamp}.json"
    raw.write_text(
        json.dumps({"about": about, "chromium": version, "samples": samples, "clicks": clicks}, indent=1) + "\n"
    )
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(
                f"\n## In a browser on slow 4G\n\n{about}; Chromium {version}. 400 ms, 400 kbit/s, processor × 4; raw: "
                f"`benchmarks/raw/{raw.name}`.\n\n{table}\n"
            )


if __name__ == "__main__":
    main()
