"""How deep JSON may be nested: what comes in is refused beyond it, what is stored already stays readable.

Note: the reader and the writer of JSON call themselves for each level, so a value that one of
them took may end another one's stack, for ever after. Nothing here calls itself.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

DEEPEST = 32  # lists and objects within each other, of what is kept beside one item
DEEPEST_BODY = 64  # of a whole request or answer: such values, in lists of them
MOST_VALUES = 10_000  # of what is kept beside one item
_UNREADABLE = "nested too deeply to be shown"


def is_too_deep(value: Any, most: int = DEEPEST) -> bool:
    """Whether more than `most` lists and objects lie within each other."""
    level = [value]
    for _ in range(most):
        level = _inside(level)
        if not level:
            return False
    return any(isinstance(one, (dict, list)) for one in level)


def is_too_much(value: Any) -> bool:
    """Whether a value is made of more than MOST_VALUES values, or nested too deeply to count them."""
    level, count = [value], 0
    for _ in range(DEEPEST + 1):
        level = _inside(level)
        count += len(level)
        if not level or count > MOST_VALUES:
            return count > MOST_VALUES
    return True


def shallow(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object that can be written anywhere: what lies too deep in it becomes its JSON text."""
    if not any(isinstance(one, (dict, list)) for one in value.values()) or not is_too_deep(value):
        return value
    copied: dict[str, Any] = {}
    waiting: list[tuple[Any, Any, int]] = [(value, copied, 1)]
    while waiting:
        source, target, depth = waiting.pop()
        for key, one in source.items() if isinstance(source, dict) else enumerate(source):
            kept: Any = one
            if isinstance(one, (dict, list)):
                kept = _as_text(one) if depth == DEEPEST else ({} if isinstance(one, dict) else [None] * len(one))
                if depth < DEEPEST:
                    waiting.append((one, kept, depth + 1))
            target[key] = kept
    return copied


def read_json(text: str | bytes) -> Any:
    """Read JSON from the database, however deep this is called: what was written once must be readable."""
    try:
        return json.loads(text)
    except RecursionError:
        pass
    # a thread of its own has all of its stack left, as whoever stored this may have had
    with ThreadPoolExecutor(1) as fresh:
        try:
            return fresh.submit(json.loads, text).result()
        except RecursionError:
            return {"": _UNREADABLE}


def _inside(level: Iterable[Any]) -> list[Any]:
    return [
        inner
        for one in level
        if isinstance(one, (dict, list))
        for inner in (one.values() if isinstance(one, dict) else one)
    ]


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        pass
    with ThreadPoolExecutor(1) as fresh:
        try:
            return fresh.submit(json.dumps, value, ensure_ascii=False).result()
        except RecursionError:
            return _UNREADABLE
