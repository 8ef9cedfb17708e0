"""XML as other tools write it, read without what can hurt: no document types, so no entities and nothing fetched."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import number

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def root_of(data: bytes) -> Element:
    """Return the root of an XML file; raises Invalid when it is none, or declares a document type."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Invalid("it declares a document type (DTD) or entities, which are not read") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise Invalid("it is not valid XML ({reason})", reason=str(error)[:200]) from error
    return root


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
