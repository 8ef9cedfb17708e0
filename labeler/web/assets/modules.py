"""The modules a page needs, joined into one script, so that a page costs one request instead of thirty.

Source files stay what they are: ES modules, each working by itself. Here each becomes a function that runs when
somebody first asks for what it exports, once, as a browser would do it; `import("./x.mjs")` becomes a promise of
that.

What a reader would get wrong: this is no JavaScript compiler. It knows the forms our modules use (named imports,
exports of functions, classes and single constants, dynamic imports) and refuses every other one, so a module written
another way fails in the tests and never in a browser. Names that begin with `$` are kept for the functions made here.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from labeler.web.assets.script_tokens import GAPS, Token, UnknownFormError, place, shortened, tokens

Read = Callable[[str], str]
_HEAD = """const $once = (make) => { let made; return () => (made ??= make()); };
const $later = async (made) => made();
const $import = async (address) => {
const name = Object.keys($asked).find((one) => address.endsWith(`/${one}`));
if (!name) throw new Error(`${address} is not in this script`);
return $asked[name]();
};
"""


@dataclass
class Module:
    """One module taken apart.

    imports: (statement without its source, source) of static imports, in order; later: sources of dynamic imports;
    exports: names; body: what is left, where `import(` of another module has become a call of its function.
    """

    name: str
    imports: list[tuple[str, str]] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def join_modules(entry: str, read: Read, asked: Sequence[str] = ()) -> str:
    """Return one script that does what the module `entry` does.

    read(name) gives the text of a module; names are paths from one root, as "js/desk.mjs". asked: modules that are
    imported by an address only the page knows. Raises UnknownFormError for a form that is not known, a cycle, or a
    module whose text cannot be had.
    """
    modules = _reached([entry, *asked], read)
    functions = {function_of(name) for name in modules}
    if len(functions) < len(modules):
        raise UnknownFormError(f"two modules have one name here: {sorted(modules)}")
    of_asked = ", ".join(f'"{name}": {function_of(name)}' for name in asked)
    parts = [_HEAD, *(_as_function(module) for module in modules.values()), f"const $asked = {{ {of_asked} }};\n"]
    return "".join([*parts, f"{function_of(entry)}();\n"])


def function_of(name: str) -> str:
    """Return the name of the function that gives the exports of a module in a joined script."""
    return "$" + re.sub(r"\W", "_", name.removesuffix(".mjs"))


def _as_function(module: Module) -> str:
    imports = "".join(f"{names}{function_of(source)}();" for names, source in module.imports)
    body, exported = "".join(module.body), ",".join(module.exports)
    return f"const {function_of(module.name)}=$once(()=>{{{imports}{body}\nreturn{{{exported}}}}});\n"


def _reached(entries: Sequence[str], read: Read) -> dict[str, Module]:
    """Return every module that the entries lead to, those that others need first."""
    found: dict[str, Module] = {}
    path: list[str] = []

    def visit(name: str) -> None:
        if name in path:
            raise UnknownFormError(f"modules in a circle: {' → '.join([*path, name])}")
        if name in found:
            return
        module = take_apart(name, read(name))
        path.append(name)
        for _, source in module.imports:
            visit(source)
        path.pop()
        found[name] = module
        waiting.extend(module.later)

    waiting = list(entries)
    while waiting:
        visit(waiting.pop(0))
    return found


@lru_cache(maxsize=512)
def take_apart(name: str, text: str) -> Module:
    """Split a module into imports, exports and the rest, once for all pages. Raises UnknownFormError, naming it."""
    try:
        module = _Reading(name, text).module
        module.body = [shortened("".join(module.body))]
    except UnknownFormError as error:
        raise UnknownFormError(f"{name}: {error}") from error
    return module


class _Reading:
    """One walk over the tokens of a module. Depth counts open brackets: only at 0 stand imports and exports."""

    def __init__(self, name: str, text: str) -> None:
        self.module = Module(name)
        self._text = text
        self._all = list(tokens(text))
        self._at = 0
        self._walk()

    def _walk(self) -> None:
        depth, before = 0, ""
        while self._at < len(self._all):
            token = self._all[self._at]
            depth += _step(token)
            keyword = token.kind == "name" and before not in {".", "?."}
            if keyword and token.text == "import":
                self._import(depth)
            elif keyword and token.text == "export":
                self._export(depth)
            elif token.kind == "name" and token.text.startswith("$"):
                raise self._unknown("a name that begins with $")
            else:
                self.module.body.append(token.text)
                self._at += 1
            before = token.text if token.kind not in GAPS else before

    def _import(self, depth: int) -> None:
        ahead = self._ahead()
        next(ahead)
        first = next(ahead)
        if first.text == "(":
            self._import_later(ahead)
        elif depth == 0 and first.kind == "string":
            self.module.imports.append(("", self._source(first)))
            self._end_statement(ahead)
        elif depth == 0 and first.text == "{":
            names = self._names(ahead)
            if next(ahead).text != "from":
                raise self._unknown("an import without a source")
            self.module.imports.append((f"const{{{names}}}=", self._source(next(ahead))))
            self._end_statement(ahead)
        else:
            raise self._unknown("this form of import")

    def _import_later(self, ahead: Iterator[Token]) -> None:
        first = next(ahead)
        if first.kind != "string":
            self.module.body.append("$import")
            self._at += 1
            return
        source = self._source(first)
        if next(ahead).text != ")":
            raise self._unknown("an import of more than an address")
        self.module.later.append(source)
        self.module.body.append(f"$later({function_of(source)})")
        self._at += [token.text for token in self._all[self._at :]].index(")") + 1

    def _names(self, ahead: Iterator[Token]) -> str:
        """Read `a, b as c }` and return it as the inside of a pattern."""
        names, word = [], next(ahead)
        while word.text != "}":
            after = next(ahead)
            local = word.text
            if after.text == "as":
                local, after = next(ahead).text, next(ahead)
            names.append(word.text if local == word.text else f"{word.text}:{local}")
            if after.text not in {",", "}"} or word.kind != "name":
                raise self._unknown("this list of imports")
            word = next(ahead) if after.text == "," else after
        return ",".join(names)

    def _source(self, token: Token) -> str:
        address = token.text[1:-1]
        if token.kind != "string" or not address.startswith(("./", "../")) or not address.endswith(".mjs"):
            raise self._unknown(f"the source {token.text}")
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.module.name), address))

    def _end_statement(self, ahead: Iterator[Token]) -> None:
        end = next(ahead, None)
        if end is None or end.text != ";":
            raise self._unknown("an import without a semicolon")
        self._at = next(n for n, token in enumerate(self._all) if token.at == end.at) + 1

    def _export(self, depth: int) -> None:
        words = [token for _, token in zip(range(5), self._ahead(), strict=False)][1:]
        texts = [word.text for word in words]
        kind = next((texts[: len(form)] for form in _EXPORTS if texts[: len(form)] == list(form)), None)
        if depth or kind is None or words[len(kind)].kind != "name":
            raise self._unknown("this form of export")
        if kind == ["const"] and (texts[2] != "=" or self._has_second(words[2])):
            raise self._unknown("an export of more than one constant")
        self.module.exports.append(texts[len(kind)])
        self._at += 1

    def _has_second(self, equals: Token) -> bool:
        """Whether a comma stands between the `=` of a constant and its semicolon, outside all brackets."""
        depth = 0
        for token in self._all:
            depth += _step(token) if token.at > equals.at else 0
            if depth == 0 and token.at > equals.at and token.text in {",", ";"}:
                return token.text == ","
        raise self._unknown("a constant without a semicolon")

    def _ahead(self) -> Iterator[Token]:
        return (token for token in self._all[self._at :] if token.kind not in GAPS)

    def _unknown(self, what: str) -> UnknownFormError:
        token = self._all[self._at]
        line = self._text[token.at :].partition("\n")[0]
        return UnknownFormError(f"{what} is not known ({place(self._text, token.at)}: {line[:80]})")


_EXPORTS = (("function",), ("class",), ("const",), ("async", "function"))


def _step(token: Token) -> int:
    if token.kind == "template":
        return token.text.endswith("${") - token.text.startswith("}")
    if token.kind != "sign":
        return 0
    return (token.text in "([{") - (token.text in ")]}")
