"""Spans: marks that are missed, where nothing is, of a wrong class, or whose ends are off.

The models say for each token what it would be marked with; questions about whole marks (`marks.py`) are judged from
that, since a wrong label is one mark and not its tokens. That a mark is there and of its class is judged as labels of
single classes are, "nothing" being one more class; where it ends is a question by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.messages import Message
from labeler.quality import gate, judgeable, noise, pooling
from labeler.quality.dataset import Judged, Verdict
from labeler.quality.judges import base
from labeler.quality.judges.tokens import marks, model, words

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Reason
    from labeler.quality.judges.base import Case
    from labeler.quality.judges.tokens.marks import Asked, Marked
    from labeler.quality.judges.tokens.words import Tokens
    from labeler.task_types.base import Value

FEWEST_FOUND = 3  # texts in which the models find a mark that is there
LEAST_F1 = 0.05  # above guessing, so that a model of no use is not heard by sheer size
TURNS = 3  # other texts that marks are laid on for guessing


@dataclass(frozen=True)
class _Part:
    """What was learnt of some texts. items: their positions in the set.

    gains: of tokens over guessing; groups, texts: equal for equal contents, of these tokens and of the texts;
    hits, guessed, of: for F1 of marks, one number a text; guessed: the hits with the marks of another text.

    logs: of each question, one row an opinion; edges: how probable the ends of each mark are (NaN for what is no mark);
    reached: where they would be.
    """

    items: list[int]
    tokens: Tokens
    asked: list[Asked]
    logs: list[Floats]
    edges: Floats
    reached: list[tuple[int, int]]
    cleanlab: Floats
    gains: Floats
    groups: Integers
    texts: Integers
    hits: Floats
    guessed: Floats
    of: Floats


def judge(case: Case) -> Judged:
    """Judge every text that has a label; see the module."""
    scores, beside = base.nothing(case), base.nothing(case)
    column_of = _judgeable(case)
    silent = {"gate": None, "model": None}
    if not column_of:
        return Judged(scores, beside, notes=[_too_few()], facts=silent)
    parts = [part for part in _learn(case, column_of) if part is not None]
    if not parts:
        note = Message("All labeled items have the same content, so no model can be trained.")
        return Judged(scores, beside, notes=[note], facts=silent)
    for part in parts:
        beside[part.items] = part.cleanlab
    opened, facts, measure = _gate(parts)
    if not opened:
        return Judged(scores, beside, notes=[base.not_heard(measure)], facts=facts | {"model": None})
    places, least = _places(case, parts, column_of)
    for item, chance in least.items():
        scores[item] = chance
    verdicts = []
    for item, found in places.items():
        verdicts.append(_verdict(case, item, found))
        scores[item] = base.at_least_one(place["probability"] for place in verdicts[-1].places)
    return Judged(scores, beside, verdicts, _notes(case, column_of), facts)


# -- learning ---------------------------------------------------------------------------------------------------------


def _spans(case: Case, item: int) -> list[Value]:
    value = case.values.labels[item]
    return [] if value is None else value[case.values.task.shape]


def _judgeable(case: Case) -> dict[str, int]:
    """Return {class code: column from 1} of the classes that are marked in enough different texts."""
    groups: dict[str, set[int]] = {}
    for item in range(len(case.dataset)):
        for span in _spans(case, item):
            groups.setdefault(span["label"], set()).add(int(case.features.groups[item]))
    known = [code for code in case.values.config.classes if len(groups.get(code, ())) >= judgeable.FEWEST]
    return {code: column for column, code in enumerate(known, start=1)}


def _learn(case: Case, column_of: dict[str, int]) -> Iterator[_Part | None]:
    """Learn part after part of the texts, so that memory does not grow with their number."""
    import numpy as np

    labeled = [n for n, value in enumerate(case.values.labels) if value is not None and not case.features.blank[n]]
    order = np.random.default_rng(case.seed).permutation(labeled).tolist()
    room = max(1, model.MOST_NUMBERS // (len(column_of) + 1))
    part: list[int] = []
    size, done = 0, 0
    for item in order:
        part.append(item)
        size += len(str(case.dataset.contents[item])) // 5 + 1  # about as many tokens
        if size >= room:
            yield _learn_part(case, sorted(part), column_of)
            done += len(part)
            case.report(done / len(order))
            part, size = [], 0
    if part:
        yield _learn_part(case, sorted(part), column_of)


def _learn_part(case: Case, items: list[int], column_of: dict[str, int]) -> _Part | None:
    import numpy as np

    texts = [str(case.dataset.contents[item]) for item in items]
    tokens = words.cut(texts)
    marked = marks.on_tokens(tokens, [_spans(case, item) for item in items], column_of)
    chosen = np.zeros((len(items), len(column_of)))
    for text, ranges in enumerate(marked.ranges):
        for first, _ in ranges.values():
            chosen[text, marked.columns[first] - 1] = 1.0
    groups = case.features.groups[items]
    plan = base.deal(chosen, np.arange(len(items)), groups, case.seed)
    if plan is None:
        return None
    expected = model.expect(tokens, marked.columns, plan, len(column_of), case.seed)
    asked = marks.questions(tokens, marked, expected.pooled)
    best = expected.pooled.argmax(axis=1)
    cores = [marks.core(one, best) for one in asked]
    reached = [marks.reach(one, marked, tokens, best) if one.mark >= 0 else (one.first, one.end) for one in asked]
    hits, of = _found(asked, best, len(items))
    guessed = _guessed(asked, best, tokens, case.seed)
    gains, witnesses = _gains(expected, marked, tokens, groups, case.seed)
    return _Part(
        items=items,
        tokens=tokens,
        asked=asked,
        logs=[_of_questions(one, cores) for one in expected.logs],
        edges=np.array(
            [
                marks.edge_chance(one, place, marked, tokens, expected.pooled) if one.mark >= 0 else np.nan
                for one, place in zip(asked, reached, strict=True)
            ]
        ),
        reached=reached,
        cleanlab=_cleanlab(tokens, marked, expected.pooled),
        gains=gains,
        groups=witnesses,
        texts=groups,
        hits=hits,
        guessed=guessed,
        of=of,
    )


def _of_questions(logs: Floats, cores: list[Integers]) -> Floats:
    """Return the mean log chances over the tokens of each question, normalised."""
    import numpy as np

    from labeler.quality import linear

    rows = [logs[core].mean(axis=0) for core in cores]
    return linear.log_softmax(np.array(rows).reshape(len(rows), logs.shape[1]))


def _found(asked: Sequence[Asked], best: Integers, texts: int) -> tuple[Floats, Floats]:
    """Return 2 x the marks that the models find with their class, and marks there are + marks they make, by text."""
    import numpy as np

    hits, of = np.zeros(texts), np.zeros(texts)
    for one in asked:
        if one.quiet:
            continue
        right = one.mark >= 0 and bool((best[one.first : one.end] == one.column).any())
        hits[one.text] += 2.0 * right
        of[one.text] += 1.0 + right
    return hits, of


def _guessed(asked: Sequence[Asked], best: Integers, tokens: Tokens, seed: int) -> Floats:
    """Return the hits that marks would have at the same place of another text: what place alone explains."""
    import numpy as np

    texts = len(tokens.begins) - 1
    hits = np.zeros(texts)
    for turn in range(TURNS):
        other = np.random.default_rng(seed + turn).permutation(texts)
        for one in asked:
            if one.mark >= 0:
                begin, end = tokens.begins[other[one.text]], tokens.begins[other[one.text] + 1]
                moved = begin - tokens.begins[one.text]
                place = slice(min(one.first + moved, end), min(one.end + moved, end))
                hits[one.text] += 2.0 * bool((best[place] == one.column).any()) / TURNS
    return hits


def _gains(
    expected: model.Expected, marked: Marked, tokens: Tokens, groups: Integers, seed: int
) -> tuple[Floats, Integers]:
    used = noise.sample(marked.columns, expected.pooled.shape[1], seed)
    own = groups[tokens.text_of[used]]
    return gate.over_guessing([one[used] for one in expected.logs], marked.columns[used], own, seed), own


def _cleanlab(tokens: Tokens, marked: Marked, pooled: Floats) -> Floats:
    """Return n of cleanlab's scores for tokens turned round; NaN for texts without tokens or with unknown classes."""
    import numpy as np
    from cleanlab.token_classification.rank import get_label_quality_scores

    found = np.full(len(tokens.begins) - 1, np.nan)
    spans = [slice(*pair) for pair in zip(tokens.begins[:-1].tolist(), tokens.begins[1:].tolist(), strict=True)]
    usable = [n for n, one in enumerate(spans) if one.stop > one.start and (marked.columns[one] >= 0).all()]
    if usable:
        labels = [marked.columns[spans[n]].tolist() for n in usable]
        scores, _ = get_label_quality_scores(labels, [pooled[spans[n]] for n in usable])
        found[usable] = 1 - scores
    return found


