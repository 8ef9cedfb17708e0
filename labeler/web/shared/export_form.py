"""The form of what is taken out, by an export or a release: what it offers, and the choices that a form sends.

Note: a form sends a box only where it is ticked. A box that is ticked unless told otherwise has a hidden 0 before it,
so the last value of a name counts; names of classes and columns come one by one and become a line of CSV here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from labeler.accounts.queries import Member, members
from labeler.errors import Invalid
from labeler.exchange.choice_texts import choices_in
from labeler.exchange.export_choices import PARTS, ExportChoices
from labeler.exchange.formats.base import Writer
from labeler.exchange.formats.registry import writers_for
from labeler.exchange.parts import columns_of
from labeler.projects.models import Import, Project
from labeler.projects.queries import classes_of, imports_of
from labeler.statistics.condition_texts import line
from labeler.statistics.conditions import WHICH
from labeler.web.shared.conditions import condition_words, which_words

_LISTS = {"classes": "class", "columns": "group_by"}
_OF_SPLIT = frozenset(("split", "seed", "stratify", "group_by", "near_duplicates"))


def texts_in(args: MultiDict[str, str], usual_format: str) -> dict[str, str]:
    """Return the texts of a form or an address, each once; those that say nothing are left out."""
    given = {name: values[-1] for name, values in args.lists() if values}
    for form, name in _LISTS.items():
        if values := [value for value in args.getlist(form) if value]:
            given[name] = line(values)
    if args.get("split_on"):
        shares = ((part, args.get(part, "").strip().replace(",", ".")) for part in PARTS)
        given["split"] = ",".join(f"{part}={share}" for part, share in shares if share) or "0"
    return {"format": usual_format, **{name: text for name, text in given.items() if text}}


def choices_of(args: MultiDict[str, str], usual_format: str) -> ExportChoices:
    """Return the choices that a form or an address says; raises Invalid, naming the field."""
    return choices_in(texts_in(args, usual_format))


def choices_or_why_not(args: MultiDict[str, str], usual_format: str) -> tuple[ExportChoices, Invalid | None]:
    """Return the choices, and None; else what can be kept of them, so that they can be mended, and what is wrong."""
    texts = texts_in(args, usual_format)
    try:
        return choices_in(texts), None
    except Invalid as error:
        if error.field in _OF_SPLIT:
            return choices_in({name: text for name, text in texts.items() if name != "split"}), error
        return ExportChoices(texts["format"]), error


@dataclass(frozen=True)
class Offered:
    """What of a project can be chosen from lists. columns: of the metadata."""

    writers: Sequence[Writer]
    people: Sequence[Member]
    imports: Sequence[Import]
    classes: tuple[str, ...]
    columns: Sequence[str]

    @classmethod
    def of(cls, db: Session, project: Project) -> "Offered":
        """Read it."""
        return cls(
            tuple(writers_for(project.task, project.media).values()),
            members(db, project.id),
            imports_of(db, project.id),
            classes_of(db, project.id).names,
            columns_of(db, project.id),
        )


def words_of(chosen: ExportChoices, offered: Offered) -> dict[str, str]:
    """Return what is asked beside which items, in words, by the name of the field."""
    people = {one.user_id: one.name or one.email for one in offered.people}
    return condition_words(chosen.items, people, {one.id: one.name for one in offered.imports})


def shown(
    chosen: ExportChoices, offered: Offered, typed: Mapping[str, str], problem: Invalid | None = None
) -> dict[str, Any]:
    """Return what `shared/export_form.html` needs. typed: what stands in the fields where it is no choice yet."""
    split = chosen.split
    return {
        "chosen": chosen,
        "conditions": chosen.items,
        "offered": offered,
        "typed": typed,
        "problem": problem,
        "which": {one: which_words(one) for one in WHICH},
        "shares": {part: round(100 * share, 4) for part, share in split.shares} if split else {},
    }
