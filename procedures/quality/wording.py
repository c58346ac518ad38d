"""Word lists for English text: what promises, what warns, what regulators have objected to, what orders.

They find sentences to look at; they understand nothing. Every list is kept short enough to read.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop as _noop

BENEFIT = re.compile(
    r"""\b(?:
        help(?:s|ed)?(?!\s+(?:now|line|end))\b | improv\w+ | effective\w* | benefit(?:s|ed)?\b | satisf\w+ | pleased\b
      | works?\b(?!\s+(?:in|at|on|with|of|as|out|under|you|your|for\s+(?:the\s+)?(?:maker|company|clinic|firm)s?)\b)
      | reduc(?:es?|ed|tion)\b | smooth(?:s|ed|er|ing)?\b | tighten(?:s|ed|ing)?\b | shr[aiu]nk(?:s|ing)?\b
      | look(?:s|ed)?\s+(?:better|younger|smoother|firmer|slimmer) | young(?:er)?[- ]looking | rejuvenat\w+
      | better\s+(?:than|by)\b | (?:do|does|did|done|got|gets?)\s+better | regrow\w* | cures?\b | cured\b
      | remov(?:es|ed)\s+(?:\w+\s+){0,2}(?:fat|wrinkles?|cellulite|dimples) | (?:melt(?:s|ed)|dissolve[sd]|burn(?:s|ed))\s+(?:\w+\s+)?fat
      | prevents?\b | relie(?:f|ves?|ved)\b | fewer\s+wrinkles | (?:los[et]|loses)\s+(?:weight|fat|inches) | gains?\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words of a promise or a result, for or against."""

RISK = re.compile(
    r"""\b(?:
        infect\w+ | (?<!acne\ )(?<!acne,\ )scar(?:s|red|ring)?\b | deaths?\b | die[sd]?\b | deadly\b | fatal\w*
      | kill(?:s|ed)?\b(?!\s+(?:the\s+)?(?:fat|germs|bacteria)) | serious\s+warnings?\b | risks?\s+to\b | emergency\s+care
      | bleed\w*(?!\w|\s+(?:problems|easily)) | hemorrhag\w+ | allergic\s+reactions? | anaphyla\w+ | seizures? | poison\w*
      | (?:kidney|liver|organ|heart)\w*\s+(?:failure|trouble|damage) | (?:kidneys?|liver|organs?)\s+fail\w* | failing\s+\w+
      | abscess\w* | pus\b | germs?\s+in\b | ulcer\w* | necrosis | dead\s+(?:skin|tissue|fat)
      | (?:painful|hard|deep|firm|sore)\s+knots? | cysts?\b | lumps?\b | nodules?\b
      | bruis(?:e|es|ed|ing)\b | swell(?:s|ing)?\b | swollen\b | swelled\b | numbness\b | numb\s+skin
      | hurts?\b | pain(?:s|ful)?\b(?!killer)
      | rash(?:es)?\b | hives\b | blisters?\b | nausea | vomit\w* | sepsis | stroke\b | blind(?:ness)?\b(?!\s+trial) | bald\s+patch\w*
      | harm(?:s|ed|ful)?\b | injur\w+ | complications?\b | side\s+effects?\b | danger\w* | misshapen | deform\w+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words of harm."""

CITED_PHRASES = (
    (r"same active ingredients? as", _noop("it makes an unapproved mix sound like an approved drug")),
    (r"generic (?:version of )?(?-i:[A-Z])\w+", _noop("a mix made to order is not a generic drug")),
    (r"clinically proven", _noop("regulators have cited it where no sound trial stood behind it")),
    (r"(?:out|long-?)standing safety record|excellent safety record", _noop("FDA cited it in its letters of 2010")),
    (
        r"(?:better|superior|safer) (?:than|to) liposuction|alternative to liposuction",
        "FDA cited it in its letters of 2010",
    ),
    (r"FDA[- ]registered", _noop("registration of a maker says nothing about its product")),
    (
        r"safe and effective|effective and safe",
        _noop("it is what approval means, and may be said only of an approved use"),
    ),
)
"""Phrases FDA or FTC have cited (FDA letters of April 2010; FDA on compounded drugs; FTC Health Products Compliance
Guidance, 2022), each with the reason. They need a mark."""

CITED_WORDS = (
    (r"safe(?:ly|r|st)?", "safe"),
    (r"proven", "proven"),
    (r"permanent(?:ly)?", "permanent"),
    (r"FDA[- ]approved|approved by (?:the )?FDA|FDA(?: has)? approved", "approv"),
    (r"no side[- ]effects?|without side[- ]effects?|side[- ]effect[- ]free", "no side effect"),
    (r"guarantee[sd]?", "guarante"),
    (r"natural(?:ly)?", "natural"),
    (r"painless(?:ly)?|pain[- ]free", "painless"),
    (r"no downtime|no recovery time|without downtime", "downtime"),
    (r"minimal(?:ly)?", "minimal"),
    (r"risk[- ]free|no risks?|harmless", "risk"),
    (r"miracle|breakthrough|revolutionary", "breakthrough"),
)
"""Words regulators have cited, and the stem by which the cited proof must speak of it too."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nobody|without|cannot|lacks?|lacking|hardly|unlikely|unable)\b|n[’']t\b",
    re.IGNORECASE,
)
_NEW_SUBJECT = r"(?:it|they|this|that|these|those|the|there|we|you|an?|its|your|is|are|was|were|has|have|can|may)\b"
_CLAUSE = re.compile(
    rf"[;:–—]|\. |,? (?:but|yet|so|because|while|although|though|which|who|if|when|where) "
    rf"|,? (?:and|or) (?={_NEW_SUBJECT})|, (?={_NEW_SUBJECT})",
    re.IGNORECASE,
)
_REACH = 8  # words: a denial further away belongs to something else
_QUOTED = re.compile(r"[“\"‘][^”\"’]{1,60}[”\"’]|\(\w+\)")
_AND_NEW = re.compile(rf",? and (?={_NEW_SUBJECT})", re.IGNORECASE)
_SEARCHED = re.compile(
    r"^(?:[^,]{0,40}, )?(?:but )?we (?:have )?(?:found|saw|know of|looked)\b[^.]*\b(?:no|not|none|nothing)\b"
    r"|^we (?:have not|do not|did not|know of no|found no)\b",
    re.IGNORECASE,
)

_ORDERS = frozenset(
    """add allow apply arrange ask avoid be beware bring buy call carry check choose come compare consider contact count do don't
    don’t drink eat find follow get give go have hold ignore insist keep know leave let list look make never note open
    pay phone photograph plan press put read remember report rest return say see send set show sit skip sleep start
    stay stop take talk tell think touch treat try turn use visit wait walk wash watch wear wipe work write""".split()
)
_LEADS = re.compile(r"^(?:then|and|but|or|so|also|please|always|just|first|next|instead|only)[, ]+", re.IGNORECASE)
_LABEL = re.compile(r"^[^.:,]{1,40}[:.]\s+")


def negated(text: str, start: int) -> bool:
    """Is the word at `start` denied earlier in its clause?"""
    before = text[:start]
    breaks = list(_CLAUSE.finditer(before))
    clause = before[breaks[-1].end() :] if breaks else before
    return _NEGATION.search(" ".join(clause.split()[-_REACH:])) is not None


def quoted(text: str, start: int) -> bool:
    """Is the word at `start` spoken about, in quotation marks or alone in brackets, rather than used?"""
    return any(match.start() <= start < match.end() for match in _QUOTED.finditer(text))


def ordered(text: str, start: int) -> bool:
    """Does the word at `start` belong to what the reader is told to do (`Ask whether it is safe`)?"""
    return is_order(text) and _AND_NEW.search(text[:start]) is None


def is_order(text: str) -> bool:
    """Does this sentence tell the reader what to do (`Ask …`, `If it hurts, stop`, `Do not …`)?"""
    for start in _beginnings(text):
        words = re.findall(r"[\w’']+", _LEADS.sub("", start).lower())
        if words and words[0] in _ORDERS:
            return True
    return False


def _beginnings(text: str) -> tuple[str, ...]:
    text = text.strip("“\"'‘ ")
    found = [text, _LEADS.sub("", text)]
    if match := re.match(
        r"(?:if|when|before|after|until|once|while|for|at|in|with|during|to)\b[^,]{1,120}, (.*)", text, re.IGNORECASE
    ):
        found.append(match[1])
    return tuple(found)


def is_own_search(text: str) -> bool:
    """Does this sentence say what this site looked for and did not find (`We found no …`)? It is its own witness."""
    return _SEARCHED.search(text) is not None


JARGON = re.compile(
    r"\b(?!basis\b|analysis\b|diagnosis\b|emphasis\b)[a-z]{3,}(?:itis|osis|ectomy|plasty|emia|aemia|opathy|lysis|oma|ptosis|scopy|algia|derma|trophy|esthetics?|aesthetic)\b"
    r"|\b(?:contraindicat\w+|subcutaneous|intradermal|dermis|epidermis|submental|adverse event|erythema|edema|hematoma|"
    r"pruritus|paresthesia|hypodermis|lipoma|sham|randomi[sz]ed|double-blind|efficacy|systemic|topical|adipose|adipocytes?|"
    r"vasodilators?|enzymes?|phospholipids?|placebo|off-label|biopsy|dialysis)\b",
    re.IGNORECASE,
)
"""Words of the trade that a reader may not know: by their ending, or by this list."""