# -- judging ----------------------------------------------------------------------------------------------------------


def _gate(parts: list[_Part]) -> tuple[bool, dict[str, Any], str]:
    """Return whether the models are heard, the facts, and what measures them, in words.

    Tokens must be likelier than by the shares of the classes, and F1 of marks clearly above that with marks of others.
    """
    import numpy as np

    gains, groups = np.concatenate([one.gains for one in parts]), np.concatenate([one.groups for one in parts])
    hits, of = np.concatenate([one.hits for one in parts]), np.concatenate([one.of for one in parts])
    by_place = np.concatenate([one.guessed for one in parts])
    texts = np.concatenate([one.texts for one in parts])
    f1, guessed = (float(one.sum() / max(1.0, of.sum())) for one in (hits, by_place))
    clear = gate.is_clear(gate.clearness(gains, groups), groups)
    found = gate.is_clear(gate.clearness(hits - by_place, texts), texts) and f1 - guessed > LEAST_F1
    opened = bool(clear and found and (hits > 0).sum() >= FEWEST_FOUND)
    facts = {"gate": {"open": opened, "f1": round(f1, 4), "guessed": round(guessed, 4)}, "model": {"f1": round(f1, 4)}}
    said = Message(
        "F1 of the marks that it finds in texts it never saw is {f1:.2f}, where guessing by place has {guessed:.2f}",
        f1=f1,
        guessed=guessed,
    )
    return opened, facts, said


