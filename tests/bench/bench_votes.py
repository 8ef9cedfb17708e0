"""What the pass makes of several votes on an item: `python -m tests.bench votes [set …]`.

One JSON line a set, measured through the whole examination, truth read only to count:
- `taken`: accuracy of the labels if every suggestion is taken, beside that of the consensus under inspection;
- `auroc`: how well the score ranks wrong consensus labels, beside 1 - confidence of the consensus and CROWDLAB;
- `said`: pairs of annotator and class of which it is said that others chose otherwise, and how many of them are right
  on that class in fewer than 70 % of the choices whose truth is known (`true`).
Votes that tie have no consensus and are left out of every figure but `tied`. Sets without content are judged by votes
alone; `simulated_3` are texts with three votes each by careful, careless and guessing annotators.

What was looked at. Forms and weights are chosen by held-out votes on each set. The truth of the two sets with content
was seen for four variants of the posterior (unclear items mixed in or not, overlap chosen once or in turn): they differ
by at most .009 in AUROC; the one with the best held-out likelihood that is also the consensus' own was taken. The odds
of 2 : 1 that a suggestion against ten votes or more needs were asked for from elsewhere; with odds of 1 one set here
(ten votes an item) loses .007. Below ten votes odds of 1, 1.5 and 2 differ by at most .002; the middle was taken.
"""

import argparse
import os
import random
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labeler.consensus.base import Votes
from labeler.consensus.registry import METHODS, recommended
from labeler.quality import crowd, disagreement
from labeler.quality.dataset import Dataset, Examination
from labeler.quality.examine import examine
from tests.bench.label_sets import LabelSet, read, rows
from tests.bench.report import emit, peak_memory, shared_data
from tests.quality.worlds import TOPICS, text_about

SETS = ("simulated_3", "rte", "bluebirds", "dog", "weather_amt", "fact_eval", "sentiment_polarity", "cifar10n_a")
SEED = 0
SIMULATED = 2000
UNRELIABLE = 0.7


@dataclass(frozen=True, eq=False)
class World:
    """A set with its contents: blank texts where there are none."""

    found: LabelSet
    contents: list[Any]

    @property
    def has_content(self) -> bool:
        """Whether a model can be trained."""
        return any(self.contents)


def simulated() -> World:
    """Texts of three topics that share words, three votes each: half careful, a quarter careless, a quarter guess."""
    words, chance = random.Random(SEED), np.random.default_rng(SEED)
    truth = chance.integers(0, len(TOPICS), SIMULATED)
    topics = list(TOPICS.values())
    contents = [text_about([*topics[one], *sum(topics, [])], words, own=3) for one in truth]  # noqa: RUF017 - short
    item = np.repeat(np.arange(SIMULATED), 3)
    annotator = ((chance.integers(0, 40, (SIMULATED, 1)) + np.array([0, 13, 27])) % 40).ravel()
    accuracy = np.array([0.9, 0.75, 0.9, 1 / 3])[annotator % 4]
    right = chance.random(len(item)) < accuracy
    label = np.where(right, truth[item], (truth[item] + chance.integers(1, 3, len(item))) % 3)
    votes = Votes(item, annotator, label, SIMULATED, 40, 3)
    return World(LabelSet("simulated_3", votes, truth, [str(n) for n in range(SIMULATED)], list(TOPICS)), contents)


def load(folder: Path, images: Path) -> World:
    """Read one recorded set; pictures are unpacked into `images`."""
    found = read(folder)
    if found is None:
        raise SystemExit(f"{folder.name}: labels or truth are missing")
    files = [file for name in ("items.csv", "items.csv.gz") if (file := folder / name).is_file()]
    if not files:
        return World(found, [""] * found.votes.n_items)
    content = {row["item"]: row for row in rows(files[0])}
    if (folder / "images.zip").is_file():
        with zipfile.ZipFile(folder / "images.zip") as packed:
            packed.extractall(images)
        return World(found, [images / content[name]["image"] for name in found.items])
    return World(found, [content[name]["text"] for name in found.items])


def dataset_of(world: World, labels: Any) -> Dataset:
    """Lay a set out for the pass, with the consensus as the labels under inspection."""
    votes = world.found.votes
    return Dataset(
        media="image" if world.contents and isinstance(world.contents[0], Path) else "text",
        contents=world.contents,
        classes=tuple(world.found.classes),
        labels=labels,
        given=np.full(votes.n_items, -1),
        vote_items=votes.item.astype(np.int64),
        vote_annotators=votes.annotator.astype(np.int64),
        vote_classes=votes.label.astype(np.int64),
    )


