"""Reading and writing JSON as the standard has it, so that nothing gets in that the database could not hold.

Python's reader takes more than JSON: NaN, half a surrogate pair, a NUL, lists nested until the stack ends. Each would
be an error only later, inside a transaction; here it is a 400 before anything happened.
"""

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

from labeler.exchange.parsing.json_stream import DECODER
from labeler.storage.nested import DEEPEST_BODY, is_too_deep

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=DefaultJSONProvider.default)


class StrictJson(DefaultJSONProvider):
    """The app's JSON: strict when reading, short and in the given order when writing."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text; raises ValueError for everything that is none."""
        del kwargs
        text = s if isinstance(s, str) else s.decode("utf-8-sig")
        try:
            value = DECODER.decode(text)
            if text.count("[") + text.count("{") > DEEPEST_BODY and is_too_deep(value, DEEPEST_BODY):
                raise ValueError("nested too deeply")
            if "\\u" in text:
                _check_storable(value)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return value

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return a value as JSON; keys stay in the order they were given."""
        return json.dumps(obj, default=self.default, **kwargs) if kwargs else _ENCODER.encode(obj)


def _check_storable(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text holds a NUL character")
        value.encode()  # a UnicodeEncodeError for half a surrogate pair is a ValueError too
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_storable(key)
            _check_storable(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_storable(inner)
