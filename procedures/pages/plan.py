"""Dates and cost of a course from a reader's own numbers. Asked and answered by GET; nothing is kept."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..document import CostItem, Document
from . import calendar
from .answer import answer, page
from .contexts import Context
from .frame import absolute, date_words, guide_frame
from .live import Shelf, Shown
from .parts import NBSP, amount, money, per_words
from .sheet import Sheet
from .views import found, reader

SESSIONS, WEEKS, PRICE = 60, 52, 100_000
OLD_YEARS = 2
"""A price is called old from so many years on."""


def whole(label: Any, *, low: int, high: int, required: bool = True) -> forms.IntegerField:
    between = gettext_lazy("Write a whole number from %(low)s to %(high)s, without signs.")

    class Bounds(forms.IntegerField):
        def __init__(self) -> None:
            self.sentence = between % {"low": f"{low:,}", "high": f"{high:,}"}
            super().__init__(
                label=label, required=required, error_messages={"invalid": self.sentence, "required": self.sentence}
            )
            self.validators += [MinValueValidator(low, self.sentence), MaxValueValidator(high, self.sentence)]
            self.widget.attrs.update({"inputmode": "numeric", "min": low, "max": high})

        def to_python(self, value: Any) -> int | None:
            # Prices are pasted as they are printed.
            return super().to_python(str(value).strip().removeprefix("$").replace(",", "") if value else value)

    return Bounds()


class PlanForm(forms.Form):
    """What a clinic has said, or what a reader wants to try out."""

    start = forms.DateField(
        label=gettext_lazy("Day of the first session"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": gettext_lazy("Write a day that exists, such as 2027-01-31."),
            "required": gettext_lazy("Choose the day of the first session."),
        },
    )
    sessions = whole(gettext_lazy("How many sessions"), low=1, high=SESSIONS)
    weeks = whole(gettext_lazy("Weeks between two sessions, at least"), low=1, high=WEEKS)
    weeks_to = whole(gettext_lazy("at most (if it can vary)"), low=1, high=WEEKS, required=False)
    price = whole(gettext_lazy("Price of 1 session, at least"), low=0, high=PRICE, required=False)
    price_to = whole(gettext_lazy("at most (if it can vary)"), low=0, high=PRICE, required=False)
    extras = whole(gettext_lazy("Extras for the whole course"), low=0, high=PRICE, required=False)

    def clean_start(self) -> datetime.date:
        start: datetime.date = self.cleaned_data["start"]
        today = timezone.localdate()
        if abs((start - today).days) > 5 * 365:
            raise forms.ValidationError(_("Choose a day within 5 years of today."))
        return start

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for low, high in (("weeks", "weeks_to"), ("price", "price_to")):
            least, most = values.get(low), values.get(high)
            if most is not None and least is None and low not in self.errors:
                self.add_error(low, _("Give the lower number too."))
            elif most is not None and least is not None and most < least:
                self.add_error(high, _("This must not be less than the number before it."))
        return values


@dataclass(frozen=True)
class Session:
    number: int
    first: datetime.date
    last: datetime.date

    @property
    def words(self) -> str:
        if self.first == self.last:
            return date_words(self.first)
        return _("%(first)s to %(last)s") % {"first": date_words(self.first), "last": date_words(self.last)}


@dataclass(frozen=True)
class Sum:
    """A line of arithmetic and what it comes to."""

    label: str
    steps: str
    total: str


@dataclass(frozen=True)
class Plan:
    sessions: tuple[Session, ...]
    length: str
    sums: tuple[Sum, ...]


@dataclass(frozen=True)
class Aged:
    """A price the guide found, with how old it is in words."""

    what: str
    amount: str
    per: str
    age: str
    old: bool


def planned(values: dict[str, Any], *, currency: str) -> Plan:
    """Dates and sums from checked values. A session's earliest day takes the shorter gap each time, its latest the longer."""
    least = values["weeks"]
    most = values.get("weeks_to") or least
    gaps = range(values["sessions"])
    sessions = tuple(
        Session(gap + 1, values["start"] + datetime.timedelta(weeks=gap * least),
                values["start"] + datetime.timedelta(weeks=gap * most))
        for gap in gaps
    )  # fmt: skip
    last = values["sessions"] - 1
    return Plan(sessions, _length(last, least, most), _sums(values, currency))


