"""The signature of a webhook: HMAC-SHA256 over the time and the body, so that neither can be changed, nor sent again.

The header `Labeler-Signature` is `t=SECONDS,v1=HEX`: the time of sending in seconds since 1970, and the HMAC-SHA256 of
`SECONDS.BODY` with the webhook's secret, in hexadecimal digits. This is where both sides have it from.
"""

import hashlib
import hmac
import time
from collections.abc import Callable

from labeler.errors import Invalid

HEADER = "Labeler-Signature"
TOLERANCE = 300  # seconds that clocks may differ, with the time on the way


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the header of a body that is sent at this time, in seconds since 1970."""
    return f"t={at},v1={_digest(secret, body, str(at)).decode()}"


def verify(
    secret: str,
    body: bytes,
    header: str,
    *,
    tolerance: int = TOLERANCE,
    clock: Callable[[], float] = time.time,
) -> None:
    """Raise Invalid unless a body came from who knows the secret, within the last `tolerance` seconds.

    body: the bytes as they came in, not JSON that was read and written again; header: `Labeler-Signature`.
    """
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    at = next((value for name, value in parts if name == "t"), "")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):  # noqa: PLR2004 - of the next thirty thousand years
        raise Invalid("The webhook has no usable signature.", field=HEADER)
    wanted = _digest(secret, body, at)
    if not any(hmac.compare_digest(wanted, value.encode()) for name, value in parts if name == "v1"):
        raise Invalid("The signature of the webhook does not fit its secret and body.", field=HEADER)
    if abs(clock() - int(at)) > tolerance:
        raise Invalid("The webhook was sent too long ago, or its clock or ours is wrong.", field=HEADER)


def _digest(secret: str, body: bytes, at: str) -> bytes:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest().encode()
