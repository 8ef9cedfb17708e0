"""What a finding about a set is: a sentence with its numbers, and which items it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SetFinding:
    """One thing that a lead should know of the set. kind: its name in the API and files; said: in a sentence.

    column, value: the items it is about, by their metadata, "" where it is about all; flagged: whether it is about the
    flagged ones among them; facts: its numbers, for programs.
    """

    kind: str
    said: str
    column: str = ""
    value: str = ""
    flagged: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
