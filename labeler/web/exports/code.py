"""The choices of an export as code: a request, a command, and lines of Python that read the file."""

import shlex
from dataclasses import dataclass

from labeler.exchange.choice_texts import choices_said
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.formats.base import Writer
from labeler.statistics.condition_texts import listed

_REPEATED = {"class": "class", "group_by": "group-by"}
_TURNED = {"answers": "no-answers", "stratify": "no-stratify", "near_duplicates": "no-near-duplicates"}
_FLAGS = frozenset(("reviewed", "no_flags", "no_ties", "pictures", "soft_labels"))


@dataclass(frozen=True)
class Snippet:
    """One piece of code. name: of its field; title: in words; note: what to know of it."""

    name: str
    title: str
    code: str
    note: str = ""


def request(chosen: ExportChoices, address: str, file: str) -> str:
    """Return the request of these choices with curl. address: of the export in the API; file: where it goes."""
    asked = [f"  --data-urlencode {shlex.quote(f'{name}={text}')} \\" for name, text in choices_said(chosen).items()]
    head = ['curl -fsSG -H "Authorization: Bearer $LABELER_TOKEN" \\', f"  {shlex.quote(address)} \\"]
    return "\n".join([*head, *asked, f"  -o {shlex.quote(file)}"])


def command(chosen: ExportChoices, slug: str, file: str) -> str:
    """Return the command of these choices."""
    options = [word for name, text in choices_said(chosen).items() for word in _option(name, text)]
    return f"labeler export {slug} --out {shlex.quote(file)} \\\n  " + " ".join(options)


def reading(writer: Writer, file: str) -> str:
    """Return what reads the file, "" where nothing is known of it; an archive from the folder it is unpacked to."""
    return writer.opens.replace("{path}", file.removesuffix(".zip"))


def _option(name: str, text: str) -> list[str]:
    if name in _REPEATED:
        return [f"--{_REPEATED[name]} {shlex.quote(one)}" for one in listed(text)]
    if name in _TURNED:
        return [f"--{_TURNED[name]}"]
    return [f"--{name.replace('_', '-')}" + ("" if name in _FLAGS else f" {shlex.quote(text)}")]
