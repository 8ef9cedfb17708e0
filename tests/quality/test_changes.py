"""What changed between two checks: new flags, and those that are gone with the reason why."""

from labeler.quality.changes import compare


def test_what_waits_now_and_not_before_is_new_and_what_is_gone_has_a_reason() -> None:
    before = {(1, "label_error"): "7", (2, "label_error"): "7", (3, "label_error"): "7", (3, "outlier"): "7"}
    now = {(3, "outlier"): "7", (4, "ambiguous"): "8"}
    labels = {1: "7", 2: "9", 3: "7", 4: "8"}
    found = compare(5, before, now, labels, {1})
    assert found.as_json() == {
        "since": 5,
        "new": {"ambiguous": 1},
        "gone": {"label_error": 3},
        "why": {"decided": 1, "label_changed": 1, "not_suspected": 1},
    }


def test_an_item_that_is_not_judged_any_more_has_no_label_any_more() -> None:
    assert compare(5, {(1, "outlier"): "7"}, {}, {}, set()).why == {"label_changed": 1}


def test_nothing_changes_while_the_same_flags_wait() -> None:
    waits = {(1, "label_error"): "7"}
    found = compare(5, waits, waits, {1: "7"}, set())
    assert (found.new, found.gone, found.why) == ({}, {}, {})
