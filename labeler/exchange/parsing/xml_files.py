"""XML as other tools write it, read without what can hurt: no document types, so no entities and nothing fetched."""

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import number
from labeler.exchange.rows import SHOWN
from labeler.messages import Message

_DTD = Message("it declares a document type (DTD) or entities, which are not read")
_BROKEN = (ParseError, ValueError, LookupError, RecursionError)
_MOST_WHOLE = 32 * 1024 * 1024  # of a file that is made a tree, which takes many times as much
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def root_of(data: bytes, root_tag: str) -> Element:
    """Return the root of an XML file; raises Invalid when it is none, another one, or declares a document type."""
    if len(data) > _MOST_WHOLE:
        raise Invalid("larger than {most:,} bytes", most=_MOST_WHOLE)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Invalid(_DTD) from error
    except _BROKEN as error:
        raise Invalid("it is not valid XML ({reason})", reason=str(error)[:200]) from error
    _check_root(root, root_tag)
    return root


def children(data: bytes, root_tag: str) -> Iterator[Element]:
    """Yield the children of a root one by one, without keeping them; raises Invalid where the XML ends to be such.

    root_tag: what the root is called; another root is refused.
    """
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(data), ("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if root is None:
                root = element
                _check_root(root, root_tag)
            if event == "end" and depth == 1:
                yield element
                root.clear()
    except DefusedXmlException as error:
        raise Invalid(_DTD) from error
    except _BROKEN as error:
        raise Invalid("it is not valid XML ({reason})", reason=str(error)[:200]) from error


def _check_root(root: Element, wanted: str) -> None:
    if root.tag != wanted:
        raise Invalid('its root is "{tag}", not "{wanted}"', tag=root.tag[:SHOWN], wanted=wanted)


def text_in(element: Element, path: str) -> str:
    """Return the text of an element's child without blanks around it, "" where there is none."""
    return (element.findtext(path) or "").strip()


def number_in(element: Element, path: str) -> float:
    """Return the number in an element's child; raises Invalid where it is missing or none."""
    written = text_in(element, path)
    if not written:
        raise Invalid("{what} is missing", what=path)
    return number_of(written)


def number_of(written: str) -> float:
    """Return the number that a text spells; raises Invalid where it is none, or too large for a picture."""
    shown = repr(written[:20])
    if not _NUMBER.fullmatch(written.strip()):
        raise Invalid("{what} is not a number", what=shown)
    return number(float(written), shown)
