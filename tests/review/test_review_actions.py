"""What the queue holds and in which order, what decisions do, and what is counted from them."""

import uuid
from collections.abc import Callable

import pytest

from labeler import workflow
from labeler.decisions import outcomes
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.final import standing_of
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.calibration.probability import Calibration
from labeler.review import disagreements, precision, queue
from labeler.review.accepting import read_accepting
from labeler.review.queue import Wanted
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


def decide(database: Database, made: Made, by: int, item: int, decision: str, **more: str) -> Review:
    with database.write() as session:
        code = classes_of(session, made.id).by_name[more["label"]] if "label" in more else ""
        wanted = Decision(
            more.get("key") or str(uuid.uuid4()),
            made.items[item],
            decision,
            code=code,
            reason=more.get("reason", ""),
            batch=more.get("batch", ""),
        )
        return workflow.resolve(session, session.get_one(Project, made.id), wanted, by=by)[0]


def take_back(database: Database, made: Made, by: int) -> list[int]:
    with database.write() as session:
        return [review.item_id for review in workflow.take_back(session, session.get_one(Project, made.id), by)]


def final(database: Database, made: Made, item: int) -> str:
    with database.read() as session:
        return classes_of(session, made.id).name_of(standing_of(session, made.id, made.items[item]).final) or ""


def places(database: Database, made: Made, wanted: Wanted) -> list[int]:
    with database.read() as session:
        return [made.items.index(flag.item_id) for flag in queue.waiting(session, wanted)]


# -- the queue ------------------------------------------------------------------------------------------------------


def test_kinds_come_in_their_order_and_the_worst_first_within_a_kind(database: Database, make_project: Make) -> None:
    made = make_project(given="cat")
    run = add_pass(
        database,
        made,
        [
            Suspect(0, "outlier", 1.0),
            Suspect(1, "label_error", 0.6, "cat", "dog", 0.6),
            Suspect(2, "label_error", 0.9, "cat", "dog", 0.9),
            Suspect(3, "ambiguous", 0.99, "cat"),
        ],
    )
    assert places(database, made, Wanted(run)) == [2, 1, 3, 0]


def test_an_item_stands_once_in_the_whole_queue_and_under_each_of_its_kinds(
    database: Database, make_project: Make
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, [Suspect(0, "ambiguous"), Suspect(0, "label_error"), Suspect(1, "ambiguous")])
    assert places(database, made, Wanted(run)) == [0, 1]
    assert places(database, made, Wanted(run, "ambiguous")) == [0, 1]
    with database.read() as session:
        assert queue.counts(session, run) == {"": 2, "label_error": 1, "ambiguous": 2}


def test_the_queue_can_be_walked_to_the_end_and_back(database: Database, make_project: Make) -> None:
    made = make_project(items=6, given="cat")
    kinds = ["label_error", "label_error", "label_error", "contradiction", "outlier", "outlier"]
    scores = [0.9, 0.9, 0.5, 0.7, 0.8, 0.8]
    run = add_pass(
        database,
        made,
        [Suspect(n, kind, score) for n, (kind, score) in enumerate(zip(kinds, scores, strict=True))],
    )
    wanted, order = Wanted(run), []
    with database.read() as session:
        at = queue.waiting(session, wanted, limit=1)
        while at:
            order.append(at[0])
            at = queue.waiting(session, wanted, after=at[0], limit=1)
        assert [made.items.index(flag.item_id) for flag in order] == [0, 1, 2, 3, 4, 5]
        back = [queue.before(session, wanted, flag) for flag in order]
        assert [found[0] if found else None for found in back] == [None, *order[:-1]]
        assert queue.before(session, wanted, order[4], limit=3) == [order[3], order[2], order[1]]


def test_the_queue_can_be_narrowed_to_one_mix_up_and_to_a_probability(database: Database, make_project: Make) -> None:
    made = make_project(given="cat")
    run = add_pass(
        database,
        made,
        [
            Suspect(0, "label_error", 0.9, "cat", "dog", 0.9),
            Suspect(1, "label_error", 0.8, "cat", "neither", 0.95),
            Suspect(2, "label_error", 0.7, "dog", "cat", 0.4),
        ],
    )
    with database.read() as session:
        codes = classes_of(session, made.id).by_name
    assert places(database, made, Wanted(run, label=codes["cat"], suggested=codes["dog"])) == [0]
    assert places(database, made, Wanted(run, score_from=0.8)) == [0, 1]


def test_a_decided_item_leaves_the_queue_and_an_undone_one_comes_back(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, [Suspect(0, score=0.9), Suspect(1, score=0.8)])
    decide(database, made, cast["olga"], 0, "keep")
    assert places(database, made, Wanted(run)) == [1]
    with database.read() as session:
        assert outcomes.decided(session, made.id) == outcomes.Decided(kept=1)
    assert take_back(database, made, cast["olga"]) == [made.items[0]]
    assert places(database, made, Wanted(run)) == [0, 1]


# -- decisions ------------------------------------------------------------------------------------------------------


