"""Chromium as the judge: it loads what we rendered, and tells what ran, what it asked for, and what stands in the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Route

from procedures.pages import inline

HERE = "http://127.0.0.1:9"
"""Nothing listens there; every request is answered from memory."""
REPORT = (
    f"default-src 'self'; script-src 'self' {inline.allowed(inline.RULES)}; style-src 'self' "
    f"{inline.allowed(inline.STYLE)}; img-src 'self'; connect-src 'self'; frame-src 'none'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'"
)
"""Sent as report-only: it stops nothing, and Chromium tells each script, handler or address it would have stopped."""

HOOKS = """(() => {
  const say = console.debug.bind(console);
  for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
    window[name] = (...args) => { say('ran ' + name + ' ' + String(args[0]).slice(0, 60)); return null; };
  for (const name of ['log', 'info', 'warn', 'error', 'dir', 'table'])
    console[name] = (...args) => say('ran console.' + name);
  const write = document.write.bind(document);
  document.write = (text) => { say('ran document.write'); write(text); };
  document.addEventListener('securitypolicyviolation', (event) =>
    say((event.disposition === 'report' ? 'against the policy ' : 'stopped ')
        + event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample));
})()"""

SCAN = """([tags, attributes]) => {
  const bad = [], used = {tags: new Set(), attributes: new Set()};
  const loads = new Set(['src', 'poster', 'background', 'data', 'srcset', 'formaction', 'action', 'xlink:href', 'ping']);
  for (const element of document.querySelectorAll('*')) {
    const tag = element.localName;
    used.tags.add(tag);
    if (tags && !tags.includes(tag)) bad.push('tag ' + tag);
    for (const {name, value} of element.attributes) {
      used.attributes.add(name);
      if (/^on/i.test(name) || name === 'style' || name === 'srcdoc' || (attributes && !attributes.includes(name)))
        bad.push('attribute ' + tag + ' ' + name);
      if (name === 'href' || loads.has(name)) {
        let url = null;
        try { url = new URL(value, document.baseURI); } catch { continue; }
        if (!['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol)) bad.push('scheme ' + tag + ' ' + value);
        else if (loads.has(name) && url.origin !== location.origin) bad.push('loads ' + tag + ' ' + value);
        else if (element instanceof HTMLLinkElement && url.origin !== location.origin && !/^(canonical|alternate)$/.test(element.rel))
          bad.push('link ' + value);
      }
    }
    if (tag === 'script') {
      if (['application/ld+json', 'application/json', 'speculationrules'].includes(element.type)) {
        try { JSON.parse(element.textContent); } catch { bad.push('broken ' + element.type); }
      } else if (!element.src) bad.push('inline script');
    }
    if (tag === 'meta' && element.httpEquiv) bad.push('meta ' + element.httpEquiv);
  }
  return {bad, tags: [...used.tags], attributes: [...used.attributes], text: document.body ? document.body.innerText.length : 0,
          boxes: document.querySelectorAll('body > section[data-box]').length};
}"""


@dataclass
class Seen:
    """What one page showed."""

    ran: list[str]
    against: list[str]
    stopped: list[str]
    outside: list[str]
    bad: list[str]
    tags: set[str]
    attributes: set[str]
    boxes: int

    @property
    def wrong(self) -> list[str]:
        return [*self.ran, *self.against, *self.outside, *self.bad]


@dataclass
class Watch:
    """A browser without a network that is shown pages, with a policy or (as a rule) without."""

    browser: Browser
    policy: str = ""
    said: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    body: bytes = b""
    path: str = "/"
    content_type: str = ""

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(service_workers="block")
        self.context.add_init_script(HOOKS)
        self.context.route("**/*", self._answer)
        self.page: Any = None

    def close(self) -> None:
        self.context.close()

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != HERE:
            self.outside.append(route.request.url)
            route.abort()
        elif route.request.is_navigation_request() and route.request.frame.parent_frame is None:
            if url.path != urlsplit(self.path).path:
                self.outside.append(f"left for {route.request.url}")
                route.abort()
                return
            headers = {"Content-Type": self.content_type}
            if self.policy:
                headers["Content-Security-Policy"] = self.policy
            else:
                headers["Content-Security-Policy-Report-Only"] = REPORT
            route.fulfill(status=200, headers=headers, body=self.body)
        elif url.path.startswith("/static/") and (found := finders.find(url.path.removeprefix("/static/"))):
            route.fulfill(path=found)
        else:
            route.fulfill(status=404, body="")

    def show(
        self,
        body: bytes | str,
        path: str = "/",
        *,
        tags: Iterable[str] | None = None,
        attributes: Iterable[str] | None = None,
        wait: int = 40,
        content_type: str = "text/html; charset=utf-8",
    ) -> Seen:
        """Loads `body` as the page at `path`. Only these tags and attributes are good; None: any."""
        if self.page is None:
            self.page = self.context.new_page()
            self.page.set_default_timeout(120_000)
            self.page.on("console", lambda message: self.said.append(message.text))
            self.page.on("dialog", lambda dialog: (self.said.append(f"ran {dialog.type}"), dialog.dismiss()))
        self.body, self.path = body.encode() if isinstance(body, str) else body, path
        self.content_type = content_type
        self.said.clear()
        self.outside.clear()
        self.page.goto(f"{HERE}{path}", wait_until="load")
        self.page.wait_for_timeout(wait)
        said = list(self.said)  # before our own question, which Chromium counts as a script too
        allowed = [list(tags) if tags is not None else None, list(attributes) if attributes is not None else None]
        try:
            found = self.page.evaluate(SCAN, allowed)
        except Exception:  # a script that runs may have led the page away or taken it over
            found = {"bad": ["the page was taken over"], "tags": [], "attributes": [], "boxes": 0}
        if not found["tags"]:
            self.page.close()
            self.page = None
        return Seen(
            [line for line in said if line.startswith("ran ")],
            [line for line in said if line.startswith("against ")],
            [line for line in said if line.startswith("stopped ")],
            list(self.outside),
            found["bad"],
            set(found["tags"]),
            set(found["attributes"]),
            found["boxes"],
        )


def boxes(blocks: Iterable[str]) -> str:
    """Many pieces of HTML on one page, each in a box of its own."""
    inside = "".join(f'<section data-box="{number}">{block}</section>' for number, block in enumerate(blocks))
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head><body>{inside}</body></html>'


def most(found: Counter[str], number: int = 5) -> str:
    return ", ".join(f"{name} ({count})" for name, count in found.most_common(number))