Found = list[tuple["Reason", float, "tuple[int, str, int, int]"]]
"""Of one item: places, how probably the suggestion for each is right, and (mark, class code, start, end) of it."""


def _places(case: Case, parts: list[_Part], column_of: dict[str, int]) -> tuple[dict[int, Found], dict[int, float]]:
    """Return the places of each item that has any, and of all others the chance of their most doubtful question."""
    import numpy as np

    logs = [np.concatenate([part.logs[n] for part in parts]) for n in range(len(parts[0].logs))]
    columns = np.array([one.column for part in parts for one in part.asked], dtype=np.int64)
    powers = pooling.temper(logs, columns)
    pooled = pooling.pool(logs, powers)
    wrong = noise.estimate(logs, powers, columns, case.seed)
    edges = np.concatenate([part.edges for part in parts])
    off = np.full(len(edges), np.nan)
    off[~np.isnan(edges)] = base.accidents(edges[~np.isnan(edges)])
    codes = ["", *column_of]
    places: dict[int, Found] = {}
    least: dict[int, float] = {}
    at = 0
    for part in parts:
        for number, one in enumerate(part.asked):
            item, row = part.items[one.text], at + number
            least[item] = max(least.get(item, 0.0), float(wrong.scores[row]))
            other = int(np.where(np.arange(len(codes)) == one.column, -1, wrong.belief[row]).argmax())
            if pooled[row, other] > pooled[row, one.column]:
                place = _class_place(case, part, one, (codes[one.column], codes[other]), float(wrong.scores[row]))
                share = float(wrong.belief[row, other] / (1 - wrong.belief[row, one.column]))
                places.setdefault(item, []).append((place[0], share * place[0]["probability"], place[1]))
            elif one.mark >= 0 and part.reached[number] != (one.first, one.end):
                edge = _edge_place(case, part, number, codes[one.column], float(off[row]))
                places.setdefault(item, []).append((edge[0], edge[0]["probability"], edge[1]))
        at += len(part.asked)
    return places, {item: chance for item, chance in least.items() if item not in places}


