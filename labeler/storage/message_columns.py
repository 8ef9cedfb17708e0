"""Columns that keep what was said to people so that it can be said again in another language.

A message is stored as its id, its values and its English; a text that is none, as earlier versions stored it, stays as
it is, and so does everything else in a JSON column.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Dialect, Text, TypeDecorator

from labeler.messages import packed, unpacked


class MessageText(TypeDecorator[str]):
    """A text that may be a message."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Store a message with its id and values."""
        del dialect
        return value if value is None else packed(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Give back the message, or the text."""
        del dialect
        return value if value is None else unpacked(value)


class MessageJson(TypeDecorator[Any]):
    """JSON in which any text, also the name of a member, may be a message."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Store every message with its id and values."""
        del dialect
        return _each_text(value, packed)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Give back the messages in it."""
        del dialect
        return _each_text(value, unpacked)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each_text(part, change) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(part, change) for part in value]
    return value
