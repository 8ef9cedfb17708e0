"""What a person should do with an audit: the headline, what stands out, and the next steps, most corrections first."""

from __future__ import annotations

from labeler.cli.audit_file.flags import Told

MOST_STEPS = 5
FEWEST_IN_A_CLASS = 3  # flagged labels, below which a class is not said to stand out
OFTEN = 3  # labels of one pair, below which it is no rule that is missing


def headline(told: Told) -> str:
    """Return in a sentence what came out."""
    what = {"text": "texts", "image": "pictures"}[told["media"]]
    if not told["judged"]:
        return "No label is called wrong here, because no model of these labels can be trusted to judge them."
    flagged = told["flagged"]
    if not flagged["labels"]:
        return f"No label of these {told['items']:,} {what} looks wrong to the model."
    return (
        f"{flagged['labels']:,} of {told['items']:,} labels are worth a look ({percent(flagged['share'])}); "
        f"against {flagged['bands']['strong']:,} of them the evidence is strong."
    )


def stands_out(told: Told) -> list[str]:
    """Return what differs from the rest: a class, a group, a leak; or that nothing does."""
    said = [*_worst_class(told), *_worst_slice(told), *_leak(told), *_set(told)]
    if not said and told["judged"]:
        said = ["No class and no group of items stands out."]
    return said


def steps(told: Told) -> list[Told]:
    """Return at most five next steps as {what, how}."""
    found = [*_look(told), *_conflicts(told), *_move(told), *_ask(told), *_rule(told), *_names(told), *_collect(told)]
    return found[:MOST_STEPS]


def percent(share: float) -> str:
    """Return a share in percent, with one digit below 10 %."""
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"  # noqa: PLR2004 - what rounds to 10


def _worst_class(told: Told) -> list[str]:
    judged = [one for one in told["classes"] if one["judged"] and one["flagged"] >= FEWEST_IN_A_CLASS]
    worst = max(judged, key=lambda one: one["flagged_share"], default=None)
    if worst is None or worst["low"] <= told["flagged"]["share"]:
        return []
    said = (
        f"{worst['class']} stands out: {percent(worst['flagged_share'])} of its labels look wrong "
        f"({worst['flagged']:,} of {worst['labels']:,}), {percent(told['flagged']['share'])} of all."
    )
    return [said]


def _worst_slice(told: Told) -> list[str]:
    return [
        f"{one['column']} = {one['value']} has more labels that look wrong: {percent(one['share'])}, "
        f"all others {percent(one['others'])}."
        for one in told["slices"]["shown"][:1]
        if one["stands_out"]
    ]


def _set(told: Told) -> list[str]:
    """Return what else is said of the set; groups with more labels that look wrong are the slices."""
    return [str(one["said"]) for one in told["set_findings"] if not one["flagged"]]


def _leak(told: Told) -> list[str]:
    leak = told["leak"]
    if not leak or not leak["items"]:
        return []
    said = (
        f"{leak['items']:,} of {leak['compared']:,} items outside {leak['column']} = {leak['training']} are nearly "
        "the same as an item on another side, so a test on this split gives too good a result."
    )
    return [said]


def _look(told: Told) -> list[Told]:
    flagged = told["flagged"]
    strong, rest = flagged["bands"]["strong"], flagged["labels"] - flagged["bands"]["strong"]
    found = []
    if strong:
        found.append({"what": f"Look at the {_many(strong, 'label')} with strong evidence", "how": _where(strong)})
    if rest:
        found.append({"what": f"Then at the other {_many(rest, 'flagged label')}", "how": _where(rest)})
    return found


def _where(labels: int) -> str:
    return f"about {max(1, round(labels / 4)):,} min, at 15 seconds each; in this order in the file of flags"


def _conflicts(told: Told) -> list[Told]:
    return [
        {"what": f"Decide the {kind['items']:,} {_lower(kind['waiting'])}", "how": kind["explanation"]}
        for kind in told["kinds"]
        if kind["about_labels"] and kind["items"]
    ]


def _move(told: Told) -> list[Told]:
    leak = told["leak"]
    if not leak or not leak["items"]:
        return []
    what = f"Move or drop the {_many(leak['items'], 'item')} that leak across the split"
    return [{"what": what, "how": "listed with their twins in the file of flags"}]


def _ask(told: Told) -> list[Told]:
    return [
        {
            "what": f"Ask why {one['column']} = {one['value']} differs",
            "how": f"{one['flagged']:,} of its {one['items']:,} labels look wrong",
        }
        for one in told["slices"]["shown"][:1]
        if one["stands_out"]
    ]


def _rule(told: Told) -> list[Told]:
    if not told["confusion"]:
        return []
    differ = told["confusion"]["differ"]
    return [
        {
            "what": f"Write down the rule for {one['label']} against {one['model']}",
            "how": f"{one['items']:,} of the {differ:,} labels that the model differs from are this pair",
        }
        for one in told["confusion"]["pairs"][:1]
        if one["items"] >= OFTEN
    ]


def _names(told: Told) -> list[Told]:
    how = "these class names differ only in how they are spelled"
    return [{"what": f"Give one name to {' and '.join(names)}", "how": how} for names in told["spelled_alike"][:1]]


def _collect(told: Told) -> list[Told]:
    if told["judged"]:
        return []
    return [{"what": "Label more items of each class, then run the audit again", "how": " ".join(told["notes"][:1])}]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
