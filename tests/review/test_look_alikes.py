"""In a time of review look-alikes of one suspected confusion come one after the other, also after each decision."""

import uuid
from collections.abc import Callable

from sqlalchemy import update

from labeler import workflow
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.quality.calibration.queries import calibration
from labeler.quality.models import ItemScore
from labeler.review import sitting
from labeler.review.queue import Wanted
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


def test_the_order_of_a_sitting_keeps_look_alikes_together(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(items=6, votes=1)
    answer(made, "ann", ["cat"] * 6)
    suspects = [Suspect(n, score=0.9 - n / 20, label="cat", suggested="dog") for n in range(5)]
    run = add_pass(database, made, [*suspects, Suspect(5, score=0.1, label="cat", suggested="neither")])
    with database.write() as session:
        session.execute(update(ItemScore).values(neighbours=[]))
        near = [[made.items[3], 0.95], [made.items[5], 0.99], [made.items[1], 0.5]]
        of_first = update(ItemScore).where(ItemScore.item_id == made.items[0])
        session.execute(of_first.values(neighbours=near))

    def ordered() -> list[int]:
        with database.read() as session:
            known = calibration(session, made.id)
            found = sitting.in_time_order(session, made.id, Wanted(run), known, cast["olga"])
            return [made.items.index(one.item) for one in found]

    assert ordered() == [0, 3, 1, 2, 4, 5]  # neither what is half alike, nor what is suspected of something else
    with database.write() as session:
        wanted = Decision(str(uuid.uuid4()), made.items[0], "keep")
        workflow.resolve(session, session.get_one(Project, made.id), wanted, by=cast["olga"])
    assert ordered() == [3, 1, 2, 4, 5]
