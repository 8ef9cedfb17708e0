"""What can be asked of an export, as options of a command, and the choices they come to."""

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.orm import Session

from labeler.exchange.choice_texts import choices_in
from labeler.exchange.export_choices import PEOPLE, ExportChoices
from labeler.exchange.pseudonyms import person_called
from labeler.statistics.condition_texts import said
from labeler.statistics.conditions import ALL, WHICH

Command = Callable[..., Any]

_OPTIONS = (
    click.option("--items", type=click.Choice(WHICH), help="Which items; labeled unless told otherwise."),
    click.option("--all", "every", is_flag=True, help="Also items without a final label and excluded ones."),
    click.option("--reviewed", is_flag=True, help="Only what a lead decided."),
    click.option(
        "--min-confidence",
        help="Only labels at least this sure, 0 to 1; what a lead decided is in anyway.",
        metavar="C",
    ),
    click.option("--min-votes", help="Only items with so many answers; what a lead decided is in anyway.", metavar="N"),
    click.option("--no-flags", is_flag=True, help="Without items whose flag waits for a decision."),
    click.option("--no-ties", is_flag=True, help="Without items whose votes tie."),
    click.option("--class", "class_", multiple=True, help="Only final labels of this class; may be repeated."),
    click.option("--annotator", help="Only items that this person answered.", metavar="EMAIL"),
    click.option("--import-id", help="Only items of this import.", metavar="ID"),
    click.option("--since", help="Only labels from this day on.", metavar="YYYY-MM-DD"),
    click.option("--until", help="Only labels up to this day.", metavar="YYYY-MM-DD"),
    click.option(
        "--people", type=click.Choice(PEOPLE), help="What people go out as; pseudonyms unless told otherwise."
    ),
    click.option("--pictures", is_flag=True, help="The pictures inside, where the format can hold them."),
    click.option("--soft-labels", is_flag=True, help="Shares of all classes for every label."),
    click.option("--no-answers", is_flag=True, help="Without the single answers."),
    click.option("--split", help="Split: 80/10/10, or train=0.8,val=0.1,test=0.1.", metavar="SHARES"),
    click.option("--seed", help="The same seed gives the same parts.", metavar="N"),
    click.option("--group-by", multiple=True, help="Items alike in this column stay in one part; may be repeated."),
    click.option("--no-stratify", is_flag=True, help="Do not give each part the same share of each class."),
    click.option("--no-near-duplicates", is_flag=True, help="Let near-duplicates stand in several parts."),
)


def export_options(command: Command) -> Command:
    """Give a command the options of an export."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def choices_of(session: Session, project_id: int, format_name: str, options: dict[str, Any]) -> ExportChoices:
    """Return what the options come to; raises Invalid for what does not fit the project."""
    asked = {name: value for name, value in options.items() if value}
    if asked.pop("every", False):
        asked["items"] = ALL
    for name in ("answers", "stratify", "near_duplicates"):
        if asked.pop(f"no_{name}", False):
            asked[name] = False
    if "class_" in asked:
        asked["class"] = asked.pop("class_")
    if "annotator" in asked:
        asked["annotator"] = person_called(session, project_id, asked["annotator"])
    return choices_in({"format": format_name, **{name: said(value) for name, value in asked.items()}})
