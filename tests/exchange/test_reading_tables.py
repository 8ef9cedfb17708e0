import io
import itertools
import tracemalloc
from pathlib import Path

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.text_lines import TextLines
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Limits, ReadOptions, Source
from tests.exchange.reading import mapped, read, read_good, read_rejected


def texts(data: bytes, format_name: str = "csv") -> list[str | None]:
    return [row.text for row in read_good(format_name, data)]


def test_columns_are_found_by_their_usual_names() -> None:
    (row,) = read_good("csv", b"ID,Sentence,Class,page\n7,hello, cat ,12\n")
    assert row == Row(1, "7", "hello", None, "cat", {"page": "12"})


def test_columns_can_be_named_and_metadata_chosen() -> None:
    data = b"a,b,c,d\nA,B,C,D\n"
    (row,) = read_good("csv", data, **mapped(id="a", text="d", label="c", metadata=("b",)))
    assert (row.external_id, row.text, row.given_label, row.metadata) == ("A", "D", "C", {"b": "B"})


def test_a_column_given_to_one_part_is_not_guessed_for_another() -> None:
    (row,) = read_good("csv", b"id,text,label\n1,t,l\n", **mapped(label="id"))
    assert (row.external_id, row.given_label) == (None, "1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_looking(delimiter: str) -> None:
    data = f"id,text,label\n1,a b; c,x\n2,d,y\n".replace(",", delimiter).encode()  # noqa: F541
    if delimiter == ";":
        data = data.replace(b"b; c", b"b c")
    assert [row.external_id for row in read_good("csv", data)] == ["1", "2"]


def test_a_text_full_of_other_separators_does_not_win() -> None:
    data = b'id;text\n1;"a, b, c"\n2;"d, e, f"\n'
    assert texts(data) == ["a, b, c", "d, e, f"]


def test_one_column_is_a_table_too() -> None:
    assert texts(b"text\nhello\n\nworld\n") == ["hello", "world"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_is_read(end: bytes) -> None:
    assert texts(end.join([b"text,label", b"a,x", b"b,y", b""])) == ["a", "b"]


def test_quoted_newlines_and_doubled_quotes_are_kept_exactly() -> None:
    assert texts(b'text,label\r\n"a\r\nb\n""c""",x\r\n') == ['a\r\nb\n"c"']


def test_separators_that_only_python_knows_do_not_end_a_line() -> None:
    odd = "a\u2028b\x0bc\x1cd\x85e"
    assert texts(f"text,label\n{odd},x\n".encode()) == [odd]


def test_spaces_around_a_text_are_kept() -> None:
    assert texts(b"text,label\n  a  ,x\n") == ["  a  "]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_are_understood_and_taken_off(encoding: str) -> None:
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    data = f"{mark}text,label\nžluť 😀,x\n".encode(encoding)
    (row,) = read_good("csv", data)
    assert (row.text, row.given_label) == ("žluť 😀", "x")


def test_another_encoding_can_be_named() -> None:
    (row,) = read_good("csv", "text\ncafé €\n".encode("cp1252"), encoding="cp1252")
    assert row.text == "café €"


def test_an_unknown_encoding_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="utf-8"):
        read("csv", b"text\na\n", encoding="klingon")


def test_cut_off_utf_16_is_refused() -> None:
    with pytest.raises(Invalid, match="near byte"):
        read("csv", "text\nabc\n".encode("utf-16")[:-1])


def test_a_byte_that_is_not_utf_8_costs_only_its_row() -> None:
    data = b"text,label\ngood,x\nb\xe9d,x\nalso good,y\n"
    entries = read("csv", data)
    assert [entry.text for entry in entries if isinstance(entry, Row)] == ["good", "also good"]
    assert entries[1] == RejectedRow(
        2, "", f"not valid UTF-8: byte 0xE9 at byte {data.index(0xE9)} of the file (line 3)", "b\ufffdd,x"
    )


def test_the_byte_position_counts_the_mark_and_earlier_blocks() -> None:
    good = b"text\n" + b"0123456789abcdef\n" * 20_000
    data = b"\xef\xbb\xbf" + good + b"\xff\n" + b"end\n"
    rejected = read_rejected("csv", data)
    assert rejected.number == 20_001
    assert f"at byte {data.index(0xFF)} of the file (line 20002)" in rejected.reason


def test_a_bad_byte_inside_a_quoted_record_of_several_lines_costs_only_that_record() -> None:
    entries = read("csv", b'text,label\n"a\n\xff\nb",x\nc,y\n')
    assert [type(entry) for entry in entries] == [RejectedRow, Row]


def test_a_nul_character_costs_only_its_row() -> None:
    data = b"text,label\na,x\nb\0c,x\nd,y\n"
    rejected = read_rejected("csv", data)
    assert (rejected.number, rejected.reason) == (2, f"a NUL character at byte {data.index(0)} of the file (line 3)")


@pytest.mark.parametrize(
    ("line", "reason"), [("a", "too few columns: 1 instead of 2"), ("a,b,c", "too many columns: 3")]
)
def test_a_row_of_the_wrong_width_is_rejected_with_its_line(line: str, reason: str) -> None:
    rejected = read_rejected("csv", f"text,label\nx,y\n{line}\nz,y\n".encode())
    assert rejected.number == 2
    assert reason in rejected.reason
    assert "line 3" in rejected.reason
    assert rejected.original == line


def test_blank_lines_are_not_rows() -> None:
    assert [row.number for row in read_good("csv", b"text,label\n\na,x\n\n\nb,y\n")] == [1, 2]


@pytest.mark.parametrize("text", ["", "   ", '"\n"'])
def test_an_empty_text_is_rejected(text: str) -> None:
    rejected = read_rejected("csv", f"id,text\n1,{text}\n2,b\n".encode())
    assert (rejected.number, rejected.column, rejected.reason, rejected.original) == (
        1,
        "text",
        "the text is empty",
        "1",
    )


def test_what_is_too_long_is_rejected_by_name() -> None:
    limits = Limits(text_characters=10, id_characters=3, label_characters=4)
    data = b"id,text,label\n1,12345678901,a\n1234,b,a\n2,b,abcde\n3,b,a\n"
    entries = read("csv", data, limits=limits)
    assert [entry.column for entry in entries if isinstance(entry, RejectedRow)] == ["text", "id", "label"]
    assert isinstance(entries[3], Row)


def test_a_huge_cell_is_read() -> None:
    assert texts(b'text\n"' + b"x" * 900_000 + b'"\n') == ["x" * 900_000]


def test_a_quote_that_is_never_closed_names_the_lines_it_swallowed() -> None:
    entries = read("csv", b'text,label\na,x\n"b,x\nc,y\n')
    assert isinstance(entries[0], Row)
    assert entries[1] == RejectedRow(2, "", "a quote is opened and never closed (lines 3 to 4)", "")


def test_a_quote_closed_inside_a_cell_costs_only_its_row() -> None:
    rejected = read_rejected("csv", b'text,label\na,x\n"b"c,x\nd,y\n')
    assert (rejected.number, rejected.reason) == (2, "a quote is closed in the middle of a cell (line 3)")


def test_tables_that_do_not_quote_can_be_read_as_they_are() -> None:
    data = b'text\tlabel\n"so" she said\tx\n'
    assert read_rejected("tsv", data).number == 1
    assert read_good("tsv", data, quoted=False)[0].text == '"so" she said'


def test_a_missing_column_names_the_columns_found_and_the_option() -> None:
    with pytest.raises(Invalid) as caught:
        read("csv", b"number,remark\n1,hello\n")
    assert "Columns found: number, remark." in caught.value.message
    assert "--text-column" in caught.value.message
    assert caught.value.field == "text"


def test_a_named_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match=r'no column "lable".*--label-column') as caught:
        read("csv", b"text,label\na,b\n", **mapped(label="lable"))
    assert caught.value.field == "label"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b" , \n"])
