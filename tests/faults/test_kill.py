"""The short version of `python -m tests.faults.kill`."""

import pytest

from tests.faults.kill import run


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed() -> None:
    found = run(kills=4, clients=4)
    assert found["acknowledged"] > 20
    wrong = {name: found[name] for name in ("lost", "doubled", "invented", "beyond_wanted", "miscounted")}
    assert wrong == dict.fromkeys(wrong, 0)
