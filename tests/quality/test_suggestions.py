"""Which suggestions stay hidden, and whether their effect is found where there is one and only there."""

import random

import pytest

from labeler.errors import Invalid
from labeler.quality.suggestions import (
    Answer,
    Rules,
    Share,
    effect,
    effects,
    is_hidden,
    median_difference,
    share_difference,
    truth_for,
)

CLASSES = ("1", "2", "3", "4")


def simulated(
    seed: int, *, answers: int, anchoring: float, faster: float = 0.0, skill: float = 0.9, user: int = 1
) -> list[Answer]:
    """Answers of a person who takes a shown suggestion unseen with chance `anchoring`, and is else right with `skill`.

    Suggestions are right 8 times in 10; faster: seconds a shown one saves of a median of 4.
    """
    rng = random.Random(seed)
    found = []
    for item in range(answers):
        truth = rng.choice(CLASSES)
        suggested = truth if rng.random() < 0.8 else rng.choice([one for one in CLASSES if one != truth])
        own = truth if rng.random() < skill else rng.choice(CLASSES)
        shown = not is_hidden(seed, item, user, 0.2)
        seconds = rng.lognormvariate(1.386, 0.5) - (faster if shown else 0.0)
        code = suggested if shown and rng.random() < anchoring else own
        found.append(Answer(user, shown, max(seconds, 0.1), code, suggested, truth))
    return found


def test_planted_anchoring_is_found_with_its_size() -> None:
    found = effect(simulated(1, answers=3000, anchoring=0.4))
    assert found.verdict == "harm"
    assert found.misled is not None
    assert found.misled.low < 0.4 * 0.97 < found.misled.high
    assert found.shown.followed.value > 0.35
    assert found.hidden.followed.value < 0.1


def test_without_an_effect_the_range_covers_none_at_its_rate() -> None:
    rounds = [effect(simulated(seed, answers=500, anchoring=0.0, skill=0.6)) for seed in range(200)]
    for differences in ([one.misled for one in rounds], [one.saved for one in rounds]):
        covered = sum(one.low <= 0 <= one.high for one in differences if one)
        assert covered >= 0.91 * 200  # 95 % less two and a half standard errors of 200 rounds
    assert sum(one.verdict == "harm" for one in rounds) <= 0.05 * 200


def test_a_planted_gain_in_speed_lies_in_its_range() -> None:
    rounds = [effect(simulated(seed, answers=500, anchoring=0.0, faster=1.0)).saved for seed in range(100)]
    assert sum(one.low <= 1.0 <= one.high for one in rounds if one) >= 0.89 * 100
    assert sum(one.low > 0 for one in rounds if one) > 0.9 * 100


def test_people_are_told_apart() -> None:
    leaning = simulated(5, answers=1500, anchoring=0.6, user=1)
    own_mind = simulated(6, answers=1500, anchoring=0.0, user=2)
    every, people = effects([*leaning, *own_mind])
    assert people[1].verdict == "harm"
    assert people[2].verdict == "no harm shown"
    assert every.shown.answers == people[1].shown.answers + people[2].shown.answers


def test_too_few_answers_say_how_many_are_missing_and_nothing_else() -> None:
    few = [Answer(1, n % 5 > 0, 3.0, "1", "2", "1") for n in range(18)]
    found = effect(few)
    assert (found.verdict, found.misled, found.missing) == ("unknown", None, 12)
    assert (found.saved, found.hidden.seconds, found.untimed) == (None, None, 6)
    assert effect([]).missing == 30
    one_sided = effect([Answer(1, shown=True, seconds=3.0, code="1", suggested="2", truth="1")] * 40)
    assert (one_sided.misled, one_sided.missing) == (None, 1)


def test_answers_nobody_else_can_judge_say_nothing_about_mistakes() -> None:
    found = effect([Answer(1, n % 2 > 0, 3.0, "1", "2") for n in range(100)])
    assert (found.shown.followed.of, found.shown.right.of, found.missing) == (0, 0, 30)
    assert found.saved is not None


def test_breaks_and_answers_without_a_time_are_no_speed() -> None:
    timed = [Answer(1, n % 2 > 0, 2.0, "1", "1") for n in range(40)]
    pauses = [Answer(1, n % 2 > 0, seconds, "1", "1") for n in range(40) for seconds in (0.0, 3600.0)]
    assert effect([*timed, *pauses]).shown.seconds == 2.0


@pytest.mark.parametrize(
    ("others", "decided", "by", "truth"),
    [
        ({}, "", None, ""),
        ({2: "a"}, "", None, ""),
        ({2: "a", 3: "a"}, "", None, "a"),
        ({2: "a", 3: "b"}, "", None, ""),
        ({2: "a", 3: "b", 4: "a"}, "", None, "a"),
        ({1: "b", 2: "a", 3: "a"}, "", None, "a"),
        ({1: "a", 2: "a", 3: "b"}, "", None, ""),
        ({1: "a", 2: "a"}, "", None, ""),
        ({2: "a", 3: "a"}, "b", 9, "b"),
        ({2: "a", 3: "a"}, "b", 1, "a"),
        ({}, "b", 1, ""),
    ],
)
def test_ones_own_answer_and_ones_own_decision_never_say_what_was_wrong(
    others: dict[int, str], decided: str, by: int | None, truth: str
) -> None:
    assert truth_for(1, others, decided, by) == truth


def test_the_draw_is_the_same_each_time_and_another_for_each_person_and_item() -> None:
    drawn = [[is_hidden(1, item, user, 0.2) for item in range(4000)] for user in (1, 2)]
    assert drawn[0] == [is_hidden(1, item, 1, 0.2) for item in range(4000)]
    for one in drawn:
        assert 0.17 < sum(one) / 4000 < 0.23
    both = sum(a and b for a, b in zip(*drawn, strict=True)) / 4000
    assert 0.02 < both < 0.06  # 0.2 x 0.2: knowing one person's draw says nothing about another's
    assert all(is_hidden(1, item, 1, 0.5) for item in range(4000) if drawn[0][item])


def test_a_difference_of_shares_is_newcombes_published_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table II: 56/70 less 48/80, method 10
    found = share_difference(Share(56, 70), Share(48, 80))
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


def test_a_difference_of_medians_turns_its_sign_with_its_sides() -> None:
    rng = random.Random(3)
    one, other = (sorted(rng.expovariate(rate) for _ in range(count)) for rate, count in ((1.0, 57), (0.5, 2300)))
    there, back = median_difference(one, other), median_difference(other, one)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_rules_outside_their_bounds_are_refused_and_a_project_without_rules_has_them_off() -> None:
    assert Rules.of({}) == Rules(on=False, source="model", hidden_share=0.2)
    kept = Rules(on=True, source="imported", hidden_share=0.05)
    assert Rules.of(kept.as_settings()) == kept
    for wrong, field in ((Rules(hidden_share=0.04), "hidden_share"), (Rules(source="magic"), "source")):
        with pytest.raises(Invalid) as refused:
            wrong.as_settings()
        assert refused.value.field == field
