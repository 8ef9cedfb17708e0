"""The catalogues of translated text: `python -m tests.catalogues` brings them up to date with the code.

New texts are added to each catalogue without a translation, texts that are gone leave it, and the compiled form is
written anew. `tests/test_translations.py` fails until every text has its translation.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from labeler.errors import LabelerError

LABELER = Path(__file__).parents[1] / "labeler"
FOLDER = LABELER / "translations"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None}
SAYING = ("Message", "LabelerError", *(kind.__name__ for kind in LabelerError.__subclasses__()))
"""Whose first argument is a message id."""
OPTIONS = {"**.html": {"trimmed": "true"}}


def extracted() -> Catalog:
    """Return every text of the interface, in the order of the files."""
    found = Catalog(project="Labeler", charset="utf-8")
    rows = extract_from_dir(str(LABELER), METHODS, keywords=KEYWORDS | dict.fromkeys(SAYING))
    for name, line, message, comments, _context in sorted(rows, key=lambda row: (row[0], row[1])):
        found.add(message, None, [(f"labeler/{name}", line)], auto_comments=comments)
    return found


def path_of(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it lies in the project."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def refresh(language: str) -> int:
    """Bring one catalogue up to date; returns how many texts have no translation."""
    path = path_of(language)
    found = catalogue(language) if path.exists() else Catalog(locale=language, project="Labeler", charset="utf-8")
    found.update(extracted(), no_fuzzy_matching=True)
    found.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, found, omit_header=True, no_location=True, sort_output=True, width=120)
    path.with_suffix(".mo").write_bytes(compiled(language))
    return len(untranslated(found))


def untranslated(found: Catalog) -> list[str]:
    """Return the texts of a catalogue that have no translation, or not all of its forms."""
    return [str(one.id) for one in found if one.id and not (one.string and all(one.string))]


def compiled(language: str) -> bytes:
    """Return a catalogue in the form that the program reads; the same bytes for the same texts."""
    found = catalogue(language)
    found.creation_date = found.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    target = BytesIO()
    write_mo(target, found)
    return target.getvalue()


def main() -> None:
    """Refresh every catalogue."""
    for folder in sorted(FOLDER.iterdir()):
        if folder.is_dir():
            print(f"{folder.name}: {refresh(folder.name)} texts without a translation")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
