"""Personal data in texts that are quoted in a report, which travels further than the file: shown as what it is.

Note: a mask is a precaution, not a finding. It takes what has the form of an address, a bank account, a card or a
telephone number (`quality/personal_data.py`), and leaves everything else as it is.
"""

from labeler.quality import personal_data

_NAMES = {
    personal_data.EMAIL: "[e-mail]",
    personal_data.ACCOUNT: "[bank account]",
    personal_data.CARD: "[card number]",
    personal_data.PHONE: "[phone number]",
}


def masked_name(name: str) -> str:
    """Return the name of an item or a file, whose digits are its own, without the addresses of people."""
    return personal_data.without(name, _NAMES, kinds=(personal_data.EMAIL,))


def masked(text: str) -> str:
    """Return a text with its personal data replaced by words in brackets."""
    return personal_data.without(text, _NAMES)
