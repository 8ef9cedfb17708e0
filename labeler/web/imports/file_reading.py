"""How a file is read, as the form of the second step says, or as it looks where that was not sent yet."""

from dataclasses import dataclass, replace
from typing import Any, get_args

from flask import request
from flask_babel import gettext as _

from labeler.errors import Invalid
from labeler.exchange import preview
from labeler.exchange.formats.base import Reader
from labeler.exchange.formats.registry import READERS, readers_for, sent_readers
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.parsing.encodings import Proposal, proposed
from labeler.exchange.reading import detected, options_of
from labeler.exchange.sources import Mapping, ReadOptions, Source, Wants
from labeler.extensions import database
from labeler.extensions.access import project
from labeler.extensions.translating import translated
from labeler.web.imports.forms import ReadingForm
from labeler.web.shared.forms import choices_of


@dataclass(frozen=True)
class Reading:
    """How a file is read: in which format and why, its columns and sheets, and how the form maps them.

    proposal: the encoding that it seems to be in where that is not UTF-8.
    """

    format: str
    why: str
    names: tuple[str, ...]
    options: ReadOptions
    problem: str = ""
    proposal: Proposal | None = None
    sheets: tuple[str, ...] = ()

    @property
    def reader(self) -> Reader:
        """What reads the file."""
        return READERS[self.format]


def read_as(source: Source, form: ReadingForm) -> Reading:
    """Decide how the file is read: as the form says, or as it looks when the form was not sent yet."""
    all_that_fit = readers_for if source.files is not None else sent_readers  # a folder that lies elsewhere is one
    fitting = all_that_fit(project().task, project().media)
    form.format.choices = choices_of(*((name, translated(one.title)) for name, one in fitting.items()))
    options, wrong = _asked_options(form)
    problem, why = wrong, ""
    try:
        found = detected(source, options)
        looks, why = found.format, found.why
    except Invalid as error:
        looks = ""
        problem = problem or (
            _("Nothing says in which format this file is; choose one.") if error.field == "format" else error.message
        )
    asked = form.format.data if form.format.data in READERS else ""
    name = asked or looks or next(iter(fitting))
    form.format.data = name
    names: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    proposal = proposed(source) if READERS[name].encoded else None
    if proposal and request.method == "GET":
        form.encoding.data = proposal.encoding
        options = replace(options, encoding=proposal.encoding or None)
    try:
        sheets = READERS[name].sheets(source, options)
        names = preview.columns_in(source, name, options)
        problem = wrong if asked else problem
    except Invalid as error:
        problem = problem or error.message
    form.sheet.choices = choices_of(*((sheet, sheet) for sheet in sheets))
    mapped = _mapped(source, form, names, options)
    return Reading(name, why if name == looks else "", names, mapped, problem, proposal, sheets)


def _asked_options(form: ReadingForm) -> tuple[ReadOptions, str]:
    """Return how the form says that the file is read, and what is wrong with that, "" for nothing."""
    asked: dict[str, Any] = {"wants": wants_of(form), "encoding": form.encoding.data or None}
    asked |= {"sheet": form.sheet.data or "", "annotator": form.answers_of.data or ""}
    with database().read() as session:
        try:
            return options_of(session, project(), **asked, classes=form.classes.data or ""), ""
        except Invalid as error:
            return options_of(session, project(), **asked), error.message


def _mapped(source: Source, form: ReadingForm, names: tuple[str, ...], options: ReadOptions) -> ReadOptions:
    """Fill the choices of the form and return the options it stands for."""
    said = {"predictions": _("What the model says"), "annotations": _("Answer column"), "labels": _("Label column")}
    form.label.label.text = said.get(options.wants, form.label.label.text)
    for field in (form.content, form.id, form.label, form.annotator):
        none = _("choose a column") if field is form.content and options.wants == "items" else _("none")
        field.choices = choices_of(("", none), *((name, name) for name in names))
    guess = preview.guessed(names, replace(options, annotator=options.annotator or _("somebody")), source)
    sent = request.method == "POST" and "columns" in request.form
    sent = sent and request.form.get("wants_before", "items") == options.wants
    if not sent or any(field.data and field.data not in names for field in (form.content, form.id, form.label)):
        form.content.data = (guess and guess.content) or ""
        form.id.data = (guess and guess.id) or ""
        form.label.data = (guess and (guess.prediction if wants_of(form) == "predictions" else guess.label)) or ""
        form.annotator.data = (guess and guess.annotator) or ""
    if not sent:
        form.folder_labels.data = True
    if not names:
        mapping = Mapping(folder_labels=form.folder_labels.data)
    else:
        parts: dict[str, Any] = {"id": form.id.data, "label": None if options.wants in NUMBERS else form.label.data}
        parts[options.media] = form.content.data or (None if options.wants == "items" else "")
        parts["annotator"] = form.annotator.data if options.wants == "annotations" else None
        mapping = Mapping(**parts, folder_labels=form.folder_labels.data)
    return replace(options, mapping=mapping)


def wants_of(form: ReadingForm) -> Wants:
    """Return what the rows are, as the form says."""
    return next((one for one in get_args(Wants) if one == form.wants.data), "items")
