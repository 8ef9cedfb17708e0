"""The report as one HTML file: styles inlined, pictures as small copies, no script, no request.

The look is that of the pages: their base style is read as a file, since the program's parts may not import each other.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from labeler.cli.audit_file.advice import percent
from labeler.cli.audit_file.flags import Told
from labeler.cli.audit_file.reading import Table
from labeler.storage.pictures import UnreadableImageError, render_small

HERE = Path(__file__).parent
BASE = HERE.parents[1] / "web" / "static" / "bundles" / "base.css"
EDGE = 256  # pixels of a small copy
COLOURS, STROKES = 24, 8
WIDTH, HEIGHT = 460, 210  # of the learning curve
LEFT, RIGHT, TOP, BOTTOM = 44, 440, 16, 172
HOT = 0.1  # share of a row, from which a number in the table of label against model is bold
_BLANK_LINES = re.compile(r"\n\s*\n+")


def render(told: Told, table: Table) -> bytes:
    """Return the report. told: everything that it says; table: for the pictures."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    rows = {row.number: row for row in table.kept}
    places = {one["class"]: place for place, one in enumerate(told["classes"])}
    text = made.get_template("report.html").render(
        told=told,
        style=Markup(BASE.read_text("utf-8") + (HERE / "report.css").read_text("utf-8")),  # noqa: S704 - our own files
        percent=percent,
        many=_many,
        picture=partial(_picture, rows),
        colour=lambda name: f"c{places[name] % COLOURS + 1} g{places[name] % COLOURS // STROKES + 1}",
        span=_scale([*told["classes"], *told["slices"]["shown"]]),
        shade=_shade,
        curve=_curve(told["learning_curve"]),
        hot=HOT,
    )
    return _BLANK_LINES.sub("\n", text).encode()


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def _picture(rows: dict[int, Any], number: int) -> str:
    """Return a small copy of a picture as an address that holds it, "" where it cannot be shown."""
    content = rows[number].content
    try:
        data = render_small(content.read_bytes(), EDGE)
    except (OSError, UnreadableImageError):
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def _scale(rows: Sequence[Told]) -> Any:
    """Return a function that says where a share stands, 5 to 105, on one scale for all rows of a report."""
    most = max([row["high"] for row in rows if row["high"] is not None] or [1.0]) or 1.0
    return lambda share: round(5 + 100 * min(1.0, share / most), 1)


def _shade(count: int, row: Sequence[int]) -> int:
    """Return which of the twenty shades a number of a row has, by its share of the row."""
    return min(20, round(40 * count / max(1, sum(row))))


@dataclass(frozen=True)
class _Curve:
    """The learning curve as coordinates. grid: (y, what it stands for); marks: (x, y, labels)."""

    grid: list[tuple[float, str]]
    marks: list[tuple[float, float, int]]
    line: str
    ahead: str
    band: str
    end: tuple[float, float]


def _curve(curve: Told | None) -> _Curve | None:
    """Lay the curve out, labels on a scale of doublings; what twice the labels would bring is one doubling ahead."""
    if curve is None or len(curve["right"]) < 2:  # noqa: PLR2004 - one point is no curve
        return None
    right, labels, gain = curve["right"], curve["labels"], curve["gain"]
    best = right[-1] + (curve["high"] or 0.0)
    lowest = math.floor(10 * min(right)) / 10
    highest = min(1.0, max(lowest + 0.1, math.ceil(10 * max(*right, best)) / 10))
    doublings = math.log2(labels[-1] / labels[0]) + (gain is not None)

    def at(many: float, share: float) -> tuple[float, float]:
        along = math.log2(many / labels[0]) / doublings
        height = (min(max(share, lowest), highest) - lowest) / (highest - lowest)
        return round(LEFT + 12 + along * (RIGHT - LEFT - 24), 1), round(BOTTOM - height * (BOTTOM - TOP), 1)

    points = [at(many, share) for many, share in zip(labels, right, strict=True)]
    ends = (
        [] if gain is None else [at(2 * labels[-1], right[-1] + more) for more in (gain, curve["high"], curve["low"])]
    )
    lines = [lowest + (highest - lowest) * part / 4 for part in range(5)]
    return _Curve(
        grid=[(at(labels[0], share)[1], f"{100 * share:.3g} %") for share in lines],
        marks=[(*point, many) for point, many in zip(points, labels, strict=True)],
        line=_path(points),
        ahead=_path([points[-1], *ends[:1]]) if ends else "",
        band=f"{_path([points[-1], *ends[1:]])}Z" if ends else "",
        end=points[-1],
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x} {y}" for x, y in points)
