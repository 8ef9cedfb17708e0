"""The data card of a release, as Markdown and as one HTML file: what it is, how it was labeled, how far to trust it.

Written from the numbers of the release alone, in English; what a lead wrote comes first in its part. The HTML holds its
style and asks for nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from labeler.releases.archive import Entry
from labeler.releases.frozen import Head
from labeler.releases.made_with import content_told, items_told, split_table, split_told
from labeler.releases.words import CAUSES, SOURCES

MARKDOWN, HTML = "DATA_CARD.md", "data_card.html"
FILES_SHOWN = 50
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]()#+!|<>"})
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;display:block;overflow-x:auto;font-size:.9rem}
th,td{border-bottom:1px solid #8888;padding:.25rem .75rem .25rem 0;text-align:start;vertical-align:top}
""".strip().replace("\n", "")


@dataclass(frozen=True)
class Part:
    """One part of the card. table: a row of names, then its rows; () without one."""

    title: str
    said: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


def parts(head: Head, numbers: Mapping[str, Any], entries: Sequence[Entry]) -> list[Part]:
    """Return the parts. numbers: as kept with the release; entries: the files that are in it by then."""
    found = [
        Part("What it is", (*_told(head, "about"), *_what(head, numbers)), _classes(head, numbers)),
        Part("How it was labeled", (*_told(head, "labeling"), *_how(head, numbers)), _sources(numbers)),
        Part("Agreement", (_agreement(head),)),
        Part("Remaining error", (error_told(head.error),), _error_by_class(head.error)),
        Part("Known limits", (*_told(head, "limits"), *_open(numbers))),
    ]
    if head.chosen.split:
        found.insert(1, Part("Split", split_told(head), split_table(head, numbers)))
    if head.before:
        found.append(Part(f"Since release {head.before['number']}", (_since(numbers["changes"]),), _causes(numbers)))
    found.append(Part("Files", _more_files(entries), _files(entries)))
    found.append(Part("Made with", (), _made_with(head)))
    return found


def title_of(head: Head) -> str:
    """Return the title of the card."""
    return f"{head.project['name']}, release {head.number}" + (f": {head.name}" if head.name else "")


def as_markdown(head: Head, found: Sequence[Part]) -> str:
    """Return the card as Markdown."""
    lines = [f"# {_plain(title_of(head))}"]
    for part in found:
        lines += ["", f"## {_plain(part.title)}"]
        for paragraph in part.said:
            lines += ["", _plain(paragraph)]
        if part.table:
            names, *rows = part.table
            lines += ["", _row(names), _row(["---"] * len(names), plain=False), *map(_row, rows)]
    return "\n".join([*lines, ""])


def as_html(head: Head, found: Sequence[Part]) -> str:
    """Return the card as one HTML file."""
    title = escape(title_of(head))
    body = "".join(_section(part) for part in found)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n{body}</main></body></html>\n"
    )


def _section(part: Part) -> str:
    said = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in part.said)
    table = ""
    if part.table:
        names, *rows = part.table
        table = "<table><thead><tr>" + "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
        table += "</tr></thead><tbody>\n"
        table += "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
        table += "</tbody></table>\n"
        table = f'<div role="group" tabindex="0" aria-label="{escape(part.title)}">{table}</div>'
    return f"<section><h2>{escape(part.title)}</h2>\n{said}{table}</section>\n"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_MARKS)


def _row(cells: Sequence[str], *, plain: bool = True) -> str:
    return f"| {' | '.join(_plain(cell) if plain else cell for cell in cells)} |"


def _told(head: Head, name: str) -> Iterator[str]:
    yield from (paragraph.strip() for paragraph in head.told.get(name, "").split("\n\n") if paragraph.strip())


def _what(head: Head, numbers: Mapping[str, Any]) -> Iterator[str]:
    project = head.project
    yield (
        f"{numbers['items']:,} of the {numbers['all']:,} {project['media']} items of the project are in this release. "
        f"Task: {project['task']}. Labels as of {_moment(head.as_of)}."
    )
    yield from items_told(head, numbers)
    yield from content_told(head)
    if head.told.get("license"):
        yield f"License: {head.told['license']}"


