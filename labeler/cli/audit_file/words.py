"""The evidence of a finding as plain sentences: the words are those of its detector's page fragment.

Each detector owns the words of its reasons, as a template that the pages show. It is filled in here without a web
server, and what is left of it without its tags are the sentences. So a new kind of flag reads the same in a report as
on a page, and nobody writes its words twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeler.quality import detectors
from labeler.quality.dataset import Finding, Reason
from labeler.quality.detectors.registry import detector

NO_PICTURES = "{% macro icon(name, label='', class='') %}{% endmacro %}"
_LINE = re.compile(r"<li\b[^>]*>(.*?)</li>", re.DOTALL)
MOST = 4


@dataclass(frozen=True)
class Label:
    """A class as the fragments of pages know it."""

    name: str
    code: str = ""


@dataclass(frozen=True)
class Why:
    """One reason as the fragments of pages know it: item is its name in words here, not a number."""

    kind: str
    label: Label | None
    other: Label | None
    facts: Reason
    item: str
    who: str = ""


@dataclass(frozen=True)
class _Card:
    why: tuple[Why, ...]


class Words:
    """Says why items were flagged. classes: names by position; name: says which item is meant, by its position."""

    def __init__(self, classes: Sequence[str], name: Callable[[int], str]) -> None:
        self._classes = classes
        self._name = name
        self._environment = _environment()

    def said(self, finding: Finding) -> list[str]:
        """Return the reasons of a finding as sentences, the strongest first."""
        from jinja2 import TemplateError

        card = _Card(tuple(self._why(reason) for reason in finding.reasons))
        for name in detector(finding.kind).evidence:
            try:
                text = self._environment.get_or_select_template(name).render(card=card, project={"slug": ""})
            except TemplateError:  # a fragment that asks for more of a page than there is: the next one will do
                continue
            return list(_sentences(text))[:MOST]
        return []

    def _why(self, reason: Reason) -> Why:
        item = reason.get("item")
        return Why(
            kind=str(reason.get("kind", "")),
            label=self._label(reason.get("class", reason.get("suggested"))),
            other=self._label(reason.get("given")),
            facts=reason,
            item="" if item is None else self._name(int(item)),
        )

    def _label(self, place: Any) -> Label | None:
        return Label(self._classes[place]) if isinstance(place, int) and 0 <= place < len(self._classes) else None


def _sentences(text: str) -> Iterable[str]:
    from markupsafe import Markup

    return filter(None, (Markup(line).striptags() for line in _LINE.findall(text)))  # noqa: S704 - taken apart


def _environment() -> Any:
    from jinja2 import ChainableUndefined, DictLoader, Environment, FileSystemLoader, PrefixLoader

    loader = PrefixLoader(
        {
            "detectors": FileSystemLoader(Path(detectors.__path__[0])),
            "shared": DictLoader({"macros/ui.html": NO_PICTURES}),
        }
    )
    made = Environment(loader=loader, autoescape=True, extensions=["jinja2.ext.i18n"], undefined=ChainableUndefined)
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.globals["url_for"] = lambda *_, **__: ""
    made.filters |= {"percentformat": "{:.0%}".format, "decimalformat": _decimal, "numberformat": "{:,}".format}
    return made


def _decimal(number: float, form: str = "0.0") -> str:
    return f"{number:,.{len(form.partition('.')[2])}f}"
