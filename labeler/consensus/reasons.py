"""Why an item has the consensus that it has, in sentences: who said what, how far each counts, what else was heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from labeler.consensus.ground import Ground
from labeler.consensus.ties import KNOWN, LIKELY
from labeler.messages import Message, listed, verbatim

NAMED = 6  # people of one side who are named
SUREST = 0.99  # as which it is said how often somebody is right: nobody always is
COUNTED = "majority"  # the method by which answers are counted as they come in


@dataclass(frozen=True)
class Side:
    """Those who gave one answer. label: in words; people: names with user ids as text."""

    label: str
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """One item. label: the consensus in words, "" while undecided; chance: how probably it is right, 0 to 1.

    sides: of counted answers; one_class: whether an answer is one class; model: the class a model that never saw the
    labels finds likeliest, in words, and how likely, where it was heard.
    """

    label: str
    chance: float
    method: str
    sides: Sequence[Side]
    one_class: bool
    model: tuple[str, float] | None = None


def why(case: Case, ground: Ground | None) -> list[str]:
    """Return the sentences, the weightiest first. ground: what the last check's consensus rests on, None before any."""
    count = sum(len(side.people) for side in case.sides)
    if not count:
        return []
    weighed = ground if ground and case.method != COUNTED else None
    said = _who(case, count, weighed)
    if weighed and case.model:
        label, share = case.model
        said.append(
            Message(
                "A model that never saw the labels of this item finds {label} likeliest ({share:.0%}). It was heard "
                "{weight:.0%} as much as an independent opinion.",
                label=verbatim(label),
                share=share,
                weight=weighed.content_weight,
            )
        )
    if weighed is None and count > 1 and not (ground and not ground.each):
        said.append(Message("So far the answers are only counted; the next check of the labels weighs who gave them."))
    return [*said, ground.weak] if ground and ground.weak else said


def _who(case: Case, count: int, weighed: Ground | None) -> list[str]:
    if count == 1:
        return [Message("There is one answer; nobody else has answered this item.")]
    if len(case.sides) == 1:
        return [Message("All {count:,} answers say the same.", count=count), *_people(case, weighed)]
    if not case.one_class:
        return [
            Message("Each part is decided by itself, by who marked it and who did not."),
            *_people(case, weighed),
        ]
    sides = sorted(case.sides, key=lambda side: (side.label != case.label, -len(side.people)))
    return [
        *(
            Message("{people} said {label}.", people=_names(side, weighed), label=verbatim(side.label))
            for side in sides
        ),
        *_outcome(case, sides),
        *_in_brackets(weighed),
    ]


def _people(case: Case, weighed: Ground | None) -> list[str]:
    """Name everybody who answered, where there is something to say of them."""
    if not weighed or not weighed.right:
        return []
    everybody = Side("", [person for side in case.sides for person in side.people])
    return [Message("Answered by {people}.", people=_names(everybody, weighed)), *_in_brackets(weighed)]


def _names(side: Side, weighed: Ground | None) -> str:
    right = weighed.right if weighed else {}
    names = [
        Message("{name} ({share:.0%})", name=verbatim(name), share=min(right[user], SUREST))
        if user in right
        else verbatim(name)
        for name, user in side.people[:NAMED]
    ]
    more = len(side.people) - len(names)
    return listed([*names, *([Message("{count:,} more", count=more)] if more else [])])


def _in_brackets(weighed: Ground | None) -> list[str]:
    if not weighed or not weighed.right:
        return []
    return [
        Message(
            "In brackets: how often somebody is expected to be right, by how all their answers coincide with those of "
            "others."
        )
    ]


def _outcome(case: Case, sides: Sequence[Side]) -> list[str]:
    """Say what became of a tie, or of a majority that was overruled."""
    most = max(len(side.people) for side in sides)
    tie = sum(len(side.people) == most for side in sides) > 1
    if tie and case.label:
        return [
            Message(
                "The answers tie, and {label} stands all the same: by who gave which it is {chance:.0%} likely, and "
                "{likely:.0%} settle a tie.",
                label=verbatim(case.label),
                chance=case.chance,
                likely=LIKELY,
            )
        ]
    if tie:
        return [
            Message(
                "The answers tie, so a lead decides. A check settles a tie only where one class is {likely:.0%} likely "
                "and everybody who answered has {known} answers beside those of others.",
                likely=LIKELY,
                known=KNOWN,
            )
        ]
    if case.label and len(sides[0].people) < most:
        return [
            Message(
                "Fewer people said {label}, but what is known of those who answered makes it likelier.",
                label=verbatim(case.label),
            )
        ]
    return []
