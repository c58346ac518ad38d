"""Content cannot be code: every hostile input, in every place, leaves nothing live."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procedures.rendering import Link, Page, Picture, References, check, parser
from procedures.rendering.safe import clean, sanitise

from ..conftest import size
from .conftest import REFERENCES, html, inputs
from .detector import addresses, forbidden

# Of the 90 targets these two cannot be told from an address an author means: a number to call, a plain https address.
PLAIN = {"tel:112", "https://site.example.evil.example/"}
PLACES = (
    "[x]({})",
    "[x](<{}>)",
    '[x]({} "title")',
    "<{}>",
    "[x][r]\n\n[r]: {}",
    "[x][r]\n\n[r]: <{}>",
    "![x]({})",
    "![x](<{}>)",
    "| a |\n|---|\n| [x]({}) |",
    "::: emergency\n- [x](<{}>)\n:::",
    "term\n: [x]({})",
    "## [x]({})",
)
SHORT = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "</textarea></title></style><iframe srcdoc='<script>alert(1)</script>'>",
    "<style>@import '//evil.example'</style>",
    "<form id=x><input name=attributes>",
    "[^<b>]",
    "::: emergency\n<b onclick=alert(1)>\n:::",
)


def test_no_listed_target_becomes_live(tell: Callable[[str], None]) -> None:
    tried, live = 0, set()
    for payload in inputs("url_payloads"):
        for place in PLACES:
            out = html(place.format(payload)) + Page(REFERENCES).line(place.format(payload))
            tried += 1
            assert forbidden(out) == [], (place, payload)
            if addresses(out):
                live.add(payload)
    tell(f"{tried} hostile link targets tried, {len(live)} kept as plain addresses")
    assert live == PLAIN
    assert tried == 90 * len(PLACES)


def test_payloads_are_inert_in_every_place_of_a_text(tell: Callable[[str], None]) -> None:
    tried = 0
    for context in inputs("contexts"):
        for payload in (*SHORT, *inputs("url_payloads")):
            text = context["template"].replace("{PY}", payload).replace("{P}", payload)
            assert forbidden(html(text)) == [], (context["name"], payload)
            assert forbidden(Page(REFERENCES).line(text)) == [], (context["name"], payload)
            tried += 1
    tell(f"{tried} payloads in contexts tried")
    assert tried > 5000


@pytest.mark.torture
def test_outside_lists_are_inert(corpora: Path, tell: Callable[[str], None]) -> None:
    lines = (corpora / "third-party" / "payloadbox.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    sample = random.Random(20261122).sample(lines, min(size(300, 1_000_000), len(lines)))
    contexts = [context["template"] for context in inputs("contexts")]
    for number, payload in enumerate(sample):
        for template in ("{P}", contexts[number % len(contexts)]):
            text = template.replace("{PY}", payload).replace("{P}", payload)
            assert forbidden(html(text)) == [], payload
            assert forbidden(Page(REFERENCES).line(text)) == [], payload
    tell(f"{len(sample)} lines of the outside list tried in two places each")
    assert len(sample) >= 300


def test_hostile_records_are_inert_too() -> None:
    evil = '"><script>alert(1)</script>'
    for address in ("javascript:alert(1)", "//evil.example/x", "data:text/html,x", evil):
        references = References(
            marks={"a": evil},
            sections={"a": Link(address, evil)},
            terms={"a": Link(address, evil), "b": Link("/glossary/#b", evil)},
            images={"a": Picture(address, 1, 1, evil)},
        )
        text = f"[^a] [x](section:a) [x](glossary:a) [x](glossary:b)\n\n![{evil}](image:a)\n\n| {evil} |\n|--|\n| x |"
        out = "".join(piece.html for piece in Page(references).body(text))
        assert forbidden(out) == []
        assert addresses(out) == ["#source-1", "/glossary/#b"]
        assert out.count("<a ") == 2  # the refused ones leave their words, not an empty link


def test_without_sanitiser_and_with_raw_html_the_detector_fires() -> None:
    raw = parser.core(html=True)
    raw.validateLink = lambda url: True  # type: ignore[method-assign]
    fired = sum(bool(forbidden(raw.render(payload))) for payload in SHORT)
    assert fired >= 8
    live = [u for u in inputs("url_payloads") if addresses(raw.render(f"[x](<{u}>)"))]
    assert len(live) > 60


@pytest.mark.parametrize(
    "kept_out",
    [
        "<script>alert(1)</script>",
        "<p style='x'>a</p>",
        "<p onclick='x'>a</p>",
        "<a href='javascript:x'>a</a>",
        "<a href='//evil.example'>a</a>",
        "<img src='https://evil.example/x.png'>",
        "<img src='//evil.example/x.png'>",
        "<div class='mark evil'>a</div>",
        "<div role='application' tabindex='5'>a</div>",
        "<h2 id='a b'>a</h2>",
        "<p id='main'>a</p>",
        "<a name='x' target='_blank' rel='opener'>a</a>",
        "<h1>a</h1>",
        "<iframe src='/x'></iframe>",
        "<form action='/x'><input></form>",
        "<!-- a -->",
    ],
)
def test_the_allow_list_alone_keeps_out(kept_out: str) -> None:
    # Even if the renderer wrote it: only these attributes may be left, and of them none from the input above.
    left = sanitise(kept_out)
    assert forbidden(left) == []
    assert "=" not in left
    assert clean(left) == left


def test_text_over_the_limit_is_shown_and_not_parsed() -> None:
    text = "[x](/y)<b>" + "*a " * 25_000
    out = html(text)
    assert "[x](/y)&lt;b&gt;" in out
    assert "<em>" not in out
    assert Page(REFERENCES).line(text).startswith("[x](/y)&lt;b&gt;")


CHILD = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))  # one gigabyte; a child that needs more ends with an error
from django.conf import settings
settings.configure(USE_I18N=False)
from procedures.rendering import MAX_BYTES, Page, References, check
for case in json.load(sys.stdin):
    for part in (1, 2, 4, 8, 16, 32):  # as written, and the largest part of it that is still parsed
        text = case["unit"] * (case["count"] // part) + case["middle"] + case["unit2"] * (case["count2"] // part)
        start = time.process_time()
        Page(References()).body(text), Page(References()).line(text), check(text, References())
        print(json.dumps([case["name"], len(text), time.process_time() - start]), flush=True)
        if len(text.encode()) <= MAX_BYTES:
            break
"""

