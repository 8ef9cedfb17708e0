"""The forms of the import: the files, and how one of them is read."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from labeler.exchange.parsing.encodings import KNOWN
from labeler.web.shared.forms import OneOf, PageForm, choices_of

_WORDS = {
    "cp1252": _l("Windows-1252 (Excel in Western Europe)"),
    "latin-1": "ISO 8859-1",
    "iso8859-15": "ISO 8859-15",
    "cp1250": _l("Windows-1250 (Excel in Central Europe)"),
    "cp1251": _l("Windows-1251 (Excel, Cyrillic)"),
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
_ENCODINGS = (*_WORDS, *(name for name in KNOWN if name not in {*_WORDS, "utf-8", "utf-16"}))


def _keep() -> Any:
    """Ask what is kept of pictures that lie elsewhere."""
    words = (
        ("copy", _l("Copy them to this server")),
        ("reference", _l("Leave them there, and fetch them when needed")),
    )
    return RadioField(_l("Pictures that lie elsewhere"), choices=choices_of(*words), default="copy")


class FilesForm(PageForm):
    """One file or several, pasted text, or an address."""

    file = MultipleFileField(_l("Files"), [OneOf()])
    pasted = TextAreaField(
        _l("Or paste"), [OneOf()], description=_l("One text a line, or a table with the names of its columns first.")
    )
    table = BooleanField(_l("The first line names the columns"))
    address = StringField(_l("Or from a bucket or website"), [OneOf(), Length(max=2048)])
    keep = _keep()


class ReadingForm(PageForm):
    """How a file is read, and what its rows are. The choices of columns and sheets are set when the file is known."""

    wants = SelectField(
        _l("The rows are"),
        choices=choices_of(
            ("items", _l("Items")),
            ("labels", _l("Existing labels of items that are here already")),
            ("annotations", _l("Answers of people to items that are here already")),
            ("predictions", _l("Model predictions for items that are here already")),
            ("vectors", _l("Vectors of items that are here already")),
            ("probabilities", _l("Class probabilities for items that are here already")),
        ),
        default="items",
    )
    encoding = SelectField(
        _l("Encoding"),
        choices=choices_of(("", _l("UTF-8, the usual")), *((name, _WORDS.get(name, name)) for name in _ENCODINGS)),
    )
    format = SelectField(_l("Format"))
    sheet = SelectField(_l("Sheet"))
    content = SelectField(_l("Text or image column"))
    id = SelectField(_l("ID column"))
    label = SelectField(_l("Existing label column"))
    annotator = SelectField(_l("Column that says who answered"))
    answers_of = StringField(
        _l("Whose answers they are"),
        [Length(max=254)],
        description=_l("An e-mail address or a name, for rows that do not say who answered."),
    )
    classes = StringField(
        _l("Classes of the file"),
        [Length(max=20_000)],
        description=_l(
            "Only where the file calls classes by number and holds no names of them: cat,dog in the order of the "
            "numbers from 0, or 1=cat,3=dog."
        ),
    )
    folder_labels = BooleanField(_l("The folder of an image is its label"), default=True)
    add_classes = BooleanField(_l("Add these labels as classes"))
    replace = BooleanField(_l("Put them in place of all that were imported before"))
    keep = _keep()
