"""A script cut into tokens, as far as one must know them to tell code from text: comments, strings, templates, regexes.

Nothing is lost: the tokens put together are the script again. What a reader would get wrong: whether a slash begins a
regex or divides depends on what stands before it. After `)` the word before its `(` decides, and after `}` nothing
short of a whole parser does, so such a slash is refused (write the regex as a constant, or put the division in
parentheses).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

GAPS = ("gap", "comment")
_BEFORE_A_REGEX = frozenset(
    [
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "delete",
        "void",
        "throw",
        "new",
        "else",
        "do",
        "instanceof",
        "await",
        "yield",
    ]
)
_CONDITIONS = frozenset({"if", "while", "for", "with"})
_BRACKETS = frozenset("{}()[];,")
_OPERATORS = frozenset([*"=:?<>&|!%^~+-", "=>"])
_NO_END_AFTER = frozenset("{([,;")
_NO_END_BEFORE = frozenset("})],")
_AFTER_A_VALUE = frozenset({"]", "++", "--"})
_PATTERNS = {
    "gap": r"\s+",
    "comment": r"//[^\n]*|/\*.*?\*/",
    "string": r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'",
    "name": r"#?(?:[^\W\d]|\$)[\w$]*",
    "number": r"\.?\d[\w.]*",
    "sign": r"\+\+|--|=>|\?\.|\.\.\.|[-{}()\[\];,<>+*/%&|^!~?:=.]",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()), re.DOTALL)
_TEMPLATE = re.compile(r"[`}](?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")


class UnknownFormError(ValueError):
    """A script is written in a way that is not known here; the message says where and what."""


class Token(NamedTuple):
    """One piece of a script. kind: gap, comment, string, template, regex, name, number or sign; at: where it begins."""

    kind: str
    text: str
    at: int


@dataclass
class _State:
    """What the next token depends on. last: the two tokens before, without gaps; opened: signs not closed yet."""

    last: tuple[Token, Token] = (Token("sign", ";", 0), Token("sign", ";", 0))
    opened: list[str] = field(default_factory=list)
    after_condition: bool = False


def tokens(script: str) -> Iterator[Token]:
    """Yield all tokens of a script. Raises UnknownFormError at what cannot be told."""
    state, at = _State(), 0
    while at < len(script):
        token = _next(script, at, state)
        at += len(token.text)
        if token.kind not in GAPS:
            _remember(state, token)
        yield token
    if state.opened:
        raise UnknownFormError(f"{state.opened[-1]} is never closed")


def _next(script: str, at: int, state: _State) -> Token:
    if script[at] == "`" or (script[at] == "}" and state.opened[-1:] == ["${"]):
        found, kind = _TEMPLATE.match(script, at), "template"
    elif script[at] == "/" and script[at + 1 : at + 2] not in {"/", "*"} and _may_be_regex(script, at, state):
        found, kind = _REGEX.match(script, at), "regex"
    else:
        found = _TOKEN.match(script, at)
        kind = (found and found.lastgroup) or ""
    if found is None:
        raise UnknownFormError(f"{place(script, at)}: {script[at]!r} begins nothing that is known")
    return Token(kind, found.group(), at)


def _may_be_regex(script: str, at: int, state: _State) -> bool:
    before, last = state.last
    if last.text == "}" and last.kind == "sign":
        raise UnknownFormError(f"{place(script, at)}: after a brace a slash may be a regex or a division")
    if last.text == ")":
        return state.after_condition
    if last.kind == "name":
        return last.text in _BEFORE_A_REGEX and before.text not in {".", "?."}
    if last.kind == "template":
        return last.text.endswith("${")
    return last.kind == "sign" and last.text not in _AFTER_A_VALUE


def _remember(state: _State, token: Token) -> None:
    before, last = state.last
    if token.kind == "template":
        if token.text.startswith("}"):
            state.opened.pop()
        if token.text.endswith("${"):
            state.opened.append("${")
    elif token.kind == "sign" and token.text in "([{":
        condition = last.kind == "name" and last.text in _CONDITIONS and before.text not in {".", "?."}
        state.opened.append("if (" if condition and token.text == "(" else token.text)
    elif token.kind == "sign" and token.text in ")]}":
        opened = state.opened.pop() if state.opened else "nothing"
        if opened[-1] + token.text not in {"()", "[]", "{}"}:
            raise UnknownFormError(f"{token.text} closes {opened}")
        state.after_condition = opened == "if ("
    state.last = (last, token)


def place(script: str, at: int) -> str:
    """Return "line n" of a position."""
    return f"line {script.count(chr(10), 0, at) + 1}"


def shortened(script: str) -> str:
    """Return the script without comments and without the spaces and line breaks that separate nothing."""
    kept: list[str] = []
    gap, before = "", Token("sign", ";", 0)
    for token in tokens(script):
        if token.kind in GAPS:
            gap += token.text if token.kind == "gap" or "\n" in token.text else " "
            continue
        kept += [_between(before, gap, token), token.text]
        gap, before = "", token
    return "".join(kept)


def _between(before: Token, gap: str, after: Token) -> str:
    """Return what must stay of a gap. A line break may end a statement, so it goes only where none can end."""
    left = before.text if before.kind == "sign" else ""
    right = after.text if after.kind == "sign" else ""
    if "\n" in gap:
        return "" if left in _NO_END_AFTER or right in _NO_END_BEFORE else "\n"
    if not gap or left in _BRACKETS or right in _BRACKETS:
        return ""
    # two signs side by side could become a third one: a + +b
    alone = (left in _OPERATORS and not right and after.text[0] != ".") or (right in _OPERATORS and not left)
    return "" if alone else " "
