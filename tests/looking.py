"""Looks at the running site from outside: the screenshot of the README, and judges that are not part of `make test`.

python tests/looking.py screenshot     docs/screenshot.webp, from real content in a real Chromium
python tests/looking.py judges         the Nu checker on every page, Lighthouse on three (needs Java, Node and npm)
python tests/looking.py nu             the Nu checker alone
python tests/looking.py jsonld         types, properties and values of every page's JSON-LD against schema.org, by TypeScript
python tests/looking.py lighthouse     Lighthouse alone, so that it can be run again on an idle machine

Judges end with 1 when the Nu checker has any message or a Lighthouse score is below 100.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOT = ROOT / "docs" / "screenshot.webp"
JUDGES = ROOT / "var" / "judges"
LIGHTHOUSE = ("/", "/mesotherapy/risks/", "/mesotherapy/all/")
LONE = ("/no-such-page/", "/search/?q=scars", "/search/?q=zzzzzz")
"""Pages no link leads to."""


@contextmanager
def site() -> Iterator[str]:
    """The address of the site, started with the shipped content in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "HOST": "127.0.0.1", "PORT": str(port)}
        command = [sys.executable, "manage.py", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            for _ in range(1200):
                try:
                    fetch(url)
                    break
                except OSError:
                    if server.poll() is not None:
                        sys.exit("The site did not start: run `make run` and read what it says.")
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def fetch(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        if error.code not in (404, 410):
            raise
        return error.read().decode()


def pages(url: str) -> dict[str, str]:
    """The HTML of every page links lead to, and of the lone ones, by address."""
    found: dict[str, str] = {}
    todo = ["/", *LONE]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found[path] = fetch(url + path)
        todo += [
            href
            for href in re.findall(r"<a[^>]*\shref=\"(/[^\"#?]*)", found[path])
            if href.endswith("/") and not href.startswith(("/admin", "/static", "/media"))
        ]
    return found


def chromium() -> str:
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (program := shutil.which(name)):
            return program
    sys.exit("Chromium was not found: run `make test` once, or set CHROMIUM to its program.")


def screenshot() -> None:
    from PIL import Image
    from playwright.sync_api import sync_playwright

    shots = []
    with site() as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for path, width, scheme in (("/mesotherapy/", 1120, "light"), ("/mesotherapy/risks/", 390, "dark")):
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(url + path)
            shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    gap = 24
    picture = Image.new("RGB", (sum(shot.width for shot in shots) + gap, 800), "white")
    picture.paste(shots[0], (0, 0))
    picture.paste(shots[1], (shots[0].width + gap, 0))
    picture.save(SCREENSHOT, "WEBP", quality=82, method=6)
    print(f"{SCREENSHOT.relative_to(ROOT)}: {picture.width} × {picture.height}, {SCREENSHOT.stat().st_size} bytes")


def judges(*, which: Collection[str] = ("nu", "jsonld", "lighthouse")) -> None:
    missing = [program for program in ("java", "node", "npm") if not shutil.which(program)]
    if missing:
        sys.exit(f"The judges need {', '.join(missing)}. On Debian: apt install default-jre-headless nodejs npm")
    JUDGES.mkdir(parents=True, exist_ok=True)
    packages = {
        "vnu-jar": "vnu-jar",
        "lighthouse": "lighthouse@12",
        "schema-dts": "schema-dts@2.1.0",
        "typescript": "typescript@7.0.2",
    }
    wanted = [asked for name, asked in packages.items() if not (JUDGES / "node_modules" / name).is_dir()]
    if wanted:
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *wanted], cwd=JUDGES, check=True)
    with site() as url:
        faults = nu(pages(url)) if "nu" in which else []
        faults += jsonld(pages(url)) if "jsonld" in which else []
        faults += lighthouse(url) if "lighthouse" in which else []
    if faults:
        sys.exit(1)


def nu(found: dict[str, str]) -> list[str]:
    """What the Nu checker says of the pages; prints it."""
    folder = JUDGES / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, (path, html) in enumerate(sorted(found.items())):
        (folder / f"{number:03}{re.sub(r'[^a-z0-9]+', '-', path)}.html").write_text(html, encoding="utf-8")
    jar = next((JUDGES / "node_modules" / "vnu-jar").rglob("vnu.jar"))
    command = ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = json.loads(done.stderr or done.stdout)["messages"]
    said = [f"{Path(one.get('url', '')).name}: {one['type']}: {one['message']}" for one in messages]
    print(f"Nu checker: {len(found)} pages, {len(said)} messages")
    for line, count in sorted({line: said.count(line) for line in said}.items()):
        print(f"  {count} × {line}")
    return said


def jsonld(found: dict[str, str]) -> list[str]:
    """What TypeScript says of the JSON-LD of the pages, typed by schema-dts: unknown types, properties, wrong values.

    schema-dts is generated from schema.org's own vocabulary. A control with a property nobody knows must be refused.
    """
    blocks = {
        path: json.loads(text)
        for path, html in found.items()
        for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    }
    types = sorted({block["@type"] for block in blocks.values() if "@graph" not in block})
    lines = [f"import type {{ Graph, WithContext, {', '.join(types)} }} from 'schema-dts';"]
    for number, block in enumerate(blocks.values()):
        kind = "Graph" if "@graph" in block else f"WithContext<{block['@type']}>"
        lines.append(f"export const block{number}: {kind} = {json.dumps(block)};")
    text = "\n".join(lines)
    said = _compiled("blocks.ts", text)
    print(f"schema-dts: {len(blocks)} blocks of JSON-LD of the types {', '.join(types)}, {len(said)} messages")
    for line in said:
        print(f"  {line}")
    if not blocks or not _compiled("control.ts", text.replace('"inLanguage"', '"inLanguages"')):
        said.append("schema-dts: the control with an unknown property was not refused")
    return said


def _compiled(name: str, text: str) -> list[str]:
    (JUDGES / name).write_text(text, encoding="utf-8")
    options = "--noEmit --strict --skipLibCheck --moduleResolution bundler --module esnext".split()
    command = [str(JUDGES / "node_modules" / ".bin" / "tsc"), *options, name]
    done = subprocess.run(command, cwd=JUDGES, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "error TS" in line]


def lighthouse(url: str) -> list[str]:
    """Runs Lighthouse on three pages; the categories below 100. Prints those and the audits that cost points."""
    short = []
    for path in LIGHTHOUSE:
        report = JUDGES / "lighthouse.json"
        subprocess.run(
            [
                str(JUDGES / "node_modules" / ".bin" / "lighthouse"), url + path, "--quiet", "--output=json",
                f"--output-path={report}", "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
            ],
            env={**os.environ, "CHROME_PATH": chromium()}, check=True, cwd=JUDGES,
        )  # fmt: skip
        result = json.loads(report.read_text())
        scores = {name: round(100 * (category["score"] or 0)) for name, category in result["categories"].items()}
        print(f"Lighthouse {result['lighthouseVersion']} {path}: {scores}")
        for name in (name for name, score in scores.items() if score < 100):
            short.append(f"{path}: {name}: {scores[name]}")
            for audit in result["categories"][name]["auditRefs"]:
                one = result["audits"][audit["id"]]
                if audit["weight"] and (one["score"] or 0) < 1:
                    print(f"  {name}: {one['title']} ({one.get('displayValue', '')})")
    return short


if __name__ == "__main__":
    if sys.argv[1] == "screenshot":
        screenshot()
    else:
        judges(which=("nu", "jsonld", "lighthouse") if sys.argv[1] == "judges" else sys.argv[1:])
