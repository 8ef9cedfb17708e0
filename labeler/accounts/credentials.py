"""Passwords, random tokens and e-mail addresses as they are compared. A calculation: no database.

argon2 is imported where a password is hashed: most requests never do.
"""

import hashlib
import re
import secrets
import unicodedata
from typing import TYPE_CHECKING

from labeler.errors import Invalid

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PASSWORD = 10
LONGEST_EMAIL = 254  # the longest address mail allows
_EMAIL = re.compile(r"[^@\s\x00-\x1f\u200b-\u200f\u202a-\u202e]+@[^@\s\x00-\x1f]+\.?[^@\s.]+")


def normal_email(text: str) -> str:
    """Return the one form in which an address is stored and compared; raises Invalid (field email)."""
    email = spelled_alike(text)
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("{text!r} is not an e-mail address.", field="email", text=text[:LONGEST_EMAIL])
    return email


def spelled_alike(text: str) -> str:
    """Return the one spelling of what may be an address: full-width and capital letters are the plain ones.

    Of a text that is too long for an address the end stays away: folding costs more than linear time.
    """
    return unicodedata.normalize("NFKC", text[: LONGEST_EMAIL + 1].strip()).strip().casefold()[: LONGEST_EMAIL + 1]


def new_token() -> str:
    """Return a random URL-safe token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the SHA-256 under which a random token is stored (a slow hash adds nothing to 256 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash; raises Invalid (field password) when it is too short or too long."""
    if len(password) < MIN_PASSWORD:
        raise Invalid("Use a password of at least {least} characters.", field="password", least=MIN_PASSWORD)
    if len(password) > 1000:  # noqa: PLR2004 - a bound on the work one request can cause
        raise Invalid("That password is too long.", field="password")
    return _hasher().hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; takes as long when there is none, so that nobody can tell."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _nobody(), password[:1000])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


_unmatched: list[str] = []


def _nobody() -> str:
    if not _unmatched:
        _unmatched.append(_hasher().hash(new_token()))
    return _unmatched[0]
