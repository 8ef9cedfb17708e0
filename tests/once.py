"""What every app and every database of a test process works out alike is worked out once.

A server translates its pages into Python, its addresses into functions that build them and its queries into SQL once; a
test makes an app and databases of its own and would do it all again, a quarter of a second for a test of one page.
What is kept here depends on the code alone, never on an instance.
"""

from types import CodeType
from typing import Any

import sqlalchemy
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine
from werkzeug.routing import Rule

from labeler.storage import database


def share() -> None:
    """Have all apps and databases that this process makes from here on share it."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    Flask.url_rule_class = _Rule
    database.create_engine = _create_engine  # type: ignore[assignment,attr-defined]  # what its module calls


class _Templates(BytecodeCache):
    """Translated templates; one whose source is another is translated anew."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


class _Rule(Rule):
    """An address; the function that builds it is that of every rule of the same parts."""

    _kept: dict[tuple[str, tuple[tuple[bool, str], ...], bool], Any] = {}  # noqa: RUF012 - one for all rules

    def _compile_builder(self, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - as Werkzeug calls it
        if self.defaults:
            return super()._compile_builder(append_unknown)
        parts = (self.rule, tuple(self._trace), append_unknown)
        if parts not in self._kept:
            self._kept[parts] = super()._compile_builder(append_unknown)
        return self._kept[parts]


_ENGINES: dict[str, Engine] = {}


def _create_engine(url: str, **options: Any) -> Engine:
    """Make an engine that finds the SQL another of the same kind has worked out: it is kept by dialect."""
    engine = sqlalchemy.create_engine(url, query_cache_size=5000, **options)
    first = _ENGINES.get(engine.name)
    if first is None or not _has_met_its_server(first.dialect):
        _ENGINES[engine.name] = engine
        return engine
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def _has_met_its_server(dialect: Dialect) -> bool:
    """Whether a connection told the dialect the version, on which its SQL depends."""
    return dialect.server_version_info is not None
