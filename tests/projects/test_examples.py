"""Examples of the guidelines and what changed between two versions, as plain values."""

import pytest

from labeler.errors import Invalid
from labeler.projects.differences import Line, line_changes
from labeler.projects.examples import Example, changes, from_json, to_json, with_example


def test_examples_survive_being_kept() -> None:
    found = (Example(7, "yes", 1), Example(8, "tricky", None, "ask the lead"))
    assert from_json(to_json(found)) == found


def test_a_class_has_two_of_each_kind_and_five_tricky_cases() -> None:
    found: tuple[Example, ...] = ()
    for kind, most in (("yes", 2), ("no", 2), ("tricky", 5)):
        for n in range(most):
            found = with_example(found, Example(hash(kind) % 97 * 10 + n, kind, 1, "why"))
        with pytest.raises(Invalid) as refused:
            with_example(found, Example(999, kind, 1, "why"))
        assert refused.value.field == "kind"
    assert with_example(found, Example(999, "yes", 2))[-1].class_id == 2


def test_saying_something_else_about_an_item_replaces_what_was_said_in_its_place() -> None:
    found = with_example((Example(1, "yes", 1), Example(2, "yes", 1)), Example(1, "no", 1, "  not\nthis "))
    assert found == (Example(1, "no", 1, "not this"), Example(2, "yes", 1))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Example(1, "maybe", 1), "kind"),
        (Example(1, "yes", None), "class"),
        (Example(1, "tricky", 1), "note"),
        (Example(1, "no", 1, "x" * 301), "note"),
    ],
)
def test_an_example_that_says_too_little_or_too_much_is_refused_naming_the_field(wrong: Example, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        with_example((), wrong)
    assert refused.value.field == field


def test_changes_name_what_went_what_became_otherwise_and_what_came() -> None:
    before = (Example(1, "yes", 1), Example(2, "yes", 1), Example(3, "no", 1))
    after = (Example(1, "yes", 1), Example(3, "no", 1, "why"), Example(4, "no", 1))
    assert [(one.before, one.after) for one in changes(before, after)] == [
        (before[1], None),
        (before[2], after[1]),
        (None, after[2]),
    ]


def test_changed_lines_stand_between_a_little_of_what_stayed() -> None:
    before = "\n".join(f"line {n}" for n in range(9))
    found = line_changes(before, before.replace("line 4", "line four\nand more"))
    assert found == [
        Line("cut"),
        Line("same", "line 2"),
        Line("same", "line 3"),
        Line("removed", "line 4"),
        Line("added", "line four"),
        Line("added", "and more"),
        Line("same", "line 5"),
        Line("same", "line 6"),
        Line("cut"),
    ]


@pytest.mark.parametrize(("before", "after", "kinds"), [("", "a", ["added"]), ("a", "", ["removed"]), ("a", "a", [])])
def test_the_ends_of_a_text_and_no_change_at_all(before: str, after: str, kinds: list[str]) -> None:
    assert [line.kind for line in line_changes(before, after)] == kinds
