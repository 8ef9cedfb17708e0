"""What was chosen for a release, kept with it as options: the texts of an export's choices (`exchange.choice_texts`).

`items` and `people` always stand in them, anything else only where it is not as usual. So the options of a release that
was made when there were but these two say of the rest that it is as usual, which is true.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.choice_texts import CHOICES, choices_in, choices_said
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.rows import ExportRow
from labeler.statistics.condition_texts import said

OPTIONS = CHOICES - {"format"}


def chosen_by(format_name: str, options: Mapping[str, Any]) -> ExportChoices:
    """Return what options say, texts or the values they stand for. Raises Invalid, naming the field."""
    for name in options:
        if name not in OPTIONS:
            raise Invalid("{name} is no option of a release.", field=name, name=name)
    texts = {name: said(value) for name, value in options.items() if value is not None}
    return choices_in({**texts, "format": format_name})


def options_of(chosen: ExportChoices) -> dict[str, str]:
    """Return the options that `chosen_by` reads."""
    asked = {name: text for name, text in choices_said(chosen).items() if name != "format"}
    return {"items": chosen.items.which, "people": chosen.people, **asked}


def masked(people: Mapping[str, str], rows: Iterable[ExportRow]) -> Iterator[ExportRow]:
    """Yield rows with pseudonyms. people: the pseudonym of each e-mail address."""
    for row in rows:
        votes = tuple([vote._replace(annotator=people[vote.annotator]) for vote in row.votes])
        skips = tuple([skip._replace(annotator=people[skip.annotator]) for skip in row.skips])
        yield row._replace(votes=votes, skips=skips)
