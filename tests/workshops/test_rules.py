"""A rule about two classes within the guidelines."""

import pytest

from labeler.workshops.rules import rule_in, with_rule


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "### cat / dog\n\nLook at the ears.\n"),
        ("# Look\n\nTwice.\n", "# Look\n\nTwice.\n\n### cat / dog\n\nLook at the ears.\n"),
        ("### cat / dog\nold\n", "### cat / dog\n\nLook at the ears.\n"),
        (
            "# A\n### cat / dog\n\nold\n#### exception\nold\n\n## dog\nbarks\n",
            "# A\n### cat / dog\n\nLook at the ears.\n\n## dog\nbarks\n",
        ),
        ("#cat / dog is no heading", "#cat / dog is no heading\n\n### cat / dog\n\nLook at the ears.\n"),
    ],
)
def test_a_rule_takes_the_place_of_the_one_before_and_leaves_all_else(text: str, found: str) -> None:
    assert with_rule(text, "cat", "dog", "Look at the ears.\n") == found
    assert rule_in(found, "cat", "dog") == "Look at the ears."
    assert with_rule(found, "cat", "dog", "Look at the ears.") == found


def test_the_rule_of_another_pair_is_another_rule() -> None:
    assert rule_in("### cat / dog\n\nEars.\n", "dog", "cat") == ""
    assert rule_in("", "cat", "dog") == ""