def suggestions(found: Examination, labels: Any, truth: Any) -> dict[str, Any]:
    """Count flags and suggestions, and what taking them all does. Only items whose truth is known count."""
    flags = [one for one in found.findings if one.kind == "label_error" and truth[one.item] >= 0]
    suggested = [one for one in flags if one.suggested is not None]
    taken = labels.copy()
    for one in suggested:
        taken[one.item] = one.suggested
    judged = (truth >= 0) & (labels >= 0)
    sure = [one for one in suggested if one.confidence >= 0.9]
    return {
        "flags": len(flags),
        "flags_right": sum(bool(labels[one.item] != truth[one.item]) for one in flags),
        "suggested": len(suggested),
        "suggested_right": sum(bool(one.suggested == truth[one.item]) for one in suggested),
        "stated_90": len(sure),
        "stated_90_right": sum(bool(one.suggested == truth[one.item]) for one in sure),
        "mean_confidence": float(np.mean([one.confidence for one in suggested])) if suggested else None,
        "consensus": float((labels == truth)[judged].mean()),
        "taken": float((taken == truth)[judged].mean()),
    }


def ranking(found: Examination, confidence: Any, labels: Any, truth: Any) -> dict[str, float | None]:
    """Return how well three scores tell wrong consensus labels from right ones."""
    from sklearn.metrics import roc_auc_score

    judged = (truth >= 0) & (labels >= 0) & ~np.isnan(found.label_scores)
    wrong = (labels != truth)[judged]
    scores = {
        "auroc": found.label_scores,
        "auroc_confidence": 1 - confidence,
        "auroc_crowdlab": -found.consensus_quality,
    }
    if not judged.any():  # no model is heard without content, and without one nothing is called wrong
        return dict.fromkeys(scores)
    return {
        name: None if np.isnan(score[judged]).any() else float(roc_auc_score(wrong, score[judged]))
        for name, score in scores.items()
    }


def people(dataset: Dataset, found: Examination, truth: Any) -> dict[str, int]:
    """Count of whom something is said, on the same posterior as the pass, and of how many the truth says so too."""
    votes = crowd.gather(dataset)
    chance = None if found.probabilities is None else found.probabilities.astype(np.float64)
    said = disagreement.disagreement(votes, crowd.weigh(dataset, votes, chance))
    right = []
    for who, chose in said:
        mine = (dataset.vote_annotators == who) & (dataset.vote_classes == chose)
        known = truth[dataset.vote_items[mine]]
        right.append(float((known[known >= 0] == chose).mean()) if (known >= 0).any() else np.nan)
    judged = [one for one in right if not np.isnan(one)]
    return {"said": len(said), "judged": len(judged), "true": sum(one < UNRELIABLE for one in judged)}


def bench(world: World) -> None:
    """Examine one set and print a line."""
    votes, truth = world.found.votes, world.found.truth
    method = recommended(votes)
    inferred = METHODS[method](votes)
    tally = votes.tally()
    tied = np.count_nonzero(tally == tally.max(axis=1, keepdims=True), axis=1) > 1
    labels = np.where(tied, -1, inferred.label).astype(np.int64)
    dataset = dataset_of(world, labels)
    begin = time.process_time()
    found = examine(dataset, progress=lambda _share, _sentence: None)
    used = time.process_time() - begin
    emit(
        bench="votes",
        set=world.found.name,
        n=votes.n_items,
        votes=len(votes.item),
        seed=SEED,
        consensus_method=method,
        content=world.has_content,
        tied=int(tied.sum()),
        model_weight=found.summary.get("votes", {}).get("model_weight"),
        **suggestions(found, labels, truth),
        **ranking(found, inferred.confidence, labels, truth),
        **people(dataset, found, truth),
        cpu_seconds=used,
        votes_seconds=found.summary["seconds"].get("votes"),
        peak_bytes=peak_memory(),
        load=os.getloadavg()[0],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench the sets named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}")
    chosen = parser.parse_args(arguments).sets or SETS
    folder = shared_data()
    for name in chosen:
        if name == "simulated_3":
            bench(simulated())
        elif folder is None:
            emit(bench="votes", set=name, skipped="shared label sets absent: set LABELER_SHARED")
        else:
            with tempfile.TemporaryDirectory() as images:
                bench(load(folder / name, Path(images)))


if __name__ == "__main__":
    main()
