"""One page in a browser on a weak phone and a bad line: ours beside a page with NHS.UK frontend holding the same text.

    python benchmarks/browser.py [--rounds 7] [--page /mesotherapy/risks/] [--write]

Slow 4G as Chromium's tools have it for simulation by throttling: 400 ms of latency, 400 kbit/s, processor four times
slower, empty cache. The peer's page is the text of ours inside the header, footer and styles of nhsuk-frontend 10.6.1
(npm, into var/nhs/). Its own text, styles and script come gzipped from this machine, as ours do; its web font, which it
takes from another host, is left out, which is to its advantage. With --inline our stylesheet is also measured inside the
page, for docs/decisions. Prints medians and spread; raw samples go to benchmarks/raw/browser-<time>.json.
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

    def do_GET(self) -> None:
        kind, body = self.files.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        for name, value in (("Content-Type", kind), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))):
            if body or name == "Content-Length":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextlib.contextmanager
def serving(files: dict[str, tuple[str, bytes]]) -> Iterator[str]:
    packed = {path: (kind, gzip.compress(body, 9)) for path, (kind, body) in files.items()}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("These", (Files,), {"files": packed}))
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


def inlined(page: str, site: str) -> dict[str, tuple[str, bytes]]:
    """Our page with its stylesheet inside."""
    link = re.search(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert link
    css = urllib.request.urlopen(site + link[1]).read().decode()
    return {"/": ("text/html; charset=utf-8", page.replace(link[0], f"<style>{css}</style>").encode())}


def linked(page: str, site: str) -> dict[str, tuple[str, bytes]]:
    """Our page from the same small server, for a comparison with `inlined`."""
    link = re.search(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert link
    css = urllib.request.urlopen(site + link[1]).read()
    return {"/": ("text/html; charset=utf-8", page.encode()), link[1]: ("text/css", css)}


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
        urls = {
            "ours": site + options.page,
            f"nhsuk-frontend {NHS}": stack.enter_context(serving(peer(page))) + "/",
            "ours, stylesheet linked": stack.enter_context(serving(linked(page, site))) + "/",
            "ours, stylesheet inline": stack.enter_context(serving(inlined(page, site))) + "/",
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
        for _round in range(options.rounds):
            for name, url in urls.items():
                samples[name].append(visit(browser, url))
        browser.close()
    lines = ["| page | FCP, ms | LCP, ms | bytes | requests |", "|---|---|---|---|---|"]
    for name, got in samples.items():
        row = [summed([sample[what] for sample in got]) for what in ("fcp", "lcp", "bytes", "requests")]
        lines.append(f"| {name} | {' | '.join(row)} |")
    table = "\n".join(lines)
    print(table)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    raw = HERE / "raw" / f"browser-{stamp}.json"
    raw.write_text(json.dumps({"about": about, "chromium": version, "samples": samples}, indent=1) + "\n")
    if options.write:
        with (HERE / "RESULTS.md").open("a") as file:
            file.write(
                f"\n## In a browser on slow 4G\n\n{about}; Chromium {version}. 400 ms, 400 kbit/s, processor × 4; raw: "
                f"`benchmarks/raw/{raw.name}`.\n\n{table}\n"
            )


if __name__ == "__main__":
    main()
