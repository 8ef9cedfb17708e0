"""The choices of an export as JSON and as texts: what was chosen is what is read back, and nothing else is believed."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.exchange.choice_texts import choices_in, choices_said
from labeler.exchange.export_choices import PEOPLE, ExportChoices, SplitChoices, in_order, shares_in
from labeler.statistics.conditions import WHICH, Conditions

NAMES = st.lists(st.text(st.sampled_from('ab ,"é|='), min_size=1).map(str.strip).filter(bool), max_size=3).map(tuple)
DAYS = st.none() | st.dates()
CONDITIONS = st.builds(
    Conditions,
    which=st.sampled_from(WHICH),
    reviewed=st.booleans(),
    min_confidence=st.floats(0, 1),
    min_votes=st.integers(0, 9),
    no_flags=st.booleans(),
    no_ties=st.booleans(),
    classes=NAMES,
    annotator=st.integers(0, 99),
    import_id=st.integers(0, 99),
    since=st.none() | st.dates(max_value=date(2026, 1, 1)),
    until=st.none() | st.dates(min_value=date(2026, 1, 1)),
)
SPLITS = st.builds(
    SplitChoices,
    shares=st.sampled_from(["80/10/10", "70/30", "train=1", "test=.5,train=.5", "train=34%,val=33%,test=33%"]).map(
        shares_in
    ),
    seed=st.integers(0, 2**40),
    stratify=st.booleans(),
    group_by=NAMES,
    near_duplicates=st.booleans(),
)
CHOICES = st.builds(
    ExportChoices,
    format=st.sampled_from(["csv", "coco"]),
    items=CONDITIONS,
    people=st.sampled_from(PEOPLE),
    pictures=st.booleans(),
    soft_labels=st.booleans(),
    answers=st.booleans(),
    split=st.none() | SPLITS,
)


@given(CHOICES)
def test_choices_come_back_from_json(chosen: ExportChoices) -> None:
    assert ExportChoices.from_json(json.loads(json.dumps(chosen.to_json()))) == chosen


@given(CHOICES)
def test_choices_come_back_from_the_texts_of_an_address(chosen: ExportChoices) -> None:
    assert choices_in(choices_said(chosen)) == chosen


def test_what_is_usual_needs_no_text() -> None:
    assert choices_said(ExportChoices("csv")) == {"format": "csv"}
    assert choices_in({"format": "csv", "other": "x"}) == ExportChoices("csv")


@pytest.mark.parametrize(
    "text", ["80/10/10", "80%/10%/10%", "train=.8,val=.1,test=.1", "test=10,validation=10,train=80"]
)
def test_shares_may_be_written_as_people_write_them(text: str) -> None:
    shares = dict(shares_in(text))
    assert list(shares) == ["train", "val", "test"]
    assert list(shares.values()) == pytest.approx([0.8, 0.1, 0.1])


def test_a_part_without_a_share_is_left_out() -> None:
    assert dict(shares_in("90/0/10")) == dict(in_order({"test": 0.1, "train": 0.9}))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"split": "80/10"}, "split"),
        ({"split": "80/10/5/5"}, "split"),
        ({"split": "train=1.2,test=-.2"}, "split"),
        ({"split": "most"}, "split"),
        ({"split": "holdout=1"}, "split"),
        ({"split": "nan/1"}, "split"),
        ({"split": "80/20", "seed": "-1"}, "seed"),
        ({"split": "80/20", "stratify": "maybe"}, "stratify"),
        ({"min_votes": "two"}, "min_votes"),
        ({"min_confidence": "1.5"}, "min_confidence"),
        ({"min_confidence": "nan"}, "min_confidence"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"items": "mine"}, "items"),
        ({"people": "initials"}, "people"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        choices_in({"format": "csv", **given})
    assert refused.value.field == field


@pytest.mark.parametrize(
    "given",
    [
        {"format": "csv", "colour": "red"},
        {"format": 3},
        {"format": "csv", "pictures": "yes"},
        {"format": "csv", "items": {"min_votes": "2"}},
        {"format": "csv", "items": {"which": "mine"}},
        {"format": "csv", "split": {"shares": {"train": 0.5}}},
    ],
)
def test_json_that_was_never_written_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ExportChoices.from_json(given)


def test_json_that_lacks_a_member_is_as_if_it_was_not_chosen() -> None:
    assert ExportChoices.from_json({"format": "csv", "items": {}}) == ExportChoices("csv")
