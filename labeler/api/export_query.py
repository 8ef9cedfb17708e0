"""What can be asked of an export, as parameters of an address, and the choices they come to."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session

from labeler.api.shapes import Id, PrintableText, Query
from labeler.exchange.choice_texts import choices_in
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.pseudonyms import person_called
from labeler.statistics.condition_texts import said


def _name_formats(schema: dict[str, Any]) -> None:
    schema["enum"] = [*WRITERS]


class ExportQuery(Query):
    """Which format, which items, what of them.

    items: labeled leaves out what has no final label or was excluded; labeled_or_tied leaves in what the votes tie on,
    with a soft label; all leaves out nothing. reviewed: decided by a lead; what a lead decided is in whatever
    min_confidence and min_votes say. no_flags, no_ties: without what waits for a decision. class: names, one line of
    CSV. annotator: e-mail address, pseudonym or id of one who answered. since, until: the day of the label. people:
    what they go out as. pictures: in the archive, where the format can hold them. soft_labels: shares of all classes.
    answers: each answer, where the format holds them. split: train=0.8,val=0.1,test=0.1, fixed by the seed, with the
    same share of each class unless stratify=0; items that share a value in a column of group_by stay together, as do
    near-duplicates unless near_duplicates=0.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True, populate_by_name=True)

    format: Annotated[str, Field(json_schema_extra=_name_formats)]
    items: Literal["labeled", "labeled_or_tied", "all"] = "labeled"
    reviewed: bool = False
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    min_votes: Annotated[int, Field(ge=0, le=1000)] = 0
    no_flags: bool = False
    no_ties: bool = False
    class_: Annotated[PrintableText, Field(alias="class")] = ""
    annotator: PrintableText = ""
    import_id: Id | None = None
    since: date | None = None
    until: date | None = None
    people: Literal["pseudonyms", "emails"] = "pseudonyms"
    pictures: bool = False
    soft_labels: bool = False
    answers: bool = True
    split: PrintableText = ""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    stratify: bool = True
    group_by: PrintableText = ""
    near_duplicates: bool = True

    def choices(self, session: Session, project_id: int) -> ExportChoices:
        """Return what was chosen; raises Invalid for what does not fit the project."""
        asked = self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
        given = {name: said(value) for name, value in asked.items()}
        if given.get("annotator"):
            given["annotator"] = str(person_called(session, project_id, given["annotator"]))
        return choices_in(given)
