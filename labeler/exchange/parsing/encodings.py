"""In which encoding a text file is: what can be asked for, and the look that finds a file that is not UTF-8 at all.

Note: one damaged line in a UTF-8 file costs its row and no other, but a file written in
another encoding is damaged in every line that says something. Taking its plain lines and refusing the rest would lose
rows by chance, so such a file is refused whole, before anything is stored, with the option that reads it.
"""

import codecs
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

KNOWN = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "iso8859-15", "cp1250", "cp1251", "cp1253",
    "cp1254", "cp1255", "cp1256", "koi8-r", "mac-roman", "cp437", "cp850", "shift_jis", "cp932", "euc_jp", "gb18030",
    "big5", "euc_kr",
)  # fmt: skip
_BY_NAME = {codecs.lookup(name).name: name for name in reversed(KNOWN)} | {"ascii": "utf-8", "utf-8-sig": "utf-8"}
_UNDECODED = re.compile("[\udc80-\udcff]")
_BLOCK = 1024 * 1024
_HEAD = 4096
_NO_LETTERS = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFE, 0xFF))  # not in cp1252, or hardly in any text
_MANY, _SHARE = 20, 20
_HALF = 0.3
_SHOWN = 160
_ASCII = 0x7F
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def known_name(encoding: str) -> str:
    """Return an encoding by the name that is used here ("Windows-1252" is cp1252); raises Invalid naming the known."""
    try:
        found = _BY_NAME.get(codecs.lookup(encoding.strip().lower()).name)
    except (LookupError, ValueError):
        found = None
    if found is None:
        raise Invalid(
            'Encoding "{encoding}" is not known. Use one of {known}.',
            field="encoding",
            encoding=encoding[:40],
            known=", ".join(KNOWN),
        )
    return found


class Proposal(NamedTuple):
    """The encoding that a file seems to be in. encoding: "" where none is known; why: how one sees that it is no UTF-8.

    lines: the lines that are broken in UTF-8, number: that of the first one; shown: what it says in the encoding,
    broken: what UTF-8 makes of it. All of them 0 or "" where that is not known.
    """

    encoding: str
    why: str
    lines: int = 0
    number: int = 0
    shown: str = ""
    broken: str = ""


def check_readable(source: Source, options: ReadOptions) -> None:
    """Raise Invalid where a text file is in no UTF-8 and nobody said in which encoding it is; a few bad lines pass."""
    if options.encoding is not None:
        known_name(options.encoding)
    elif found := proposed(source):
        raise _refused(source.name, found)


def proposed(source: Source) -> Proposal | None:
    """Return which encoding a text file seems to be in where that is not UTF-8; None where it is, or nearly so.

    It takes the whole file to say so, and a page looks again with every choice, so it is remembered as long as the file
    is the same.
    """
    if isinstance(source.stream, io.BytesIO):
        return _looked_at(source.stream)
    if source.path is None or not source.path.is_file():
        return None
    found = source.path.stat()
    return _proposed(source.path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@lru_cache(maxsize=256)
def _proposed(path: Path, _version: tuple[int, ...]) -> Proposal | None:
    """Look at a file. _version: what changes with it."""
    with path.open("rb") as file:
        return _looked_at(file)


def _looked_at(file: BinaryIO) -> Proposal | None:
    """Read a file from its beginning, to which it goes back."""
    invalid, others, total = bytearray(), 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith((*_MARKS, b"PK")):
        return None
    if wide := _wide(head):
        return wide
    while block := file.read(_BLOCK):
        if not block.isascii() or decoder.getstate()[0]:
            text = decoder.decode(block)
            found = _UNDECODED.findall(text)
            others += len(text) - len(text.encode("ascii", "ignore")) - len(found)
            invalid.extend(ord(one) - 0xDC00 for one in found)
        total += len(block)
    file.seek(0)
    judged = _judged(invalid, others, total)
    if judged is None or not judged.encoding:
        return judged
    found_lines = _first_line(file, judged.encoding)
    file.seek(0)
    return judged._replace(**found_lines)


def _judged(invalid: bytearray, others: int, total: int) -> Proposal | None:
    """invalid: bytes that are no UTF-8; others: characters beyond ASCII that are; total: bytes in all."""
    if len(invalid) <= others:
        return None
    if not _NO_LETTERS.intersection(invalid):
        return Proposal("cp1252", Message("byte 0x{byte:02X} is a letter in cp1252 (Windows, Excel)", byte=invalid[0]))
    if len(invalid) >= _MANY and len(invalid) * _SHARE > total:
        return Proposal("", Message("{count:,} of its bytes are not", count=len(invalid)))
    return None


def _wide(head: bytes) -> Proposal | None:
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if half and half.count(0) > len(half) * _HALF and not head[1 - start :: 2].count(0):
            shown = head.decode(encoding, errors="replace").partition("\n")[0].strip()
            why = Message("it has the zeros of {encoding}", encoding=encoding)
            return Proposal(encoding, why, number=1, shown=shown[:_SHOWN])
    return None


def _first_line(file: BinaryIO, encoding: str) -> dict[str, Any]:
    """Return what a proposal says of the lines that are broken in UTF-8, and of the first of them."""
    found: dict[str, Any] = {"lines": 0}
    for number, line in enumerate(file, 1):
        if line.isascii() or _is_utf8(line):
            continue
        found["lines"] += 1
        if found["lines"] == 1:
            first = _around(line)
            shown, broken = (first.decode(name, errors="replace").strip() for name in (encoding, "utf-8"))
            found |= {"number": number, "shown": shown, "broken": broken}
    return found


def _around(line: bytes) -> bytes:
    """Return the part of a line where its first byte beyond ASCII stands."""
    first = next(place for place, byte in enumerate(line) if byte > _ASCII)
    begin = max(0, first - _SHOWN // 2) if len(line) > _SHOWN else 0
    return line[begin : begin + _SHOWN]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refused(name: str, found: Proposal) -> Invalid:
    how = Message(
        "Say --encoding {encoding}, choose it as the encoding on the import page, or send it as the field encoding.",
        encoding=found.encoding or "NAME",
    )
    if found.shown:
        said = Message("Line {number} would read: {line}", number=found.number, line=found.shown)
        how = Message("{how} {said}", how=how, said=said)
    return Invalid(
        "{name} is not UTF-8: {why}. Nothing was read. {how}", field="encoding", name=name, why=found.why, how=how
    )
