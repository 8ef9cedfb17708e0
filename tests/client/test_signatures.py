"""Who receives a webhook can tell that it came from who knows the secret, whole and just now."""

import hashlib
import hmac

import pytest

from labeler.client import Invalid, verify
from labeler.client.signatures import sign

AT, BODY, SECRET = 1_774_000_000, '{"event": "import.done", "name": "Größe"}'.encode(), "whsec_0123456789"


def test_the_signature_is_what_the_documentation_says() -> None:
    digest = hmac.new(SECRET.encode(), b"1774000000." + BODY, hashlib.sha256).hexdigest()
    assert sign(SECRET, BODY, AT) == f"t=1774000000,v1={digest}"


def test_a_body_that_was_just_signed_is_believed() -> None:
    verify(SECRET, BODY, sign(SECRET, BODY, AT), clock=lambda: AT + 299.0)
    both = sign("another secret", BODY, AT) + "," + sign(SECRET, BODY, AT).partition(",")[2]
    verify(SECRET, BODY, both, clock=lambda: float(AT))


@pytest.mark.parametrize(
    ("secret", "body", "header"),
    [
        ("another secret", BODY, sign(SECRET, BODY, AT)),
        (SECRET, BODY + b" ", sign(SECRET, BODY, AT)),
        (SECRET, BODY, sign(SECRET, BODY, AT).replace(f"t={AT}", f"t={AT + 1}")),
        (SECRET, BODY, f"t={AT}"),
        (SECRET, BODY, f"t={AT},v1="),
        (SECRET, BODY, f"t={AT},v1=é"),
        (SECRET, BODY, ""),
        (SECRET, BODY, "t=²,v1=00"),
        (SECRET, BODY, "t=" + "9" * 5000),
    ],
)
def test_anything_else_is_refused(secret: str, body: bytes, header: str) -> None:
    with pytest.raises(Invalid, match="signature"):
        verify(secret, body, header, clock=lambda: float(AT))


@pytest.mark.parametrize("late", [301, -301])
def test_one_that_was_caught_and_is_sent_again_later_is_refused(late: int) -> None:
    with pytest.raises(Invalid, match="too long ago"):
        verify(SECRET, BODY, sign(SECRET, BODY, AT), clock=lambda: float(AT + late))
