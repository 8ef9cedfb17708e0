"""Texts that are empty, garbled, in another language than nearly all of the set, or that hold personal data.

What more than a tenth of a set has is how the set is and no problem of single texts: it is said once, in a note. Empty
texts are flagged however many they are.
Note: personal data are counted and never repeated: what is stored of a flag travels to logs, exports and programs.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality import personal_data
from labeler.quality.dataset import Evidence, Finding, Reason
from labeler.quality.detectors.base import Detector, is_common, item_should_go
from labeler.quality.detectors.text_problem import broken, language

if TYPE_CHECKING:
    from labeler.quality.dataset import Truths

KIND = "text_problem"
EMPTY, GARBLED, LANGUAGE, PERSONAL = "empty", "garbled", "language", "personal"
SCORES = {EMPTY: 1.0, GARBLED: 0.9, LANGUAGE: 0.8, PERSONAL: 0.7}


def find(evidence: Evidence) -> list[Finding]:
    """Flag each text with a problem once, with all its reasons; never suggests a class."""
    texts = _texts(evidence)
    foreign = {place: [_told(seen)] for place, seen in language.find(texts).items()}
    reasons: dict[int, list[Reason]] = {}
    for kind, found in (_by_itself(evidence, texts) | {LANGUAGE: foreign}).items():
        if kind != EMPTY and is_common(len(found), len(evidence.dataset)):
            continue
        for item, why in found.items():
            reasons.setdefault(item, []).extend(why)
    ordered = ((item, sorted(why, key=_weight, reverse=True)) for item, why in sorted(reasons.items()))
    return [Finding(item, KIND, _weight(why[0]), None, 0.0, why[:4]) for item, why in ordered]


def notes(evidence: Evidence) -> list[str]:
    """Say how many texts are empty, and what too many have for each to be flagged."""
    problems, count = _by_itself(evidence, _texts(evidence)), len(evidence.dataset)
    said: list[str] = []
    empty = len(problems[EMPTY])
    if empty == 1:
        said.append(Message("{count} text has nothing to read in it.", count=empty))
    elif empty:
        said.append(Message("{count:,} texts have nothing to read in them.", count=empty))
    words = {GARBLED: _garbled_everywhere, PERSONAL: _personal_everywhere}
    for kind, sentence in words.items():
        found = len(problems[kind])
        if is_common(found, count):
            said.append(sentence(found, count))
    return said


def _garbled_everywhere(count: int, total: int) -> str:
    return Message(
        "{count:,} of {total:,} texts have garbled letters, too many to flag each: the file was probably read in the "
        "wrong encoding. Import it again in the right one.",
        count=count,
        total=total,
    )


def _personal_everywhere(count: int, total: int) -> str:
    return Message(
        "{count:,} of {total:,} texts hold e-mail addresses, telephone, card or account numbers, too many to flag "
        "each. Mask them before the texts go to anybody who should not see them.",
        count=count,
        total=total,
    )


def _weight(reason: Reason) -> float:
    return SCORES[LANGUAGE if reason["kind"] == "script" else reason["kind"]]


def _texts(evidence: Evidence) -> list[str]:
    return [str(content) for content in evidence.dataset.contents] if evidence.dataset.media == "text" else []


def _by_itself(evidence: Evidence, texts: Sequence[str]) -> dict[str, dict[int, list[Reason]]]:
    """Return for each problem that shows in a text alone the texts that have it, with the reasons."""
    return {EMPTY: _empty(texts, evidence.features.blank), GARBLED: _garbled(texts), PERSONAL: _personal(texts)}


def _empty(texts: Sequence[str], blank: Truths) -> dict[int, list[Reason]]:
    return {
        place: [{"kind": EMPTY, "signs": not blank[place]}]
        for place, text in enumerate(texts)
        if blank[place] or not _says_something(text)
    }


def _says_something(text: str) -> bool:
    """Check for a letter, a digit or a picture sign; punctuation alone says nothing."""
    return any(map(str.isalnum, text)) or any(unicodedata.category(sign) in {"So", "Sc"} for sign in text)


def _garbled(texts: Sequence[str]) -> dict[int, list[Reason]]:
    return {
        place: [{"kind": GARBLED, "count": seen.places, "shown": seen.shown, "meant": seen.meant}]
        for place, text in enumerate(texts)
        if (seen := broken.find(text))
    }


def _told(seen: language.Foreign) -> Reason:
    share = round(seen.share, 4)
    if seen.script:
        return {"kind": "script", "script": seen.script, "usual": seen.usual, "share": share}
    return {"kind": LANGUAGE, "language": seen.language, "words": ", ".join(seen.words), "share": share}


def _personal(texts: Sequence[str]) -> dict[int, list[Reason]]:
    found = {}
    for place, text in enumerate(texts):
        counted = Counter(datum.kind for datum in personal_data.find(text))
        if counted:
            found[place] = [{"kind": PERSONAL, "what": what, "count": count} for what, count in counted.items()]
    return found


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Text problem"),
    waiting=Message("Texts with problems"),
    explanation=Message(
        "Its text is empty or garbled, in another language than nearly all others, or holds personal data."
    ),
    about="item",
    was_right=item_should_go,
    notes=notes,
)
