"""Addresses of readers' pages: each exists at the root for the default language and under `/<language>/` for others."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from ..document import DEFAULT_LANGUAGE, KEY_PATTERN, is_language
from . import feedback, history, machines, media, plan, preview, search, take_home, twins, views


class Slug:
    """A key or slug; words that read as a language are left to `Language`."""

    regex = KEY_PATTERN.replace("(", "(?:", 1)

    def to_python(self, value: str) -> str:
        if is_language(value):
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


class Language:
    """A language other than the default, which has no prefix."""

    regex = "[a-z]{2}(?:-[a-z]{2,4})?"

    def to_python(self, value: str) -> str:
        if value == DEFAULT_LANGUAGE:
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


class Format:
    regex = "md|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Slug, "part")
register_converter(Language, "tongue")
register_converter(Format, "format")

_PAGES = [
    ("", views.home, "home"),
    ("glossary/", views.glossary, "glossary"),
    ("glossary/<part:letter>/", views.glossary_letter, "glossary-letter"),
    ("a-z/<part:letter>/", views.letter, "letter"),
    ("search/", search.search, "search"),
    ("glossary.<format:form>", twins.glossary, "glossary-twin"),
    ("glossary/<part:letter>.<format:form>", twins.glossary_letter, "glossary-letter-twin"),
    ("<part:guide>/", views.guide, "guide"),
    ("<part:guide>.<format:form>", twins.guide, "guide-twin"),
    ("<part:guide>/all/", views.whole, "whole"),
    ("<part:guide>/all.<format:form>", twins.whole, "whole-twin"),
    ("<part:guide>/options/", views.options, "options"),
    ("<part:guide>/get-help/", views.get_help, "get-help"),
    ("<part:guide>/changes/", history.changes, "changes"),
    ("<part:guide>/plan/", plan.plan, "plan"),
    ("<part:guide>/plan.ics", plan.ics, "plan-calendar"),
    ("<part:guide>/take-home/", take_home.take_home, "take-home"),
    ("<part:guide>/<part:section>/", views.section, "section"),
    ("<part:guide>/<part:section>.<format:form>", twins.section, "section-twin"),
]

app_name = "procedures"
urlpatterns: list[URLPattern] = [
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", machines.sitemap_piece, name="sitemap-piece"),
    path("robots.txt", machines.robots, name="robots"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feed.xml", history.feed, name="feed"),
    path("v/", history.version, name="version-none"),
    path("v/<str:mark>/", history.version, name="version"),
    path("media/<str:file>", media.media, name="media"),
    path("preview/<str:token>/", preview.preview, name="preview"),
    path("preview/<str:token>/<part:section>/", preview.preview, name="preview-section"),
    *(path(route, view, {"language": DEFAULT_LANGUAGE}, name=name) for route, view, name in _PAGES),
    *(path(f"<tongue:language>/{route}", view, name=f"{name}-translated") for route, view, name in _PAGES),
]
