# ruff: noqa: E501 (Hebrew lines are easier to read whole)
"""Guides made to try the look on: words too long, parts left empty, and text that runs from right to left."""

from __future__ import annotations

from typing import Any

from ..document import (
    ANSWER_KEYS,
    CELL_KEYS,
    Answer,
    Cell,
    CellState,
    Claim,
    CostItem,
    Document,
    Emergency,
    Figure,
    KeyFact,
    Option,
    Question,
    Section,
    Source,
    Stage,
    Status,
    Term,
    WarningSign,
)

WORD = "otorhinolaryngologicalpneumoencephalographicallyrepeatedness"
"""60 letters without a place to break."""

TITLE = f"{WORD} and a title that goes on until it fills all of the two hundred characters that a title may have".ljust(
    200, "g"
)
COLUMNS = 12

HARSH_BODY = f"""
## {TITLE}

A sentence with {WORD}, [{WORD}](glossary:{WORD}) and forty marks.{"".join(f"[^source-{number}]" for number in range(1, 41))}

| {" | ".join(f"Column {number}" for number in range(1, COLUMNS + 1))} |
| {" | ".join("---" for _ in range(COLUMNS))} |
| {" | ".join(WORD if number == 6 else f"day {number}" for number in range(COLUMNS))} |

::: emergency
**Call 911 if:**

- {WORD}
:::

::: same-day
**Be seen today if:**

- a wound does not close[^source-4]
:::

::: soon
**See a doctor if:**

- {WORD}
:::

::: do
- rest
:::

::: dont
- {WORD}
:::

::: note
{WORD}
:::

::: check
What does {WORD} mean?

Nothing that can be broken.
:::

> {WORD}

1. {WORD}
2. Two
"""

FREQUENCY = {
    "denominator": 1000,
    "group": WORD,
    "comparison": "No treatment",
    "who": "506 people",
    "rows": ({"label": WORD, "group": 1000, "comparison": 0}, {"label": "None", "group": 1, "comparison": 999}),
}
LAYERS = {"layers": ({"name": "Skin", "note": WORD}, {"name": WORD, "note": ""}), "needle_to": 1}
COURSE = {"sessions": 30, "gap_weeks": (1, 13), "onset_weeks": (1, 90)}