def test_the_final_label_is_the_review_else_the_consensus_else_the_given_label(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(items=1, given="cat")
    assert final(database, made, 0) == "cat"
    answer(made, "ann", ["dog"])
    assert final(database, made, 0) == "dog"
    answer(made, "bob", ["cat"])
    assert final(database, made, 0) == ""  # a tie: the given label is one more opinion, not the answer
    decide(database, made, cast["olga"], 0, "relabel", label="neither")
    assert final(database, made, 0) == "neither"


def test_a_label_that_is_not_there_cannot_be_kept(database: Database, make_project: Make, cast: dict[str, int]) -> None:
    made = make_project(items=1)
    with pytest.raises(Invalid):
        decide(database, made, cast["olga"], 0, "keep")


def test_the_same_key_stores_one_decision_and_refuses_another(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    key = str(uuid.uuid4())
    first = decide(database, made, cast["olga"], 0, "relabel", label="dog", key=key)
    assert decide(database, made, cast["olga"], 0, "relabel", label="dog", key=key).id == first.id
    with pytest.raises(Conflict):
        decide(database, made, cast["olga"], 0, "keep", key=key)
    with database.read() as session:
        assert len([one for one, _ in decision_queries.history_with_authors(session, made.items[0])]) == 1


def test_a_later_decision_replaces_the_earlier_one_and_undoing_it_brings_that_back(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    decide(database, made, cast["olga"], 0, "relabel", label="dog", reason="ears")
    decide(database, made, cast["olga"], 0, "exclude")
    with database.read() as session:
        assert session.get_one(Item, made.items[0]).open_slots == 0
    take_back(database, made, cast["olga"])
    with database.read() as session:
        history = decision_queries.history_with_authors(session, made.items[0])
        assert [(review.decision, review.status) for review, _ in history] == [
            ("relabel", "current"),
            ("exclude", "undone"),
        ]
        assert (history[0][1].name, history[0][0].reason) == ("Olga", "ears")
        assert session.get_one(Item, made.items[0]).open_slots == 2
    assert final(database, made, 0) == "dog"


def test_an_item_that_is_sent_back_is_asked_once_more(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(items=1)
    answer(made, "ann", ["dog"])
    answer(made, "bob", ["dog"])
    decide(database, made, cast["olga"], 0, "send_back", reason="look at the tail")
    with database.read() as session:
        item = session.get_one(Item, made.items[0])
        assert (item.round, item.open_slots) == (1, 1)
    take_back(database, made, cast["olga"])
    with database.read() as session:
        assert session.get_one(Item, made.items[0]).open_slots == 0


def test_one_undo_takes_back_all_decisions_of_one_step(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    decide(database, made, cast["olga"], 0, "keep")
    for item in (1, 2, 3):
        decide(database, made, cast["olga"], item, "relabel", label="dog", batch="together")
    assert sorted(take_back(database, made, cast["olga"])) == made.items[1:4]
    assert take_back(database, made, cast["olga"]) == made.items[:1]
    assert take_back(database, made, cast["olga"]) == []


# -- what is counted ------------------------------------------------------------------------------------------------


def test_only_decisions_made_one_by_one_count_as_checked(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, [Suspect(n, "label_error", 0.8 + n / 100, "cat", "dog", 0.9) for n in range(5)])
    decide(database, made, cast["olga"], 0, "relabel", label="dog")
    decide(database, made, cast["olga"], 1, "keep")
    decide(database, made, cast["olga"], 2, "exclude")
    decide(database, made, cast["olga"], 3, "relabel", label="dog", batch="together")
    with database.read() as session:
        cat = classes_of(session, made.id).by_name["cat"]
        bulk = read_accepting(session, session.get_one(Project, made.id), run, "label_error", Calibration())
        assert sorted(bulk.checked) == [(80, cat, True), (81, cat, False)]
        assert bulk.waiting == [(84, cat)]
        found = precision.precision(session, made.id, "label_error")
    assert (found.checked, found.right) == (2, 1)


@pytest.mark.parametrize(("wrong", "percent"), [(0.5, 50), (0.57, 57), (0.58, 58), (0.899999, 89), (0.9, 90), (1, 100)])
def test_a_probability_counts_under_its_percent_rounded_down(
    database: Database, make_project: Make, wrong: float, percent: int
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, [Suspect(0, "label_error", wrong, "cat", "dog", 0.9)])
    with database.read() as session:
        bulk = read_accepting(session, session.get_one(Project, made.id), run, "label_error", Calibration())
        assert [at for at, _ in bulk.waiting] == [percent]
    assert places(database, made, Wanted(run, score_from=percent / 100)) == [0]


# -- disagreements --------------------------------------------------------------------------------------------------


def test_ties_come_first_and_decided_disagreements_leave(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(items=4, votes=3)
    with database.write() as session:
        from labeler.accounts.actions import set_member
        from tests.conftest import NOW

        set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    answer(made, "ann", ["dog", "dog", "dog", "cat"])
    answer(made, "bob", ["cat", "dog", "cat", "cat"])
    answer(made, "rita", ["cat", "neither", "neither", "cat"])

    def order() -> list[int]:
        with database.read() as session:
            found = disagreements.following(session, made.id, limit=9)
            return [made.items.index(one.item_id) for one in found]

    assert order() == [2, 0, 1]
    with database.read() as session:
        first, second, third = disagreements.following(session, made.id, limit=3)
        assert disagreements.previous(session, made.id, first) is None
        assert disagreements.previous(session, made.id, third) == second
        assert disagreements.previous(session, made.id, second) == first
        assert disagreements.following(session, made.id, after=first) == [second]
        assert disagreements.following(session, made.id, after=third) == []
        codes = classes_of(session, made.id).by_name
        pair = (codes["dog"], codes["neither"])
        both = disagreements.following(session, made.id, pair=pair, limit=9)
        assert [made.items.index(one.item_id) for one in both] == [2, 1]
        assert disagreements.counts(session, made.id) == (0, 3)
    decide(database, made, cast["olga"], 2, "relabel", label="dog")
    assert order() == [0, 1]
    with database.read() as session:
        assert disagreements.counts(session, made.id) == (1, 3)
