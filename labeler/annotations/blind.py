"""What annotators see of answers to items that were served blind: the same as of any other.

Nobody may know which items check them or the labels, before they answer or after; a lead sees what each answer was for.
"""

from labeler.annotations.queries import AUDIT, COUNTED, NOT_COUNTED

SHOWN_AS = "label"
BLIND = frozenset({AUDIT, "second_opinion", "gold", "repeat"})  # purposes


def seen_purpose(purpose: str) -> str:
    """Return the purpose of an assignment or an answer as its own annotator sees it."""
    return SHOWN_AS if purpose in BLIND else purpose


def seen_status(status: str) -> str:
    """Return the status of an answer as its own annotator sees it."""
    return COUNTED if status in {AUDIT, NOT_COUNTED} else status
