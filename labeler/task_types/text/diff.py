"""What differs between two texts, in runs that a page can draw: word by word, letter by letter inside a word.

White space is not compared, as elsewhere (normal.py): two texts that differ only in line ends are shown as the same,
with the white space of the newer one. Words are aligned so that the fewest are changed (Levenshtein). A word is refined
to its letters only where at least half of them stayed: of two different words, single equal letters say nothing.

Note on scripts: in Arabic, Syriac or Mongolian a letter changes its form with its neighbours, and a run that begins
inside a word would change what stands there, so these words are shown whole. Elsewhere a mark stays with its letter.
A changed run is isolated (<bdi> in the templates), so that its direction moves nothing around it. What stayed is not:
it is the paragraph that the changes stand in. `Diff.direction` is for that paragraph, because a browser's `dir="auto"`
looks past whatever is isolated.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from labeler.task_types.text.normal import direction, normal

Kind = Literal["same", "removed", "added"]
REFINED = 0.5  # the likeness of two words from which their letters are compared
SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # of the emoji before them
VIRAMA = 9  # the combining class of signs that join two letters of Indic scripts
_TOKEN = re.compile(r"\s+|\S+")
_JOINED = re.compile(r"[\u0700-\u08ff\u1800-\u18af\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")


class Run(NamedTuple):
    """A piece of text. kind: "same", "removed" (only in the older text) or "added" (only in the newer one)."""

    kind: Kind
    text: str


class Diff(NamedTuple):
    """runs: without the removed ones they make the newer text (trimmed); direction: "ltr" or "rtl", of the whole."""

    runs: tuple[Run, ...]
    direction: str

    @property
    def changed(self) -> bool:
        """Whether anything but white space differs."""
        return any(run.kind != "same" for run in self.runs)


def differences(older: str, newer: str) -> Diff:
    """Compare two texts; no two neighbouring runs are of one kind."""
    before, after = _TOKEN.findall(older.strip()), _TOKEN.findall(newer.strip())
    runs: list[Run] = []
    for op in Levenshtein.opcodes([*map(_key, before)], [*map(_key, after)]):
        old, new = before[op.src_start : op.src_end], after[op.dest_start : op.dest_end]
        if op.tag == "equal":
            runs.append(Run("same", "".join(new)))
        elif op.tag == "replace":  # one by one
            runs += [run for pair in zip(old, new, strict=True) for run in _refined(*pair)]
        else:
            runs += [Run("removed", "".join(old)), Run("added", "".join(new))]
    return Diff(tuple(_merged(runs)), direction([newer, older]))


def _key(token: str) -> str:
    """Return what a token is compared by: any white space is alike."""
    return " " if token.isspace() else normal(token)


def _refined(old: str, new: str) -> list[Run]:
    """Return the runs of a word that stands in the place of another."""
    first, second = _letters(old), _letters(new)
    if _JOINED.search(old + new) or Levenshtein.normalized_similarity(first, second) < REFINED:
        return [Run("removed", old), Run("added", new)]
    runs = []
    for op in Levenshtein.opcodes(first, second):
        before, after = "".join(first[op.src_start : op.src_end]), "".join(second[op.dest_start : op.dest_end])
        runs += [Run("same", after)] if op.tag == "equal" else [Run("removed", before), Run("added", after)]
    return runs


def _letters(word: str) -> list[str]:
    """Cut a word, much as into graphemes: no mark leaves its letter, and what a joiner or virama joins stays whole."""
    letters: list[str] = []
    joins = False
    for character in unicodedata.normalize("NFC", word):
        if letters and (joins or unicodedata.category(character)[0] in "MC" or character in SKIN_TONES):
            letters[-1] += character
        else:
            letters.append(character)
        joins = character == "\u200d" or unicodedata.combining(character) == VIRAMA
    return letters


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours of one kind; of a stretch of changes first what was removed, then what was added."""
    for stayed, stretch in groupby(runs, key=lambda run: run.kind == "same"):
        pieces = list(stretch)
        kinds: tuple[Kind, ...] = ("same",) if stayed else ("removed", "added")
        for kind in kinds:
            if text := "".join(run.text for run in pieces if run.kind == kind):
                yield Run(kind, text)