def harsh(**changes: Any) -> Document:
    """A guide in which every text is as long, and every list as full, as the format lets it be."""
    marks = tuple(f"source-{number}" for number in range(1, 41))
    figures = "".join(f"\n\n::: figure {key}\n:::\n" for key in ("course", "layers", "frequency", "days"))
    values: dict[str, Any] = {
        "folder": "harsh",
        "kind": "procedure",
        "slug": "harsh",
        "language": "en",
        "title": TITLE,
        "summary": f"In short: {WORD}.[^source-1]",
        "decision": f"You are deciding about {WORD}.",
        "status": Status(is_="compounded", note=WORD, cites=("source-1",)),
        "emergency": Emergency(call="911", place="US"),
        "sections": (
            Section(key="overview", title=TITLE, nav=WORD[:40], summary=WORD, body=HARSH_BODY + figures),
            Section(key="risks", title="Risks", body="## Short\n\nOne line.\n"),
        ),
        "answers": tuple(Answer(key=key, text=WORD, more="section:overview", cites=marks) for key in ANSWER_KEYS),
        "key_facts": (KeyFact(key="long", label=WORD, text=WORD, cites=marks),),
        "stages": tuple(
            Stage(
                key=f"stage-{day}", from_day=day, to_day=day, title=WORD, expect=WORD, do=(WORD,), dont=(WORD,),
                cites=("claim",),
            )
            for day in range(12)
        ),
        "costs": (
            CostItem(
                key="cost", what=WORD, low=9_000_000, high=10_000_000, currency="CHF", per="course", year=2026,
                basis=WORD, includes=(WORD,), excludes=(WORD,), cites=("claim",),
            ),
        ),
        "options": tuple(
            Option(
                key=f"option-{place}", name=WORD, role="this" if place == 0 else "other",
                cells={key: Cell(state=CellState.TEXT, text=WORD, cites=("claim",)) for key in CELL_KEYS},
            )
            for place in range(6)
        ),
        "questions": (Question(key="question", question=WORD, why=WORD, cites=("claim",)),),
        "warning_signs": tuple(
            WarningSign(
                key=f"sign-{urgency}", sign=WORD, from_hours=0, to_days=14, urgency=urgency, do=WORD, call=WORD,
                cites=("claim",),
            )
            for urgency in ("emergency", "same-day", "soon")
        ),
        "claims": (
            Claim(key="claim", says=WORD, study=WORD, people=WORD, who=WORD, certainty="low", as_of="2026", cites=marks),
        ),
        "figures": (
            Figure(key="course", type="course", title=WORD, data=COURSE, words=WORD),
            Figure(key="layers", type="layers", title=WORD, data=LAYERS, words=WORD),
            Figure(key="frequency", type="frequency", title=WORD, data=FREQUENCY, words=WORD),
            Figure(
                key="days", type="days", title=WORD, words=WORD,
                data={"stages": tuple(f"stage-{day}" for day in range(12))},
            ),
        ),
        "sources": tuple(
            Source(
                key=key, title=f"{WORD} {number}", author=WORD, publisher=WORD, date="2026", kind="review",
                how="primary", supports=("EV-1",), url=f"https://example.org/{WORD}/{number}",
            )
            for number, key in enumerate(marks, start=1)
        ),
        "terms": (Term(key=WORD, term=WORD, also=(WORD,), definition=WORD),),
    }  # fmt: skip
    return Document(**{**values, **changes})


def empty() -> Document:
    """A guide with a title and one section, and nothing of what may be left out."""
    return Document(
        folder="empty", kind="procedure", slug="empty", language="en", title="Empty",
        emergency=Emergency(call="911", place="US"),
        sections=(Section(key="overview", title="Overview", body=""),),
    )  # fmt: skip


def right_to_left() -> Document:
    """A small guide in Hebrew."""
    text = "זריקות קטנות מתחת לעור. אין מספיק ראיות לכך שהן מועילות.[^source-1]"
    body = f"## מה זה\n\n{text}\n\n::: emergency\n**התקשרו 911 אם:**\n\n- קשה לנשום[^source-1]\n:::\n\n::: dont\n- לא לשלם מראש\n:::\n"
    changes: dict[str, Any] = {
        "folder": "hebrew",
        "slug": "hebrew",
        "language": "he",
        "title": "מזותרפיה",
        "summary": text,
        "decision": "אתם מחליטים אם לעבור את הטיפול.",
        "sections": (Section(key="overview", title="סקירה", summary=text, body=body), Section(key="risks", title="סיכונים", body=body)),
        "answers": tuple(Answer(key=key, text=text, more="section:overview") for key in ANSWER_KEYS),
        "key_facts": (KeyFact(key="what", label="מה זה", text=text),),
        "stages": (Stage(key="stage-0", from_day=0, to_day=1, title="היום הראשון", expect=text, do=("לנוח",), dont=("לרוץ",)),),
        "figures": (
            Figure(key="layers", type="layers", title="שכבות העור", words=text, data={"layers": ({"name": "עור", "note": ""}, {"name": "שומן", "note": ""}), "needle_to": 1}),
            Figure(key="course", type="course", title="מהלך הטיפול", words=text, data={"sessions": 10, "gap_weeks": (1, 2), "onset_weeks": (3, 4)}),
        ),
        "warning_signs": tuple(WarningSign(key=f"sign-{urgency}", sign="קשה לנשום", from_hours=0, to_days=2, urgency=urgency, do="התקשרו", call="911") for urgency in ("emergency", "same-day", "soon")),
    }  # fmt: skip
    return harsh(**changes)
