"""Items on both sides of a split."""

from labeler.quality import split_leak


def test_a_column_is_a_split_by_its_name_and_its_few_values() -> None:
    assert split_leak.split_column({"kind": ["a", "b"], "Split": ["train", "test"]}) == "Split"
    assert split_leak.split_column({"set": [str(n) for n in range(13)], "fold": ["1", "1"]}) == ""


def test_items_outside_the_training_side_with_a_twin_on_another_side_are_leaks() -> None:
    sides = ["train", "test", "test", "dev", "train", "train"]
    twins = {0: {1: 0.99, 4: 1.0}, 1: {0: 0.99}, 2: {3: 0.95}, 3: {2: 0.95}, 4: {0: 1.0}}
    leak = split_leak.find("split", sides, twins)
    assert leak.pairs == ((1, 0), (2, 3), (3, 2))
    assert (leak.training, leak.compared) == ("train", 3)


def test_the_largest_side_is_the_one_models_learn_from_where_none_is_called_train() -> None:
    assert split_leak.find("fold", ["1", "2", "2"], {0: {1: 1.0}, 1: {0: 1.0}}).pairs == ((0, 1),)