def _length(gaps: int, least: int, most: int) -> str:
    if not gaps:
        return _("1 session, no gaps: 1 day.")
    low = _steps(gaps, least)
    if least == most:
        return low
    return _("%(low)s at the shortest; %(high)s at the longest") % {"low": low, "high": _steps(gaps, most)}


def _steps(gaps: int, weeks: int) -> str:
    gap = ngettext("%(number)s gap", "%(number)s gaps", gaps) % {"number": gaps}
    each = ngettext("%(number)s week", "%(number)s weeks", weeks) % {"number": weeks}
    total = ngettext("%(number)s week", "%(number)s weeks", gaps * weeks) % {"number": gaps * weeks}
    return f"{gap} × {each} = {total}"


def _sums(values: dict[str, Any], currency: str) -> tuple[Sum, ...]:
    price, extras = values.get("price"), values.get("extras") or 0
    if price is None:
        return ()
    top = values.get("price_to")
    pairs = [(_("Cost"), price)] if top in (None, price) else [(_("At least"), price), (_("At most"), top)]
    return tuple(_sum(label, values["sessions"], each, extras, currency) for label, each in pairs)


def _sum(label: str, sessions: int, each: int, extras: int, currency: str) -> Sum:
    steps = f"{sessions} × {money(each, currency)}"
    if extras:
        steps += f" + {money(extras, currency)}"
    return Sum(label, f"{steps} =", money(sessions * each + extras, currency))


def aged(costs: tuple[CostItem, ...], *, today: datetime.date, sheet: Sheet) -> tuple[Aged, ...]:
    return tuple(
        Aged(sheet.text(cost.what, cost.cites), amount(cost), per_words(cost.per), *_age(cost.year, today.year))
        for cost in costs
    )


def _age(year: int | None, now: int) -> tuple[str, bool]:
    if year is None:
        return _("no year given: do not plan with it"), True
    years = max(now - year, 0)
    if years < OLD_YEARS:
        return _("from %(year)s") % {"year": year}, False
    return _("from %(year)s, about %(years)s years old") % {"year": year, "years": years}, True


@reader
def plan(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    """`/<guide>/plan/?start=…`: a form, and once it is filled in well the plan. What is wrong is said beside its field."""
    around, item = found(language, guide)
    form = PlanForm(request.GET) if _asked(request) else PlanForm()
    return page(request, "procedures/plan.html", context(around, item, form))


@reader
def ics(request: HttpRequest, *, language: str, guide: str) -> HttpResponse:
    """`/<guide>/plan.ics?start=…`: the dates for a calendar (RFC 5545); the form with its complaints, 422, for bad numbers."""
    around, item = found(language, guide)
    form = PlanForm(request.GET)
    if not form.is_valid():
        return page(request, "procedures/plan.html", context(around, item, form), status=422)
    made = planned(form.cleaned_data, currency=currency_of(item.document))
    total = len(made.sessions)
    events = [
        calendar.Event(
            first=session.first,
            last=session.last,
            title=_("%(guide)s, session %(number)s of %(total)s")
            % {"guide": item.document.title, "number": session.number, "total": total},
        )
        for session in made.sessions
    ]
    response = answer(
        request,
        calendar.written(events, url=absolute(f"{item.home}plan/"), now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{item.document.slug}.ics"'
    return response


def _asked(request: HttpRequest) -> bool:
    return any(name in request.GET for name in PlanForm.base_fields)


def currency_of(document: Document) -> str:
    return next((cost.currency for cost in document.costs), "USD")


def context(around: Shelf, item: Shown, form: PlanForm) -> Context:
    sheet = Sheet(item.document, since=item.since, behind=item.behind)
    name = _("Plan dates and cost")
    currency = currency_of(item.document)
    made = planned(form.cleaned_data, currency=currency) if form.is_bound and form.is_valid() else None
    given = {key: value for key, value in (form.cleaned_data if made else {}).items() if value is not None}
    return {
        "frame": guide_frame(around, item, f"{item.home}plan/", name=name, current="plan"),
        "name": name,
        "guide_title": item.document.title,
        "form": form,
        "action": f"{item.home}plan/",
        "currency": capfirst(money(0, currency).replace("0", "").replace(NBSP, "")),
        "plan": made,
        "prices": aged(item.document.costs, today=timezone.localdate(), sheet=sheet),
        "calendar": f"{item.home}plan.ics?{urlencode(given)}" if made else "",
        "sources": sheet.sources(),
    }
