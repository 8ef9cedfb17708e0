"""In which encoding a text file is: what can be asked for, and the look that finds a file that is not UTF-8 at all.

Note: one damaged line in a UTF-8 file costs its row and no other, but a file written in
another encoding is damaged in every line that says something. Taking its plain lines and refusing the rest would lose
rows by chance, so such a file is refused whole, before anything is stored, with the option that reads it.
"""

import codecs
import re

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
_NO_LETTERS = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFE, 0xFF))  # not in cp1252, or hardly in any text
_MANY, _SHARE = 20, 20
_HALF = 0.3
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


def check_readable(source: Source, options: ReadOptions) -> None:
    """Raise Invalid where a text file is in no UTF-8 and nobody said in which encoding it is; a few bad lines pass."""
    if options.encoding is not None:
        known_name(options.encoding)
        return
    if source.path is None or not source.path.is_file():
        return
    invalid, others, total = bytearray(), 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    with source.path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not total:
                if block.startswith(_MARKS) or block.startswith(b"PK"):
                    return
                _check_wide(block[:4096], source.name)
            if not block.isascii() or decoder.getstate()[0]:
                text = decoder.decode(block)
                found = _UNDECODED.findall(text)
                others += len(text) - len(text.encode("ascii", "ignore")) - len(found)
                invalid.extend(ord(one) - 0xDC00 for one in found)
            total += len(block)
    _judge(invalid, others, total, source.name)


def _judge(invalid: bytearray, others: int, total: int, name: str) -> None:
    """invalid: bytes that are no UTF-8; others: characters beyond ASCII that are; total: bytes in all."""
    if len(invalid) <= others:
        return
    if not _NO_LETTERS.intersection(invalid):
        raise _refused(
            name, Message("byte 0x{byte:02X} is a letter in cp1252 (Windows, Excel)", byte=invalid[0]), "cp1252"
        )
    if len(invalid) >= _MANY and len(invalid) * _SHARE > total:
        raise _refused(name, Message("{count:,} of its bytes are not", count=len(invalid)), "NAME")


def _check_wide(head: bytes, name: str) -> None:
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if half and half.count(0) > len(half) * _HALF and not head[1 - start :: 2].count(0):
            raise _refused(name, Message("it has the zeros of {encoding}", encoding=encoding), encoding)


def _refused(name: str, why: str, encoding: str) -> Invalid:
    how = Message(
        "Say --encoding {encoding}, choose it as the encoding on the import page, or send it as the field encoding.",
        encoding=encoding,
    )
    return Invalid("{name} is not UTF-8: {why}. Nothing was read. {how}", field="encoding", name=name, why=why, how=how)
