"""What is stored by place in the order of classes, when a class goes that came later than what is stored."""

import pytest

from labeler.projects.models import ProjectClass
from labeler.projects.queries import Classes
from labeler.task_types.registry import TASK_TYPES
from labeler.workflow.recoding import Recoding

FOUR = Classes(
    tuple(ProjectClass(id=n, project_id=1, position=n - 1, name="abcd"[n - 1]) for n in (1, 2, 3, 4)),
    TASK_TYPES["classification"],
)


@pytest.mark.parametrize(
    ("gone", "into", "right"),
    [("4", "1", [0.5, 0.3, 0.2]), ("1", "4", [0.3, 0.2, 0.5]), ("4", "", [0.5, 0.3, 0.2])],
)
def test_probabilities_of_a_run_before_a_class_was_added_can_be_recoded(
    gone: str, into: str, right: list[float]
) -> None:
    recoding = Recoding(FOUR, gone, into)
    assert recoding.probabilities([0.5, 0.3, 0.2]) == right
