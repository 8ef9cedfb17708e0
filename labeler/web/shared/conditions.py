"""Conditions of items in words, one for each that is asked, and as parameters of an address."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from labeler.statistics.condition_texts import conditions_said
from labeler.statistics.conditions import ALL, LABELED, LABELED_OR_TIED, Conditions
from labeler.web.shared.words import format_date, format_percent, ngettext
from labeler.web.shared.words import gettext as _

_USUAL = Conditions()


def which_words(which: str) -> str:
    """Say which items are meant before anything else is asked."""
    return {
        LABELED: _("With a final label, and not excluded"),
        LABELED_OR_TIED: _("Also those whose votes tie"),
        ALL: _("All"),
    }[which]


def condition_words(wanted: Conditions, people: Mapping[int, str], imports: Mapping[int, str]) -> dict[str, str]:
    """Say what is asked beside which items, by the name of the field. people, imports: names by id."""
    words = {
        "reviewed": _("Decided by a lead"),
        "min_confidence": _(
            "Confidence of at least %(share)s, or decided by a lead", share=format_percent(wanted.min_confidence)
        ),
        "min_votes": ngettext(
            "At least %(num)s answer, or decided by a lead",
            "At least %(num)s answers, or decided by a lead",
            wanted.min_votes,
        ),
        "no_flags": _("No flag waits"),
        "no_ties": _("Votes do not tie"),
        "classes": _("Final label: %(name)s", name=", ".join(wanted.classes)),
        "annotator": _("By %(name)s", name=people.get(wanted.annotator, _("somebody who left"))),
        "import_id": _("From %(name)s", name=imports.get(wanted.import_id, _("an import that is gone"))),
        "since": _("Labeled on %(day)s or later", day=_day(wanted.since)),
        "until": _("Labeled on %(day)s or earlier", day=_day(wanted.until)),
    }
    return {name: said for name, said in words.items() if getattr(wanted, name) != getattr(_USUAL, name)}


def _day(day: date | None) -> str:
    return format_date(day, "d MMM y") if day else ""


def without(wanted: Conditions, name: str) -> Conditions:
    """Return the conditions without one of them."""
    return replace(wanted, **{name: getattr(_USUAL, name)})


def list_arguments(wanted: Conditions) -> dict[str, str]:
    """Return the parameters of the list of exactly these items."""
    return {"items": wanted.which, **conditions_said(wanted)}
