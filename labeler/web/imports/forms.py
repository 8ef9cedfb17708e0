"""The forms of the import: the files, and how one of them is read."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import SelectField, StringField
from wtforms.validators import Length

from labeler.exchange.parsing.encodings import KNOWN
from labeler.web.shared.forms import MappingForm, OneOf, UploadForm, choices_of

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


class FilesForm(UploadForm):
    """One file or several, or pasted text."""

    file = MultipleFileField(_l("Files"), [OneOf()])


class ReadingForm(MappingForm):
    """How a file is read, and what its rows are."""

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
    sheet = SelectField(_l("Sheet"))
    annotator = SelectField(_l("Column that says who answered"))
    answers_of = StringField(
        _l("Whose answers they are"),
        [Length(max=254)],
        description=_l("An e-mail address or a name, for rows that do not say who answered."),
    )
