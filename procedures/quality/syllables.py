"""How many syllables a word or a number has when it is read aloud in American English.

Words are counted by rules (vowel groups, silent endings) and a short table of words the rules get wrong. Numbers count
as they are spoken, which both Flesch (The Art of Readable Writing, 1949) and McLaughlin (1969) ask for: 1918 is
"nineteen eighteen", $250 is "two hundred fifty dollars", 9.7% is "nine point seven percent".
"""

from __future__ import annotations

import re
from functools import lru_cache

_ONES = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)  # zero, one … nineteen
_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)  # twenty … ninety
_SIGNS = {"$": 2, "€": 2, "£": 1, "%": 2}  # dollars, euros, pounds, percent
_UNITS = {"ml": 4, "mg": 4, "kg": 4, "km": 4, "cm": 4, "mm": 4, "mr": 2, "mrs": 2, "ms": 1, "dr": 2, "vs": 3}
_LETTERS = {"w": 3}
_SPOKEN_AS_WORDS = frozenset("COVID AIDS MAUDE RAM PIN SIM NASA".split())

_IRREGULAR = {
    word: count
    for count, line in {
        1: "eye owe aged tongue plaque",
        2: "being doing going seeing giant quiet poem diet lion science client trial dual fluid cruel evening every "
        "business chocolate sometimes somewhere someone something create makeup yourself neon lifestyle "
        "averaged elsewhere acne via deadly safety lonely surgeon technique guideline treating cushion rely beyond",
        3: "area idea everyone everything everywhere however radio medium period serious various obvious video audio "
        "anyone average museum pioneer recipe india media reopen untreated hernia whoever embryo",
        4: "anesthetic bacteria experience cutaneous initiative lipolysis diabetes realistic evaluate european",
        5: "homeopathic homeopathy subcutaneous hyaluronic immediately dermatologic evaluation",
    }.items()
    for word in line.split()
}
_PREFIX = re.compile(
    r"^(?:re(?=[iou]|eval|exam|esta|enter|ac[tq]|app|ass|arr|ad[jm])|pre(?=[aeiou])|de(?=[io])|co(?=op|or|ed|ex))"
)
_SPLIT_VOWELS = re.compile(
    r"(?<![ctsg])ia(?!ge|r[dk]?$)|(?<=[ct])ia(?=t)|(?<![cstgx])io(?!us)|(?<=l)io(?=u)|iu|ie(?=t(?:y|ies)?$|nc|nt(?!s?$)|nn)|(?<=[rlbd])ie(?=nt|r)|"
    r"(?<![qgl])ua(?!d)|uou|uo(?=[a-z])(?<!quo)|eo(?!u|p)|eou(?=s)(?<![cg]eou)|oe(?=[mt])|"
    r"[aeiou](?=ing)|yi|ea(?=t(?:e|ion|or|ing|iv)\b)|ii|uu|eu(?=m)|ie(?=r$)(?<=[bdfghlnpv]ie)|(?<=[aeiou]y)[ae](?=r|l|b)"
)


def syllables(word: str) -> int:
    """The syllables of one word, number, hyphenated word or abbreviation as `sentences.words` cuts them; at least 1."""
    return sum(_part(part) for part in re.split(r"[-–]", word) if part) or 1


@lru_cache(maxsize=20_000)
def _part(word: str) -> int:
    if any(character.isdigit() for character in word):
        return _number(word)
    bare = re.sub(r"['’]s?$", "", word).replace("'", "").replace("’", "")
    lower = bare.lower()
    if lower in _UNITS:
        return _UNITS[lower]
    if len(bare) > 1 and bare.rstrip("s").isupper() and len(bare) <= 6 and bare not in _SPOKEN_AS_WORDS:
        return sum(_LETTERS.get(letter, 1) for letter in lower.rstrip("s"))
    return _plain(lower)


def _plain(word: str) -> int:
    for ending in ("", "s", "ly", "ness"):
        stem = word.removesuffix(ending)
        if stem in _IRREGULAR and word.endswith(ending):
            return _IRREGULAR[stem] + (ending in ("ly", "ness"))
    sound = re.sub(r"^y(?=[aeiou])", "j", word)
    count = len(re.findall(r"[aeiouyáéíóúàèìòùäöüâêîôû]+", sound))
    count += len(_SPLIT_VOWELS.findall(sound)) + len(_PREFIX.findall(sound))
    if _SILENT.search(sound):
        count -= 1
    if re.search(r"[^aeiouy](?<![^aeiouylr]l)e(?:ly|ness|ful|less|ments?)$", sound):
        count -= 1
    if sound.endswith(("sm", "sms", "thm", "thms")):
        count += 1
    return max(count, 1)


# An e that is written and not spoken: safe, treated but not helped, scars but not doses.
_SILENT = re.compile(
    r"(?<![aeiouy])(?<![^aeiouylr]l)e$|[^aeiouydt](?<![^aeiouylr][lr])ed$|(?<![aeioucgsxz])(?<![cs]h)(?<![^aeiouylr]l)es$"
)


def _number(word: str) -> int:
    count = sum(_SIGNS.get(character, 0) for character in word)
    digits = re.search(r"\d[\d,]*(?:[.:]\d+)*", word)
    if digits is None:
        return max(count, 1)
    tail = re.sub(r"[%\d.,:]", "", word[digits.end() :])
    head = re.sub(r"[^\w]", "", word[: digits.start()])
    for letters in (head, tail):
        if letters in ("st", "nd", "rd", "th", ""):
            continue
        count += _UNITS.get(letters.lower(), len(letters) if len(letters) < 3 else _plain(letters.lower()))
    whole, _, rest = digits[0].replace(":", ".").partition(".")
    count += _whole(whole)
    if rest:
        count += 1 + sum(_ONES[int(digit)] for digit in rest if digit.isascii() and digit.isdigit())
    return count


def _whole(written: str) -> int:
    plain = written.replace(",", "")
    if len(plain) > 15 or (len(plain) > 1 and plain.startswith("0")):
        return sum(_ONES[int(digit)] for digit in plain)
    value = int(plain)
    if "," not in written and (1100 <= value <= 1999 or 2010 <= value <= 2099):  # a year is read in pairs
        first, second = divmod(value, 100)
        if not second:
            return _below_thousand(first) + 2  # nineteen hundred
        return _below_thousand(first) + (1 + _ONES[second] if second < 10 else _below_thousand(second))
    count = 0
    for size, spoken in ((10**12, 2), (10**9, 2), (10**6, 2), (1000, 2)):
        more, value = divmod(value, size)
        if more:
            count += _below_thousand(more) + spoken
    return count + (_below_thousand(value) if value or not count else 0)


def _below_thousand(value: int) -> int:
    hundreds, value = divmod(value, 100)
    count = _ONES[hundreds] + 2 if hundreds else 0
    if value >= 20:
        tens, value = divmod(value, 10)
        return count + _TENS[tens] + (_ONES[value] if value else 0)
    return count + (_ONES[value] if value or not hundreds else 0)
