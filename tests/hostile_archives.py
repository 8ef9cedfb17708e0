"""Hundreds of archives that nobody packs by accident, and what becomes of them: `python -m tests.bench hostile` counts.

Each is read as an upload is: what it seems to be is found out, its rows are read and its pictures loaded. Beside the
folder lies a picture that nobody may reach; a file that appears anywhere, the bytes of that picture in a row, or a name
that would leave its folder once written is out of its folder, and anything raised but words for people is a crash.
"""

import bz2
import gzip
import io
import json
import random
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS, readers_for
from labeler.exchange.parsing.image_files import is_plain
from labeler.exchange.rows import ExportRow, Row
from labeler.exchange.sources import Limits, ReadOptions, Source
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.report import Report

LIMITS = Limits(image_bytes=2_000_000, unpacked_bytes=20_000_000, entries=2_000)
SECRET = "secret.png"
TASKS = ("classification", "boxes", "polygons")
UP = (
    "../good.png",
    "../../images/good.png",
    "../secret.png",
    "..\\secret.png",
    "../../secret.png",
    "cat/../../secret.png",
    "./../secret.png",
    "a/b/../../../x.png",
)
ABSOLUTE = (
    "/etc/passwd.png",
    "//host/share/a.png",
    "\\\\host\\a.png",
    "C:\\a.png",
    "C:a.png",
    "c:/a.png",
    "file:///a.png",
    "~root/a.png",
)
DOTS = ("..", ".", "...", "cat/..", "cat/./a.png", "cat//a.png", "../", "/", " ", "cat/ /a.png", "a.png/", "a.png/.")
WRITTEN_OTHERWISE = (
    "%2e%2e/secret.png", "..%2fsecret.png", "\u2025/secret.png", "\uff0e\uff0e/secret.png", "..\u2215secret.png",
    "..\u29f8secret.png", "\uff0e\uff0e\uff0fsecret.png", "..\uff3csecret.png", "\u2024\u2024/secret.png",
)  # fmt: skip
UNPRINTABLE = (
    "a\0.png",
    "a.png\0.txt",
    "a\n.png",
    "a\r\n.png",
    "\x1b[2Ja.png",
    "a\u202egnp.exe.png",
    "\ufeffa.png",
    "a\u200b.png",
    "\x7f.png",
)
DEVICES = (
    "CON.png", "con/a.png", "NUL", "nul.png", "AUX.jpg", "PRN.png", "COM1.png", "LPT9.png", "CLOCK$.png",
    "a.png:stream",
    "a.png ", "a.png.", "aux/con/nul.png", "CONIN$.png",
)  # fmt: skip
SHELL = (
    "$HOME/a.png",
    "`id`.png",
    ";id;.png",
    "-rf.png",
    "|id.png",
    "a&b.png",
    "{{7*7}}.png",
    "<script>.png",
    "'or 1.png",
    "=cmd().png",
)
SYSTEM = (".hidden.png", "__MACOSX/a.png", ".DS_Store", "desktop.ini", "Thumbs.db", ".git/config", ".ssh/a.png")
LONG = ("a" * 300 + ".png", "a" * 5000 + ".png", "d/" * 200 + "a.png", "d/" * 5000 + "a.png", "\u00e9" * 260 + ".png")
TWINS = (
    ("a.png", "A.PNG"), ("e\u0301.png", "\u00e9.png"), ("stra\u00dfe.png", "STRASSE.png"), ("\u212a.png", "k.png"),
    ("\u0430.png", "a.png"), ("\ufb01.png", "fi.png"), ("\u0130.png", "i\u0307.png"), ("a.png", "a.png"),
    ("a/b.png", "a\\b.png"),
    ("a.png", "a.png/b.png"), ("\u1e9e.png", "ss.png"), ("a.png", "./a.png"),
)  # fmt: skip
NAMES = (*UP, *ABSOLUTE, *DOTS, *WRITTEN_OTHERWISE, *UNPRINTABLE, *DEVICES, *SHELL, *SYSTEM, *LONG)
TARGETS = ("/etc/passwd", "../secret.png", "../../secret.png", "good.png", ".", "/dev/zero", "/proc/self/environ", "")
KINDS = (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
    tarfile.CONTTYPE,
    b"V",
    b"M",
    b"S",
)


class Payload(NamedTuple):
    """One file that is sent. name: what its sender calls it."""

    kind: str
    name: str
    data: bytes


@dataclass
class Outcome:
    """What became of all of them. refused: whole files, in words; rows, rejected: what came out of the others."""

    payloads: int = 0
    refused: int = 0
    rows: int = 0
    rejected: int = 0
    crashed: list[str] = field(default_factory=list)
    left_their_folder: list[str] = field(default_factory=list)


