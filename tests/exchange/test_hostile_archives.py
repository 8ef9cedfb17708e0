from pathlib import Path

from tests.hostile_archives import attack


def test_of_five_hundred_hostile_archives_none_leaves_its_folder_and_none_is_a_crash(tmp_path: Path) -> None:
    outcome = attack(tmp_path)
    assert outcome.payloads >= 500
    assert outcome.crashed == []
    assert outcome.left_their_folder == []
    assert outcome.rows > 100, "honest pictures beside them come in"
