"""The choices of an export as plain texts: an address of the page and of the API, and the code that is shown."""

from collections.abc import Mapping
from dataclasses import fields

from labeler.exchange.export_choices import MOST_SEED, PSEUDONYMS, ExportChoices, SplitChoices, shares_in
from labeler.statistics.condition_texts import (
    NAMES,
    conditions_in,
    conditions_said,
    line,
    listed,
    said,
    whole,
    yes,
)
from labeler.statistics.conditions import Conditions

CHOICES = frozenset(
    (
        *("format", "people", "pictures", "soft_labels", "answers"),
        *("split", "seed", "stratify", "group_by", "near_duplicates"),
        *(NAMES.get(one.name, one.name) for one in fields(Conditions)),
    )
)
"""The names of all choices, as their texts are called."""


def choices_in(given: Mapping[str, str]) -> ExportChoices:
    """Return the choices that texts say; a name that is none of theirs is left alone. Raises Invalid."""
    return ExportChoices(
        given.get("format", "").strip(),
        conditions_in(given),
        given.get("people", "").strip() or PSEUDONYMS,
        yes(given, "pictures"),
        yes(given, "soft_labels"),
        yes(given, "answers", "1"),
        _split_in(given) if given.get("split", "").strip() else None,
    )


def choices_said(chosen: ExportChoices) -> dict[str, str]:
    """Return the texts that `choices_in` reads, of what is not as usual; the format always."""
    usual = ExportChoices("").to_json()
    plain = {name: value for name, value in chosen.to_json().items() if name not in {"items", "split"}}
    asked = {name: said(value) for name, value in plain.items() if value != usual[name]}
    return {**asked, **conditions_said(chosen.items), **(_split_said(chosen.split) if chosen.split else {})}


def _split_in(given: Mapping[str, str]) -> SplitChoices:
    return SplitChoices(
        shares_in(given["split"]),
        whole(given, "seed", MOST_SEED),
        yes(given, "stratify", "1"),
        listed(given.get("group_by", "")),
        yes(given, "near_duplicates", "1"),
    )


def _split_said(split: SplitChoices) -> dict[str, str]:
    shares = ",".join(f"{name}={share!r}" for name, share in split.shares)
    usual = SplitChoices(split.shares)
    found = {"split": shares, "seed": str(split.seed)}
    found |= {name: "0" for name in ("stratify", "near_duplicates") if getattr(split, name) != getattr(usual, name)}
    return {**found, "group_by": line(split.group_by)} if split.group_by else found