# Shapes of our own dialect, repeated to half the length of a body.
OURS = (
    ":::",
    "::: do\n",
    "::: figure x\n",
    "- ::: do\n",
    "> ::: do\n",
    "a\n: b\n",
    "[^a]",
    "[^a",
    "[^a] [^a] ",
    "## a\n",
)
OURS_TOO = (
    "![a](image:x)\n\n",
    "![a](image:x)",
    "[a](section:x)",
    "[a](https://a.",
    "|a|b\n|-|-\n",
    "::: x\n:::\n",
    "| a | b |\n",
    "[" * 600 + "]" * 600,
)


def _seconds(cases: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-200:]
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.torture
def test_slow_shapes_end_in_a_child_process(tell: Callable[[str], None]) -> None:
    cases = inputs("pathological")
    cases = random.Random(20261122).sample(cases, size(12, len(cases)))
    took = _seconds(cases)
    slow = [line for line in took if line[2] >= 5]
    tell(
        f"{len(took)} slow shapes tried, {len(slow)} took 5 seconds or more, the slowest {max(t[2] for t in took):.1f}"
    )
    assert len(took) >= len(cases)
    assert slow == []


def test_no_shape_of_our_dialect_is_slow() -> None:
    cases = [
        {"name": unit, "unit": unit, "count": 30_000 // len(unit), "middle": "", "unit2": "", "count2": 0}
        for unit in (*OURS, *OURS_TOO)
    ]
    took = _seconds(cases)
    assert len(took) == len(cases)
    assert [line for line in took if line[2] >= 2] == []


def test_check_reports_what_is_not_live() -> None:
    for payload in set(inputs("url_payloads")) - PLAIN:
        text = f"[x](<{payload}>)"
        if parser.parse(text)[1].children[0].type == "link_open":  # type: ignore[index]
            assert check(text, REFERENCES), payload