def picture(colour: str = "white", size: tuple[int, int] = (8, 6)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = picture()


def zipped(*entries: tuple[str, bytes], mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP whose names are exactly these, whatever the library thinks of them."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there already
        for name, data in entries:
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type, info.external_attr = name, method, mode << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def tarred(*entries: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    """Return a TAR with a good picture, and entries of this kind beside it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in (("good.png", GOOD), *entries):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name != "good.png":
                info.type, info.linkname = kind, target
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def payloads(seed: int = 5) -> Iterator[Payload]:
    """Yield every payload, the same ones each time."""
    yield from _names()
    yield from _links()
    yield from _bombs()
    yield from _damaged(random.Random(seed))
    yield from _inside_labels()


def _names() -> Iterator[Payload]:
    for name in NAMES:
        one = (name, GOOD)
        yield Payload("name", "set.zip", zipped(("cat/good.png", GOOD), one))
        yield Payload("name", "set.zip", zipped(one, method=zipfile.ZIP_STORED))
        if "\0" not in name:
            data = tarred(one)
            yield Payload("name", "set.tar", data)
            yield Payload("name", "set.tgz", gzip.compress(data, 1))
    for first, second in TWINS:
        yield Payload("twins", "set.zip", zipped((first, GOOD), (second, picture("red"))))
        yield Payload("twins", "set.tar.bz2", bz2.compress(tarred((first, GOOD), (second, picture("red")))))


def _links() -> Iterator[Payload]:
    for target in TARGETS:
        for kind in KINDS:
            yield Payload("link", "set.tar", tarred(("link.png", b""), kind=kind, target=target))
        for mode in (0o120777, 0o020666, 0o060666, 0o010666, 0o140666):
            yield Payload("link", "set.zip", zipped(("good.png", GOOD), ("link.png", target.encode()), mode=mode))


def _bombs() -> Iterator[Payload]:
    zeros = b"\0" * 4_000_000
    many = tuple((f"{number}.png", b"") for number in range(3_000))
    nested = zipped(("inner.png", zeros))
    for _ in range(5):
        nested = zipped(("inner.zip", nested), ("good.png", GOOD))
    yield Payload("bomb", "set.zip", zipped(("cat/a.png", zeros), ("good.png", GOOD)))
    yield Payload("bomb", "set.zip", zipped(*((f"{number}.png", zeros) for number in range(6))))
    yield Payload("bomb", "set.zip", zipped(*many))
    yield Payload("bomb", "set.zip", nested)
    yield Payload("bomb", "set.tar", tarred(("inner.zip", nested), ("inner.tar.gz", gzip.compress(tarred()))))
    yield Payload("bomb", "set.tgz", gzip.compress(tarred(*((f"{number}.png", zeros) for number in range(20)))))
    yield Payload("bomb", "set.tar.bz2", bz2.compress(tarred(("a.png", zeros))))
    yield Payload("bomb", "set.tgz", gzip.compress(b"\0" * 30_000_000))
    yield Payload("bomb", "set.zip", zipped(("huge.png", _huge_picture()), ("good.png", GOOD)))
    for field_at, value in ((24, 2**32 - 1), (20, 2**32 - 1), (42, 2**31), (28, 2**16 - 1), (8, 2**16 - 1)):
        yield Payload("bomb", "set.zip", _lying(field_at, value))
    for size in (b"77777777777\0", b"\x80" + b"\xff" * 11, b"-0000000001\0", b"           \0", b"\xff" * 12):
        yield Payload("bomb", "set.tar", _sized(size))


def _huge_picture() -> bytes:
    """Return a PNG of a few bytes that says it has 10 billion pixels."""
    data = bytearray(GOOD)
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    return bytes(data)


def _lying(at: int, value: int) -> bytes:
    """Return a ZIP of which the directory says something else than its entries."""
    data = bytearray(zipped(("good.png", GOOD), ("a.png", GOOD)))
    directory = data.find(b"PK\x01\x02")
    width = 2 if value < 2**16 else 4
    data[directory + at : directory + at + width] = value.to_bytes(width, "little")
    return bytes(data)


def _sized(size: bytes) -> bytes:
    data = bytearray(tarred(("a.png", GOOD)))
    at = data.find(b"a.png")
    data[at + 124 : at + 136] = size
    data[at + 148 : at + 156] = b" " * 8
    data[at + 148 : at + 156] = f"{sum(data[at : at + 512]):06o}\0 ".encode()
    return bytes(data)


def _damaged(rng: random.Random) -> Iterator[Payload]:
    archives = (
        ("set.zip", zipped(("cat/good.png", GOOD), ("dog/a.png", picture("red")))),
        ("set.tar", tarred(("cat/a.png", GOOD))),
        ("set.tgz", gzip.compress(tarred(("cat/a.png", GOOD)))),
    )
    for name, data in archives:
        for _ in range(25):
            broken = bytearray(data)
            for _ in range(rng.randint(1, 8)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            yield Payload("damaged", name, bytes(broken))
        for _ in range(8):
            yield Payload("damaged", name, data[: rng.randrange(len(data))])
        yield Payload("damaged", name, b"MZ" + rng.randbytes(40) + data)
        yield Payload("damaged", name, data + data)


def _inside_labels() -> Iterator[Payload]:
    """Yield honest archives whose label files name what does not belong to them, or are bombs of their own."""
    for name in (*UP, *ABSOLUTE, *WRITTEN_OTHERWISE[:4], "a\0.png", "\ud800.png"):
        for labels in _naming(name):
            yield Payload("label file", "set.zip", zipped(("images/good.png", GOOD), labels))
    laughs = (
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><annotation><filename>&b;</filename></annotation>'
    )
    reads = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotation><filename>&a;</filename></annotation>'
    aliases = "a: &a [x, x]\nb: &b [*a, *a]\nnames: [*b, *b]\n"
    for name, text in (
        ("Annotations/good.xml", laughs),
        ("Annotations/good.xml", reads),
        ("annotations.xml", laughs.replace("annotation>", "annotations>")),
        ("data.yaml", aliases),
        ("data.yaml", "names: !!python/object/apply:os.system ['id']\n"),
        ("data.yaml", "names: [" + "[" * 5000),
        ("c.json", "[" * 100_000),
        ("c.json", '{"images": [' + '{"id": 1e999},' * 10 + "]}"),
        ("metadata.jsonl", '{"file_name": ' + "[" * 100_000),
        ("metadata.csv", "file_name,label\n" + '"' * 10_001),
        ("classes.csv", "number,class\n99999999999999999999,cat\n"),
    ):
        yield Payload(
            "label file", "set.zip", zipped(("images/good.png", GOOD), ("masks/good.png", GOOD), (name, text.encode()))
        )


def _naming(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield label files of several formats that give a picture this name."""
    image = {"id": 1, "file_name": name, "width": 8, "height": 6}
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3]}
    whole: dict[str, Any] = {"images": [image], "annotations": [annotation], "categories": [{"id": 1, "name": "cat"}]}
    yield "c.json", json.dumps(whole).encode()
    yield "metadata.jsonl", json.dumps({"file_name": name, "label": "cat"}).encode()
    task = [{"id": 1, "data": {"image": f"/data/local-files/?d={name}"}, "annotations": []}]
    yield "tasks.json", json.dumps(task).encode()
    yield (
        "all.jsonl",
        json.dumps({"filename": name, "bbox": [{"x": 1, "y": 1, "width": 2, "height": 2, "label": "cat"}]}).encode(),
    )
    labelme: dict[str, Any] = {"version": "5", "flags": {}, "shapes": [], "imagePath": name, "imageData": None}
    yield "odd.json", json.dumps(labelme).encode()
    if name.isprintable():
        escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        yield "odd.xml", f"<annotation><filename>{escaped}</filename><object/></annotation>".encode()
        yield "annotations.xml", f'<annotations><version>1.1</version><image name="{escaped}"/></annotations>'.encode()


def attack(folder: Path, given: Iterator[Payload] | None = None) -> Outcome:
    """Send every payload, each read for several tasks. folder: an empty one, in which everything may be written."""
    outcome, inside = Outcome(), folder / "uploads"
    inside.mkdir()
    secret = picture("purple", (31, 17))
    (folder / SECRET).write_bytes(secret)
    for number, payload in enumerate(given or payloads()):
        outcome.payloads += 1
        path = inside / f"{number}"
        path.write_bytes(payload.data)
        for task in TASKS:
            try:
                _read(path, payload, task, outcome, secret)
            except Exception as error:  # noqa: BLE001 - that there is none is what is counted
                outcome.crashed.append(f"{payload.kind} {number} as {task}: {type(error).__name__}: {error}"[:200])
        path.unlink()
        if sorted(one.name for one in folder.iterdir()) != [SECRET, "uploads"] or any(inside.iterdir()):
            outcome.left_their_folder.append(f"{payload.kind} {number}: a file appeared")
    return outcome


def _read(path: Path, payload: Payload, task: str, outcome: Outcome, secret: bytes) -> None:
    source = Source.upload(path, payload.name)
    options = ReadOptions(media="image", task=task, classes=("cat", "dog"), limits=LIMITS)
    try:
        found = detect(source, among=readers_for(task, "image").values()).format
        for entry in READERS[found].read(source, options):
            if not isinstance(entry, Row):
                outcome.rejected += 1
                continue
            outcome.rows += 1
            _check_row(entry, payload, outcome, secret)
    except Invalid:
        outcome.refused += 1


def _check_row(row: Row, payload: Payload, outcome: Outcome, secret: bytes) -> None:
    for name in (row.name, row.external_id):
        written = PictureNames(Report(), by_stem=False).name(
            ExportRow(1, None, None, name, "image", None, None, None, None, None)
        )
        if not is_plain(written):
            outcome.left_their_folder.append(f"{payload.kind}: {name!r} goes out as {written!r}"[:200])
    try:
        if row.image is not None and row.image() == secret:
            outcome.left_their_folder.append(f"{payload.kind}: a row holds the picture beside the folder")
    except Invalid:
        outcome.rejected += 1
