"""What looks like personal data is masked in quotes, and what only looks a little like it is not."""

import pytest

from labeler.cli.audit_file.masks import masked, masked_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to ada.lovelace+x@mail.example.org now", "write to [e-mail] now"),
        ("call +49 (0)30 1234-5678.", "call [phone number]."),
        ("call 030 / 123 45 67 please", "call [phone number] please"),
        ("call 555-123-4567", "call [phone number]"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [bank account] today"),
        ("card 4111 1111 1111 1111 expired", "card [card number] expired"),
    ],
)
def test_personal_data_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "on 01.02.2024 at 10:30",
        "it cost 1234567 euros",
        "0.0000012345 of it",
        "order 4111 1111 1111 1112",
        "version 2.10.3-4",
        "AB12 is no account",
        "@home and a@b",
    ],
)
def test_other_numbers_and_signs_stay(text: str) -> None:
    assert masked(text) == text


def test_the_name_of_a_file_keeps_its_digits() -> None:
    assert masked_name("00000012345.png") == "00000012345.png"
    assert masked_name("ada@example.org.png") == "[e-mail]"
