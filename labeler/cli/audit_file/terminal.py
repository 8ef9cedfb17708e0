"""An audit in a few lines of a terminal: how many, how sure, the first ones, and where the rest is."""

from collections.abc import Iterator

from labeler.cli.audit_file import advice
from labeler.cli.audit_file.advice import percent
from labeler.cli.audit_file.flags import Told

FIRST = 5
WIDTH = 72  # characters of a text


def lines(told: Told) -> Iterator[str]:
    """Yield what is printed."""
    yield from _read(told)
    yield ""
    yield advice.headline(told)
    yield from (f"  {line}" for line in _trust(told))
    yield from (f"  {line}" for line in advice.stands_out(told))
    if told["worst"]:
        yield ""
        yield "Worst labels"
        yield from (f"  {_one(flag, told['media'])}" for flag in told["worst"][:FIRST])
    others = [f"{kind['waiting'].lower()} ({kind['items']:,})" for kind in told["kinds"] if kind["items"]]
    if others:
        yield ""
        yield f"Also: {', '.join(others)}"
    yield ""
    yield f"Report   {told['files']['report']}"
    yield f"Flags    {told['files']['flags_csv']} and .json"
    yield f"Sample   {told['files']['sample']} (random rows, their labels hidden: label them to know what is left)"


def _read(told: Told) -> Iterator[str]:
    what = {"text": "texts", "image": "pictures"}[told["media"]]
    columns = told["columns"]
    named = ", ".join(filter(None, (columns["content"], columns["label"])))
    yield f"{told['items']:,} {what}, {len(told['classes']):,} classes{f' (columns {named})' if named else ''}"
    if told["encoding"]:
        yield f"Read as {told['encoding']}; if letters look wrong, say another --encoding."
    left = told["left_out"]
    if left["rows"]:
        why = "; ".join(f"{count:,} x {reason}" for reason, count in list(left["reasons"].items())[:3])
        rows = f"{left['rows']:,} {'row' if left['rows'] == 1 else 'rows'}"
        yield f"{rows} left out ({why}): {told['files']['rejected']}"


def _trust(told: Told) -> Iterator[str]:
    model, check = told["model"], told["check"]
    if not told["judged"]:
        yield from told["notes"]
    elif model:
        yield (
            f"The model gives the label of {percent(model['right'])} of the items it never saw; "
            f"guessing would give {percent(model['guessing'])}."
        )
    if check:
        yield f"Own check: of {check['planted']:,} labels changed at random on purpose it flags {check['found']:,}."


def _one(flag: Told, media: str) -> str:
    name = flag["external_id"] or f"row {flag['item']}"
    suggested = f" -> {flag['suggested_label']}" if flag["suggested_label"] else ""
    text = f"  {flag['text'][:WIDTH]!r}" if media == "text" else ""
    return f"{name}  {flag['given_label']}{suggested} ({flag['band']}){text}"
