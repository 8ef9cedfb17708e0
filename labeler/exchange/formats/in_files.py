"""The parts of a split as files of their own in a ZIP, for a format whose one file has no place for a split."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.parts import divided
from labeler.exchange.writing.zip_stream import ZipStream


def in_files(writer: Writer, called: Mapping[str, str]) -> Writer:
    """Return the writer with an archive for what is split. called: the name that its users give a part, where another.

    The archive holds `train.txt`, `valid.txt` … by the ending of the format, and the report.
    """

    def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
        archive = ZipStream(context.exported_at)
        for part, own in divided(rows, context.parts):
            archive.begin(f"{called.get(part, part) or 'items'}{writer.suffix}")
            for data in writer.write(own, context):
                archive.put_data(data)
                yield archive.take() or b""
        archive.add("report.txt", "\n".join((*context.report.lines(), *writer.loses(context), "")))
        yield archive.close()

    packed = replace(writer, suffix=".zip", content_type="application/zip", write=write, archive=True)
    return replace(writer, packed=packed)