def test_a_table_without_a_header_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="the first line must name the columns"):
        read("csv", data)


def test_a_header_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Invalid, match=r"header of sent\.csv is not valid UTF-8"):
        read("csv", b"text,l\xffbel\na,b\n")
    with pytest.raises(Invalid, match=r"header of sent\.csv cannot be read"):
        read("csv", b'text,"label\na,b\n')


def test_columns_without_a_name_or_with_the_same_name_are_all_kept() -> None:
    (row,) = read_good("csv", b",text,note,note\n0,a,b,c\n")
    assert row.metadata == {"column 1": "0", "note": "b", "note (2)": "c"}


def test_an_uploaded_table_never_reaches_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    table = tmp_path / "t.csv"
    table.write_bytes(b"image\na.png\n/etc/hostname\n")
    options = ReadOptions(media="image")
    uploaded = list(READERS["csv"].read(Source.upload(table, "t.csv"), options))
    assert [type(entry) for entry in uploaded] == [RejectedRow, RejectedRow]
    local = list(READERS["csv"].read(Source.local(table), options))
    assert [type(entry) for entry in local] == [Row, RejectedRow]


def test_images_named_in_a_table_are_read_from_its_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "a.png").write_bytes(b"pixels")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    table = folder / "t.csv"
    table.write_text("file,label\na.png,x\n../secret.png,x\nlink.png,x\ngone.png,x\n..\\secret.png,x\n,x\n")
    entries = list(READERS["csv"].read(Source.local(table), ReadOptions(media="image")))
    good = [entry for entry in entries if isinstance(entry, Row)]
    assert [(row.name, row.image and row.image()) for row in good] == [("a.png", b"pixels")]
    reasons = [entry.reason for entry in entries if isinstance(entry, RejectedRow)]
    assert ["leads out" in reason for reason in reasons] == [True, True, False, True, False]


