"""How Label Studio writes free text: a result of the type "textarea", whose value is {"text": ["…"]}."""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.errors import Invalid


class TextAreas:
    """The answers of a TextArea; a text given in several pieces is one, with a line each."""

    types: tuple[str, ...] = ("textarea",)

    def result(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of a result."""
        return {"text": [value["text"]]}

    def value(self, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the answer; raises Invalid where there is no text."""
        pieces = [piece for one in results for piece in _listed(one.get("text"))]
        if not pieces or not all(isinstance(piece, str) for piece in pieces):
            raise Invalid("one text is expected", field="label")
        return {"text": "\n".join(pieces)}


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
