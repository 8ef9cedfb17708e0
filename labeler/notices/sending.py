"""One e-mail to the server an operator named, and what is known of it afterwards.

Note: SMTP cannot tell everything. Once the whole text was sent and the connection breaks before the server answered,
nobody knows whether the e-mail arrived; then it is not sent again, for it may have.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum

from labeler.config import Smtp
from labeler.messages import Message

TIME = 20.0  # seconds for each step


class Fate(Enum):
    """What became of an e-mail. REFUSED: of this one; UNREACHABLE: the server takes none now; UNKNOWN: see above."""

    SENT = "sent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """What became of an e-mail, and why it was not taken, "" where it was."""

    fate: Fate
    error: str = ""


def send(smtp: Smtp, mail: EmailMessage) -> Outcome:
    """Hand an e-mail to the server."""
    try:
        server = _connected(smtp)
    except (OSError, smtplib.SMTPException) as broken:
        return Outcome(Fate.UNREACHABLE, Message("The mail server cannot be used: {reason}", reason=_reason(broken)))
    try:
        return _handed_over(server, mail)
    finally:
        server.close()


def _connected(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIME, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIME)
    try:
        server.ehlo_or_helo_if_needed()
        if smtp.security == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if smtp.user:
            server.login(smtp.user, smtp.password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _handed_over(server: smtplib.SMTP, mail: EmailMessage) -> Outcome:
    sender, to = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
    utf8 = not (sender + to).isascii()
    try:
        if utf8 and not server.has_extn("smtputf8"):
            return Outcome(Fate.REFUSED, Message("The mail server takes no such address: {address}", address=to))
        for code, answer in (server.mail(sender, ["SMTPUTF8"] if utf8 else []), server.rcpt(to)):
            if not _is_fine(code):
                return Outcome(Fate.REFUSED, _refusal(code, answer))
    except (OSError, smtplib.SMTPException) as broken:
        return Outcome(Fate.UNREACHABLE, Message("The mail server cannot be used: {reason}", reason=_reason(broken)))
    try:
        code, answer = server.data(mail.as_bytes(policy=SMTP.clone(utf8=utf8)))
    except smtplib.SMTPDataError as refused:  # it did not even want to hear the text
        return Outcome(Fate.REFUSED, _refusal(refused.smtp_code, refused.smtp_error))
    except (OSError, smtplib.SMTPException) as broken:
        return Outcome(
            Fate.UNKNOWN, Message("The mail server did not say whether it has it: {reason}", reason=_reason(broken))
        )
    return Outcome(Fate.SENT) if _is_fine(code) else Outcome(Fate.REFUSED, _refusal(code, answer))


def _is_fine(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 - SMTP's own numbers


def _refusal(code: int, answer: bytes | str) -> Message:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return Message("The mail server answered {code}: {text}", code=code, text=text[:300])


def _reason(broken: Exception) -> str:
    return (getattr(broken, "strerror", None) or str(broken) or type(broken).__name__)[:300]