def _class_place(
    case: Case, part: _Part, one: Asked, codes: tuple[str, str], chance: float
) -> tuple[Reason, tuple[int, str, int, int]]:
    """Return the place of a mark that is missed, of another class, or of nothing. codes: now, suggested."""
    now, right = codes
    start, end = _offsets(case, part, one, one.first, one.end)
    problem = "missed" if not now else "wrong_class" if right else "nothing_there"
    return _place(case, problem, now, right, chance) | {"start": start, "end": end}, (one.mark, right, start, end)


def _edge_place(
    case: Case, part: _Part, number: int, code: str, chance: float
) -> tuple[Reason, tuple[int, str, int, int]]:
    """Return the place of a mark whose ends are off; an end that is right stays exactly where it is."""
    one, reached = part.asked[number], part.reached[number]
    start, end = _offsets(case, part, one, one.first, one.end)
    first = start if reached[0] == one.first else int(part.tokens.starts[reached[0]])
    last = end if reached[1] == one.end else int(part.tokens.ends[reached[1] - 1])
    place = _place(case, "border", code, code, chance) | {"start": start, "end": end}
    return place | {"suggested_start": first, "suggested_end": last}, (one.mark, code, first, last)


def _offsets(case: Case, part: _Part, one: Asked, first: int, end: int) -> tuple[int, int]:
    if one.mark >= 0:
        span = _spans(case, part.items[one.text])[one.mark]
        return span["start"], span["end"]
    return int(part.tokens.starts[first]), int(part.tokens.ends[end - 1])


def _place(case: Case, problem: str, now: str, right: str, chance: float) -> Reason:
    return {
        "kind": base.KIND,
        "problem": problem,
        "class": case.index[now] if now else None,
        "suggested": case.index[right] if right else None,
        "probability": round(chance, 4),
    }


def _verdict(case: Case, item: int, found: Found) -> Verdict:
    shown = base.named([place for place, _, _ in found])
    by_place = {id(place): (own, mark) for place, own, mark in found}
    right = [by_place[id(place)][0] for place in shown]
    edits = [by_place[id(place)][1] for place in base.taken(shown)]
    return Verdict(item, shown, _corrected(case, item, edits), base.chance_as_a_whole(shown, right))


def _corrected(case: Case, item: int, edits: list[tuple[int, str, int, int]]) -> Value:
    """Return the label with some marks changed, taken out ("" for the class) or, with the number -1, added."""
    spans: list[Value | None] = [dict(span) for span in _spans(case, item)]
    added: list[Value] = []
    for mark, code, start, end in edits:
        changed: Value | None = {"label": code, "start": start, "end": end} if code else None
        if mark < 0 and changed is not None:
            added.append(changed)
        else:
            spans[mark] = changed
    kept = [span for span in spans if span is not None] + sorted(added, key=lambda one: one["start"])
    return {case.values.task.shape: [span for n, span in enumerate(kept) if span not in kept[:n]]}


def _too_few() -> str:
    return Message(
        "No class is marked in {enough} different texts, so no model can be trained. Label more items.",
        enough=judgeable.FEWEST,
    )


def _notes(case: Case, column_of: dict[str, int]) -> list[str]:
    """Name the classes that cannot be judged."""
    left = [name for name, code in zip(case.dataset.classes, case.values.config.classes, strict=True)
            if code not in column_of]  # fmt: skip
    if not left:
        return []
    return [
        Message(
            "Classes that are marked in fewer than {enough} different texts cannot be judged and are never suggested: "
            "{classes}.",
            enough=judgeable.FEWEST,
            classes=", ".join(left),
        )
    ]
