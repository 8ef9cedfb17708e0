"""The e-mail that says what waits: its text in the language of who reads it, with nothing of other annotators."""

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from itertools import groupby
from pathlib import Path

from labeler.messages import Message

_CATALOGUES = Path(__file__).parent.parent / "translations"
LONGEST_QUOTE = 300


@dataclass(frozen=True)
class Line:
    """One thing that waits. said: what it is; quote: words of a lead, "" for none."""

    project: str
    said: Message
    quote: str = ""


@dataclass(frozen=True)
class Reader:
    """Who the e-mail goes to. language: a code such as de, "" for English."""

    name: str
    email: str
    language: str = ""


@dataclass(frozen=True)
class Letterhead:
    """What stands around the lines. sender: an address; site: how people reach the server, "" where nobody said."""

    sender: str
    site: str
    hours: int


def compose(reader: Reader, lines: Sequence[Line], head: Letterhead, *, key: str, at: datetime) -> EmailMessage:
    """Return the e-mail. lines: those of a project together; key: the same for the same e-mail, for its Message-ID.

    Raises ValueError or MessageError for an address that no e-mail can have.
    """

    def said(message: Message) -> str:
        return in_language(message, reader.language)

    mail = EmailMessage()
    mail["Subject"] = said(Message("Labeler: what waits for you ({count})", count=len(lines)))
    mail["From"] = Address("Labeler", addr_spec=head.sender)
    mail["To"] = Address(" ".join(reader.name.split()), addr_spec=reader.email)
    mail["Date"] = at
    mail["Message-ID"] = f"<{key}@{head.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    text = [said(Message("Hello {name},", name=reader.name or reader.email)), ""]
    for project, ones in groupby(lines, key=lambda line: line.project):
        text += [project, *(f"- {_with_quote(said(one.said), one.quote)}" for one in ones), ""]
    if head.site:
        text.append(said(Message("Open it: {address}", address=f"{head.site}/mine")))
        off = Message("Turn these e-mails off: {address}", address=f"{head.site}/account")
    else:
        text.append(said(Message("Open Labeler and choose “My answers”.")))
        off = Message("You can turn these e-mails off in Labeler, under “Account”.")
    text += ["", said(Message("You get such an e-mail at most once in {hours} hours.", hours=head.hours)), said(off)]
    mail.set_content("\n".join(text) + "\n")
    return mail


def in_language(message: Message, language: str) -> str:
    """Return a message in a language; in English where it has no translation."""
    if not language or language == "en":
        return str(message)
    catalogue = gettext.translation("messages", _CATALOGUES, [language], fallback=True)
    values = {
        name: in_language(value, language) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    try:
        return catalogue.gettext(message.id).format(**values)
    except (KeyError, ValueError, IndexError):
        return str(message)


def _with_quote(said: str, quote: str) -> str:
    flat = " ".join(quote.split())
    short = flat if len(flat) <= LONGEST_QUOTE else f"{flat[:LONGEST_QUOTE].rstrip()}…"
    return f"{said}: “{short}”" if short else said
