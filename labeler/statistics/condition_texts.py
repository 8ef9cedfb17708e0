"""Conditions as plain texts, as they stand in an address: {"min_votes": "2", "class": "cat,dog"}.

Several values of one name are a line of CSV, so that a name may hold a comma. What is not asked for has no text.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from labeler.errors import Invalid
from labeler.statistics.conditions import Conditions, day_of

NAMES = {"which": "items", "classes": "class"}
"""What a field is called in an address, where that is another name."""
MOST = 2**31 - 1  # that both databases take as a whole number
YES, NO = frozenset(("1", "yes", "true", "on")), frozenset(("0", "no", "false", "off"))


def conditions_in(given: Mapping[str, str]) -> Conditions:
    """Return the conditions that texts say; a name that is none of theirs is left alone. Raises Invalid."""
    usual = Conditions()
    days = {name: given.get(name, "").strip() for name in ("since", "until")}
    return Conditions(
        given.get("items", "").strip() or usual.which,
        yes(given, "reviewed"),
        number(given, "min_confidence"),
        whole(given, "min_votes"),
        yes(given, "no_flags"),
        yes(given, "no_ties"),
        listed(given.get("class", "")),
        whole(given, "annotator"),
        whole(given, "import_id"),
        **{name: day_of(text, name) if text else None for name, text in days.items()},
    )


def conditions_said(wanted: Conditions) -> dict[str, str]:
    """Return the texts that `conditions_in` reads, of what is not as usual."""
    usual = Conditions().to_json()
    asked = {name: value for name, value in wanted.to_json().items() if value != usual[name]}
    return {NAMES.get(name, name): said(value) for name, value in asked.items()}


def said(value: object) -> str:
    """Return a value as a text: a truth as 1 or 0, several as a line of CSV."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return line(value) if isinstance(value, list | tuple) else str(value)


def line(values: Sequence[str]) -> str:
    """Return names as a line of CSV."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="").writerow(values)
    return buffer.getvalue()


def listed(text: str) -> tuple[str, ...]:
    """Return the names in a line of CSV, without blanks around them."""
    names = next(csv.reader([text], skipinitialspace=True), []) if text.strip() else []
    return tuple(name.strip() for name in names if name.strip())


def yes(given: Mapping[str, str], name: str, usual: str = "0") -> bool:
    """Return whether a text says yes; raises Invalid for one that says neither yes nor no."""
    text = (given.get(name) or usual).strip().lower()
    if text not in YES | NO:
        raise Invalid("{name} is 1 or 0, not {text!r}.", field=name, name=name, text=text)
    return text in YES


def whole(given: Mapping[str, str], name: str, most: int = MOST) -> int:
    """Return the whole number that a text says, 0 for none; raises Invalid for a text that says none."""
    text = (given.get(name) or "0").strip()
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or int(text) > most:
        raise Invalid("{name} is a whole number, not {text!r}.", field=name, name=name, text=text[:40])
    return int(text)


def number(given: Mapping[str, str], name: str) -> float:
    """Return the number that a text says, 0 for none, of percents a share; raises Invalid for a text that says none."""
    text = (given.get(name) or "0").strip()
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise Invalid("{name} is a number, not {text!r}.", field=name, name=name, text=text[:40]) from None
