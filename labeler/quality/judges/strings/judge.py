"""Free text: nothing was written, nothing was changed, or the text is unlike those it should be like.

There is no model and so no gate: each problem is one that can be shown, and how probably a text is wrong follows from
how rare it is in this set to be like that. Where many texts are empty, unchanged or unlike each other, that is how this
set is, and nobody is accused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import fmean, median
from typing import TYPE_CHECKING

from labeler.quality import noise
from labeler.quality.dataset import Judged, Verdict
from labeler.quality.judges import base
from labeler.quality.judges.strings import measures
from labeler.task_types.text.distances import error_rate
from labeler.task_types.text.normal import normal

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Reason
    from labeler.quality.judges.base import Case
    from labeler.task_types.base import Value

RATE = 0.02  # of accidents taken for usual: too few are seen to count them
RARE = 0.1  # share of texts up to which being empty or unchanged is unusual
FEWEST = 20  # texts that a set's habits are read from
FAR = 0.3  # character error rate from which two texts say something else
CLEAR = 0.01  # tail probability below which a text is clearly unlike the others
USUAL_SCRIPT = 0.8  # share of the texts in one script from which another is unusual
SPREAD_OF_RATES, SPREAD_OF_RUNS = 0.05, 0.15  # least usual deviations

Found = dict[int, tuple["Reason", "Value | None"]]
"""By item: a place, and the whole text that is suggested, None where nobody knows it."""


def judge(case: Case) -> Judged:
    """Judge every text that was written; see the module."""
    texts = {item: str(value["text"]) for item, value in enumerate(case.values.labels) if value is not None}
    scores = base.nothing(case)
    places: dict[int, list[tuple[Reason, Value | None]]] = {item: [] for item in texts}
    finders: tuple[Callable[[Case, dict[int, str]], Found], ...] = (_empty, _copied, _twins, _answers, _scripts, _alike)
    for step, find in enumerate(finders):
        for item, found in find(case, texts).items():
            places[item].append(found)
        case.report((step + 1) / len(finders))
    verdicts = []
    for item, own in places.items():
        scores[item] = base.at_least_one(place["probability"] for place, _ in own)
        if own:
            verdicts.append(_verdict(item, own))
            scores[item] = base.at_least_one(place["probability"] for place in verdicts[-1].places)
    facts = {"gate": None, "model": {"texts": len(texts), "without_a_model": True}}
    return Judged(scores, base.nothing(case), verdicts, facts=facts)


def _verdict(item: int, own: list[tuple[Reason, Value | None]]) -> Verdict:
    shown = base.named([place for place, _ in own])
    suggested = next((value for place in shown for said, value in own if said is place and value is not None), None)
    sure = next((place["probability"] for place, value in own if value is not None), 0.0)
    return Verdict(item, shown, suggested, sure)


def _place(problem: str, own: float, **facts: object) -> Reason:
    """Return a place. own: how probable such a text is where nothing is wrong."""
    import numpy as np

    chance = float(noise.accident_chance(np.array([own]), RATE, 2)[0])
    return _with_chance(problem, chance, **facts)


def _with_chance(problem: str, chance: float, **facts: object) -> Reason:
    return {"kind": base.KIND, "problem": problem, "class": None, "suggested": None,
            "probability": round(chance, 4), **facts}  # fmt: skip


def _empty(case: Case, texts: dict[int, str]) -> Found:
    """Find texts in which nothing is written where nearly all others say something, and so do others of the item."""
    blank = [item for item, text in texts.items() if not text.strip()]
    share = (len(blank) + 1) / (len(texts) + 2)
    if share > RARE or len(texts) < FEWEST:
        return {}
    return {
        item: (_place("empty", share, filled=round(1 - len(blank) / len(texts), 4)), None)
        for item in blank
        if sum(not str(one["text"]).strip() for one in case.values.answers[item].values()) <= 1
    }


def _copied(case: Case, texts: dict[int, str]) -> Found:
    """Find texts that are as they started, or as the item itself, where nearly all others changed it."""
    started = {item: start["text"] for item in texts if (start := case.values.starts[item]) is not None}
    if not started:
        started = {item: case.values.contents[item].text or "" for item in texts}
    started = {item: normal(str(text)) for item, text in started.items() if str(text).strip()}
    same = [item for item, text in started.items() if normal(texts[item]) == text]
    share = (len(same) + 1) / (len(started) + 2)
    if share > RARE or len(started) < FEWEST:
        return {}
    changed = round(1 - len(same) / len(started), 4)
    return {item: (_place("copied", share, changed=changed), None) for item in same}


def _twins(case: Case, texts: dict[int, str]) -> Found:
    """Find texts far from what was written about the same content, where most of those who did wrote alike."""
    groups: dict[int, list[int]] = {}
    for item in texts:
        if not case.features.blank[item]:
            groups.setdefault(int(case.features.groups[item]), []).append(item)
    found: Found = {}
    for items in groups.values():
        forms = {item: normal(texts[item]) for item in items}
        for item in items:
            others = Counter(form for other, form in forms.items() if other != item)
            if not others:
                continue
            said, same = others.most_common(1)[0]
            if same > others.total() / 2 and error_rate(forms[item], said) >= FAR:
                chance = (same + 0.5) / (same + 2) if same > 1 else 0.5
                like = next(other for other in items if other != item and forms[other] == said)
                value = {"text": texts[like]} if same > 1 else None
                found[item] = (_with_chance("far_from_twins", chance, same=same), value)
    return found


def _answers(case: Case, texts: dict[int, str]) -> Found:
    """Find texts far from the answers of several annotators, who are nearer to each other than to the text."""
    from labeler.task_types.text.consensus import nearest

    rates: dict[int, float] = {}
    between: dict[int, float] = {}
    for item, text in texts.items():
        said = [normal(str(one["text"])) for one in case.values.answers[item].values()]
        others = _without_one(said, normal(text))
        if len(others) > 1:
            rates[item] = fmean(error_rate(normal(text), one) for one in others)
            between[item] = fmean(error_rate(one, two) for n, one in enumerate(others) for two in others[:n])
    found: Found = {}
    usual = median(rates.values()) if rates else 0.0
    for item, own in _tails(rates, SPREAD_OF_RATES).items():
        if own < CLEAR and rates[item] >= FAR and rates[item] > 2 * between[item]:
            best = nearest([str(one["text"]) for one in case.values.answers[item].values()])
            value = None if best.text is None or normal(best.text) == normal(texts[item]) else {"text": best.text}
            place = _place("far_from_answers", own, distance=round(rates[item], 4), usual=round(usual, 4))
            found[item] = (place, value)
    return found


def _without_one(said: list[str], text: str) -> list[str]:
    """Return the answers without the one that the text is, once."""
    if text in said:
        at = said.index(text)
        return said[:at] + said[at + 1 :]
    return said


def _tails(values: dict[int, float], least: float) -> dict[int, float]:
    import numpy as np

    return dict(zip(values, measures.tail(np.array([*values.values()], dtype=np.float64), least).tolist(), strict=True))


def _scripts(case: Case, texts: dict[int, str]) -> Found:
    """Find texts in another script than nearly all others."""
    del case
    scripts = {item: script for item, text in texts.items() if (script := measures.main_script(text))}
    counts = Counter(scripts.values())
    if counts.total() < FEWEST or counts.most_common(1)[0][1] < USUAL_SCRIPT * counts.total():
        return {}
    usual, many = counts.most_common(1)[0]
    share = round(many / counts.total(), 4)
    return {
        item: (
            _place("other_script", counts[script] / counts.total(), script=script.title(), usual_script=usual.title(),
                   share=share), None,
        )
        for item, script in scripts.items()
        if script != usual and counts[script] <= RARE * counts.total()
    }  # fmt: skip


def _alike(case: Case, texts: dict[int, str]) -> Found:
    """Find texts whose runs of characters are clearly unlike those of the others: another language, or gibberish."""
    import numpy as np

    del case
    items = [item for item, text in texts.items() if measures.main_script(text)]
    if len(items) < FEWEST:
        return {}
    scripts = Counter(measures.main_script(texts[item]) for item in items)
    items = [item for item in items if measures.main_script(texts[item]) == scripts.most_common(1)[0][0]]
    unlike: Floats = measures.unlikeness([texts[item] for item in items])
    own = measures.tail(unlike, SPREAD_OF_RUNS)
    clear = np.flatnonzero(own < CLEAR)
    return {items[place]: (_place("other_language", float(own[place])), None) for place in clear}