def test_columns_of_a_table_can_be_asked_for() -> None:
    source = Source.sent(io.BytesIO("id;Text;größe\n".encode()), "t.csv")
    assert READERS["csv"].columns(source, ReadOptions()) == ("id", "Text", "größe")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"gone\.csv is not a file"):
        list(READERS["csv"].read(Source.local(tmp_path / "gone.csv"), ReadOptions()))


def test_rows_come_while_the_file_is_still_being_read() -> None:
    class Endless(io.RawIOBase):
        """A file that has no end: only a reader that streams ever yields a row of it."""

        def read(self, size: int = -1, /) -> bytes:
            return b"text\n" + b"hello\n" * (max(size, 6) // 6)

    source = Source("endless.csv", stream=Endless())  # type: ignore[arg-type]
    rows = READERS["csv"].read(source, ReadOptions())
    assert len(list(itertools.islice(rows, 100_000))) == 100_000


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    data = b"id,text\n" + b"1,some text of a usual length for a short message\n" * 60_000
    source = Source.sent(io.BytesIO(data), "t.csv")
    tracemalloc.start()
    count = sum(1 for _ in READERS["csv"].read(source, ReadOptions()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 3_000_000


def test_a_line_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeler.exchange.parsing.text_lines.LONGEST_LINE", 1_000_000)
    with pytest.raises(Invalid, match="a line of more than 1,000,000 bytes"):
        list(TextLines(io.BytesIO(b"x" * 3_000_000), "big.csv"))


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_a_whole_number_written_with_a_point_is_the_class_without_it(name: str) -> None:
    mark = "," if name == "csv" else "\t"
    data = f"text{mark}label\na{mark}1.0\nb{mark}2.0\nc{mark}3.0\n".encode()
    assert [row.given_label for row in read_good(name, data, classes=("1", "2.0", "2"))] == ["1", "2.0", "3.0"]
