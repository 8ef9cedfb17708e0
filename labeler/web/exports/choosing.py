"""What a form or an address of the page says, as texts that the choices of an export are read from.

Note: a form sends a box only where it is ticked. A box that is ticked unless told otherwise has a hidden 0 before it,
so the last value of a name counts; names of classes and columns come one by one and become a line of CSV here.
"""

from werkzeug.datastructures import MultiDict

from labeler.exchange.choice_texts import choices_in, choices_said
from labeler.exchange.export_choices import PARTS, ExportChoices
from labeler.statistics.condition_texts import line

_LISTS = {"classes": "class", "columns": "group_by"}


def texts_in(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the texts of an address, each once."""
    given = {name: values[-1] for name, values in args.lists() if values}
    for form, name in _LISTS.items():
        if values := [value for value in args.getlist(form) if value]:
            given[name] = line(values)
    if args.get("split_on"):
        shares = ((part, args.get(part, "").strip().replace(",", ".")) for part in PARTS)
        given["split"] = ",".join(f"{part}={share}" for part, share in shares if share) or "0"
    return given


def choices_of(args: MultiDict[str, str], usual_format: str) -> ExportChoices:
    """Return the choices that an address says; raises Invalid, naming the field."""
    return choices_in({"format": usual_format, **{name: text for name, text in texts_in(args).items() if text}})


def arguments(chosen: ExportChoices) -> dict[str, str]:
    """Return the parameters of the page, the file and the code of these choices."""
    return choices_said(chosen)
