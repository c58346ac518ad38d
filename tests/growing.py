"""Any number of guides of eight sections, made by a program to see how the site bears growth. Never shipped, never read.

The words follow each other as they do in the shipped guide (a chain of word pairs, seeded), so they are as frequent as in
real texts; each guide has a name, drugs and words of its own. Every title and every section says that it is test text.
"""

from __future__ import annotations

import datetime
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from procedures.document import (
    ANSWER_KEYS,
    SECTION_KEYS,
    Answer,
    Document,
    Emergency,
    KeyFact,
    Question,
    Section,
    Source,
    Term,
    WarningSign,
    encode,
    fingerprint,
)

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261122
MARK = "test text"
TITLES = [
    "What it is", "What it can and cannot do", "Who should not have it", "What happens at each visit",
    "The days and weeks after", "What can go seriously wrong", "Common side effects", "What it costs",
]  # fmt: skip


class Writer:
    """Writes like the shipped guide: each word follows the two before it as it does there."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        files = sorted((ROOT / "content").glob("*/*.md"))
        text = " ".join(file.read_text(encoding="utf8").split("---")[-1] for file in files)
        text = re.sub(r"\[\^[^\]]*\]|\]\([^)]*\)|[\[\]*#:|<>!]|^\s*[-\d.]+ ", "", text)
        words = [word for word in text.split() if not re.search(r"\d|%|\$", word)]  # a figure would need a source
        self.next: dict[tuple[str, str], list[str]] = defaultdict(list)
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            self.next[first, second].append(third)
        self.starts = [pair for pair in self.next if pair[0][0].isupper() and pair[0].isalpha()]

    def text(self, length: int, own: list[str]) -> str:
        words = list(self.chance.choice(self.starts))
        while len(words) < length:
            follow = self.next.get((words[-2], words[-1]))
            words += [self.chance.choice(follow)] if follow else self.chance.choice(self.starts)
            if self.chance.random() < 0.02:
                words.append(self.chance.choice(own))
        return " ".join(words[:length])

    def name(self) -> str:
        """An invented name: three or four syllables."""
        syllables = [a + b for a in "bcdfghlmnprstvz" for b in ("a", "e", "i", "o", "u", "yl", "ar", "en", "ox")]
        return "".join(self.chance.choice(syllables) for _ in range(self.chance.choice((3, 4))))


def documents(count: int, *, first: int = 0) -> Iterator[Document]:
    """Guides number `first` and following; each is the same in every run and whatever `count` is."""
    writer = Writer(random.Random(SEED))
    for number in range(first, first + count):
        writer.chance = random.Random(SEED + number)
        yield _document(writer, number)


def _document(writer: Writer, number: int) -> Document:
    own = [writer.name() for _ in range(8)]
    cites = [f"study-{number}-{place}" for place in range(4)]

    def said(length: int) -> str:
        return f"{writer.text(length, own)}.[^{writer.chance.choice(cites)}]"

    def body() -> str:
        parts = [
            f"## {writer.name().capitalize()} {writer.name()}\n\n{said(45)}\n\n- {said(12)}\n- {said(12)}\n\n{said(30)}"
            for _ in range(4)
        ]
        return f"This is {MARK}. [{own[1]}](glossary:drug-{number})\n\n" + "\n\n".join(parts) + "\n"

    sections = tuple(
        Section(key=key, title=title, summary=said(20), body=body())
        for key, title in zip(SECTION_KEYS, TITLES, strict=True)
    )
    return Document(
        folder=f"grown-{number}",
        kind="procedure",
        slug=f"grown-{number}",
        language="en",
        title=f"{own[0].capitalize()} therapy ({MARK})",
        summary=said(20),
        decision=f"You are deciding about {own[0]}, a word of a {MARK}.",
        emergency=Emergency(call="911", place="US"),
        sections=sections,
        answers=tuple(Answer(key=key, text=said(20)) for key in ANSWER_KEYS),
        key_facts=tuple(KeyFact(key=f"fact-{n}", label=own[n], text=said(6)) for n in range(3)),
        questions=tuple(Question(key=f"ask-{n}", question=f"{own[n]} {own[n + 1]}?", why=said(8)) for n in range(4)),
        warning_signs=(
            WarningSign(
                key="sign", sign=f"{own[5]} {own[6]}", from_hours=0, to_days=None, urgency="emergency", do="Call 911.",
                call="911", cites=(cites[0],),
            ),
        ),
        sources=tuple(
            Source(key=key, title=writer.text(10, own), publisher=f"Journal of {own[4]}", date="2020",
                   kind="controlled trial", how="primary", supports=("EV-1",), doi=f"10.1000/{key}")
            for key in cites
        ),
        terms=(
            Term(key=f"drug-{number}", term=own[1], also=(f"{own[2]} {own[3]}",), definition=writer.text(20, own), cites=(cites[0],)),
        ),
    )  # fmt: skip


def names(number: int) -> list[str]:
    """The eight invented words of a guide, the first being its name."""
    writer = Writer.__new__(Writer)
    writer.chance = random.Random(SEED + number)
    return [writer.name() for _ in range(8)]


def grow(count: int, *, first: int = 0) -> list[str]:
    """Makes guides live by writing their rows in bulk, as releases would have left them, and gives their titles.

    The working text is not written (`publishing` is measured elsewhere), and the search index is not: `search.rebuild`.
    """
    from django.utils import timezone

    from procedures.models import Guide, PublicationEvent, Revision

    now = timezone.now()
    titles: list[str] = []
    made = list(documents(count, first=first))
    guides = Guide.objects.bulk_create(
        [Guide(folder=item.folder, slug=item.slug, title=item.title, summary=item.summary, decision=item.decision,
               emergency_call="911", emergency_place="US") for item in made]
    )  # fmt: skip
    revisions = []
    for place, (guide, item) in enumerate(zip(guides, made, strict=True)):
        text = encode(item)
        at = now - datetime.timedelta(minutes=count - place)
        revisions.append(
            Revision(
                guide=guide,
                number=1,
                document=text,
                hash=fingerprint(text),
                slug=item.slug,
                state=Revision.State.LIVE,
                at=at,
            )
        )
        titles.append(item.title)
    for guide, revision in zip(guides, Revision.objects.bulk_create(revisions, batch_size=200), strict=True):
        guide.live = revision
    Guide.objects.bulk_update(guides, ["live"], batch_size=200)
    PublicationEvent.objects.bulk_create(
        [PublicationEvent(guide=revision.guide, to_revision=revision, step="publish_unreviewed", at=revision.at)
         for revision in revisions]
    )  # fmt: skip
    return titles


def write_folder(folder: Path, count: int) -> None:
    """A content folder of `count` guides as `load_content` reads it."""
    from procedures.document import SHARED
    from procedures.loading.writing import files

    folder.mkdir(parents=True, exist_ok=True)
    shared: dict[str, list[object]] = {name: [] for name in SHARED}
    for item in documents(count):
        for name in SHARED:
            shared[name] += item.items(name)
        for path, text in files([item], {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf8")
    for path, text in files([], shared).items():
        (folder / path).write_text(text, encoding="utf8")


def main(folder: str, count: str) -> None:
    """`python -m tests.growing FOLDER COUNT` writes a content folder."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mesoinfo.settings.test")
    django.setup()
    write_folder(Path(folder), int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
