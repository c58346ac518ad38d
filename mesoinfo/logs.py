"""What is written down of each request: what was asked and how it went, never who asked or what was searched for."""

from __future__ import annotations

import datetime
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # settings name this module, and a server reads those before it has the time to load Django
    from django.http import HttpRequest, HttpResponseBase

logger = logging.getLogger("mesoinfo.requests")
HEADER = "X-Request-ID"
SECRETS = ("token", "uidb64")
"""Parts of an address that open something: a preview, an invitation. They are not written down."""
LONGEST = 300
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request", default="")


class RequestLogMiddleware:
    """One line for each request Django answers, and its id in `X-Request-ID` (the one it came with, if it reads as one)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if getattr(request, "prerendering", False):  # asked by ourselves, and kept as a file for everybody
            return self.get_response(request)
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        name = given if _ID.fullmatch(given) else secrets.token_hex(12)
        token = _current.set(name)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = name
            self._write(request, response.status_code, began)
        finally:
            _current.reset(token)
        return response

    @staticmethod
    def _write(request: HttpRequest, status: int, began: float) -> None:
        line: dict[str, Any] = {
            "method": (request.method or "")[:20],
            "path": shown_path(request),
            "status": status,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        user = getattr(request, "_cached_user", None)  # only if somebody asked for it: looking now would be a query
        if user is not None and user.is_authenticated and user.is_staff:
            line["user"] = user.pk
        logger.info("%(method)s %(path)s %(status)s %(ms)s ms", line, extra={"line": line})


def shown_path(request: HttpRequest) -> str:
    """The path without the query, and without what opens something to whoever has it."""
    path = request.path
    match = getattr(request, "resolver_match", None)
    for name, value in (match.kwargs if match else {}).items():
        if name in SECRETS and value:
            path = path.replace(str(value), "…")
    if match is None and path.startswith("/preview/"):
        path = "/preview/…"
    return path[:LONGEST]


class WithoutSecrets(logging.Filter):
    """For what Django itself says of a request: the same path as in our line."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        if hasattr(request, "resolver_match") and isinstance(record.args, tuple):
            shown = shown_path(request)
            record.args = tuple(shown if argument == request.path else argument for argument in record.args)
        return True


class JsonFormatter(logging.Formatter):
    """A JSON object on one line: at, level, logger, message, and where there is one the request and its id."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if _current.get():
            line["request"] = _current.get()
        found = getattr(record, "line", None)
        if isinstance(found, dict):
            line |= found
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class DailyFile(logging.Handler):
    """Appends to a file a day: `site.log` becomes `site-2026-11-22.log` (UTC).

    Several processes write to the same file, each line with one write; none has to rename what another has open, as
    rotating handlers do. `procedures.upkeep.forget_old_logs` deletes the files of former months. A folder that is missing is
    made; one that cannot be written is named once, in a sentence, and stops nothing: readers need pages, not this file.
    """

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.path = Path(filename)
        self.told = False
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self._tell(error)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            day = datetime.datetime.now(datetime.UTC).date().isoformat()
            path = self.path.with_name(f"{self.path.stem}-{day}{self.path.suffix}")
            with path.open("ab", buffering=0) as file:
                file.write(f"{self.format(record)}\n".encode())
            self.told = False
        except OSError as error:
            self._tell(error)
        except Exception:  # logging must not break what it tells of
            self.handleError(record)

    def _tell(self, error: OSError) -> None:
        if not self.told:
            sys.stderr.write(
                f"The log file {self.path} cannot be written ({error.strerror}); what is logged is only printed. "
                "Make its folder writable for the user of the site, or set LOG_FILE to another one.\n"
            )
        self.told = True


def configuration(*, level: str, form: str, file: str) -> dict[str, Any]:
    """LOGGING. `form`: "json" or "text"; `file`: where lines go besides being printed, empty: nowhere."""
    # with JSON each request has its line already; Django's own "Not Found: …" would be a second one
    own: dict[str, Any] = {"django.request": {"level": "ERROR"}} if form == "json" else {}
    # What strangers send is no error of ours, and a traceback for each would let them fill the disk.
    own["django.security"] = {"level": "CRITICAL"}
    to_file = {"file": {"class": "mesoinfo.logs.DailyFile", "filename": file, "formatter": "used", "filters": ["safe"]}}
    console = {"class": "logging.StreamHandler", "formatter": "used", "filters": ["safe"]}
    text = {"format": "%(levelname)s %(name)s: %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"safe": {"()": "mesoinfo.logs.WithoutSecrets"}},
        "formatters": {"used": {"()": "mesoinfo.logs.JsonFormatter"} if form == "json" else text},
        "handlers": {"console": console, **(to_file if file else {})},
        "root": {"handlers": ["console", *(["file"] if file else [])], "level": "WARNING"},
        "loggers": {"procedures": {"level": level}, "mesoinfo": {"level": level}, **own},
    }