def _moment(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC"


def _items(count: int) -> str:
    return f"{count:,} {'item' if count == 1 else 'items'}"


def _classes(head: Head, numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    if not head.classes:
        return ()
    rows = [(one["name"], f"{numbers['classes'].get(one['name'], 0):,}", one["description"]) for one in head.classes]
    return (("Class", "Items", "Description"), *rows)


def _how(head: Head, numbers: Mapping[str, Any]) -> Iterator[str]:
    if head.project.get("question"):
        yield f"Annotators were asked: {head.project['question']}"
    yield f"{numbers['answers']:,} answers of {numbers['people']:,} people count."
    many = [f"{answers} (of {_items(count)})" for answers, count in numbers["answered"].items()]
    if numbers["answers"]:
        yield f"Answers an item: {', '.join(many)}."
    if numbers["guidelines"]:
        yield f"Versions of the guidelines they were given with: {', '.join(map(str, numbers['guidelines']))}."
    if numbers["methods"]:
        methods = [f"{name} ({_items(count)})" for name, count in numbers["methods"].items()]
        yield f"Several answers became one label by {', '.join(methods)}."


def _sources(numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    rows = [(str(SOURCES.get(source, source)), f"{count:,}") for source, count in numbers["sources"].items()]
    return (("Where labels come from", "Items"), *rows) if rows else ()


def _agreement(head: Head) -> str:
    found = head.agreement
    if not found.get("value_interval"):
        return str(found.get("reason") or "Not measured: too few items have two answers.")
    low, high = found["value_interval"]
    return f"{found['name']}: {found['value']:.3f}, {low:.3f} to {high:.3f} (95%)."


def error_told(found: Mapping[str, Any]) -> str:
    """Return the measured remaining error in English. found: see `counted.error_as_json`."""
    if "share" not in found:
        return "Not audited: how many labels are wrong was not measured."
    since = found["reviewed_since"]
    after = f" Brought up to date with {since:,} decisions since." if since else ""
    new = f" {found['new_since']:,} labels came after it." if found["new_since"] else ""
    return (
        f"{found['share']:.1%} of the labels are wrong, {found['low']:.1%} to {found['high']:.1%} (95%), from an audit "
        f"of {found['checked']:,} random items that ended {_moment(found['closed_at'])}.{after}{new}"
    )


def _error_by_class(found: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    rows = [
        (one["class"], f"{one['share']:.1%}", f"{one['low']:.1%} to {one['high']:.1%}", f"{one['checked']:,}")
        if "share" in one
        else (one["class"], "too few audited", "", f"{one['checked']:,}")
        for one in found.get("classes", ())
    ]
    return (("Class", "Wrong", "95% range", "Audited"), *rows) if rows else ()


def _open(numbers: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"When it was made, {numbers['flagged']:,} items were flagged and nobody had decided about them, answers tied "
        f"on {numbers['ties']:,}, {numbers['excluded']:,} were excluded by a lead and {numbers['unlabeled']:,} had no "
        "label."
    )


def _since(changes: Mapping[str, Any]) -> str:
    moved = changes.get("moved", 0)
    parts = f" {_items(moved)} of both stand in another part of the split." if moved else ""
    return (
        f"{changes['added']:,} items added, {changes['removed']:,} removed, {changes['changed']:,} with another label, "
        f"{changes['same']:,} the same. changes.csv names each with what decided it.{parts}"
    )


def _causes(numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    causes = numbers["changes"]["causes"]
    rows = [(kind, str(CAUSES[cause]), f"{count:,}") for kind in causes for cause, count in causes[kind].items()]
    return (("Change", "What decided it", "Items"), *rows) if rows else ()


def _more_files(entries: Sequence[Entry]) -> tuple[str, ...]:
    more = len(entries) - FILES_SHOWN
    return (f"{more:,} more files are named in SHA256SUMS.",) if more > 0 else ()


def _files(entries: Sequence[Entry]) -> tuple[tuple[str, ...], ...]:
    rows = [(one.name, f"{one.size:,}", one.sha256) for one in entries[:FILES_SHOWN]]
    return (("File", "Bytes", "SHA-256"), *rows)


def _made_with(head: Head) -> tuple[tuple[str, ...], ...]:
    options = ", ".join(f"{name}: {value}" for name, value in sorted(head.options.items()))
    rows = [("Format", head.format), ("Options", options), ("Labeler", head.labeler)]
    if head.guidelines:
        rows.append(("Guidelines", f"version {head.guidelines['version']}, guidelines.md"))
    if head.check:
        rows.append(("Last label check", head.check))
    return (("Setting", "Value"), *rows)
