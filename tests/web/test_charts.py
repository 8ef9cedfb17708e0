"""Where the marks of the charts stand, and what the dashboard concludes from its numbers."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from labeler.web.dashboard.view_model import Agreement, ClassMark, Estimate, Verdict, mix_ups
from labeler.web.shared.charts import (
    DayCount,
    Forecast,
    Gauge,
    gauge_end,
    gauge_start,
    heat_level,
    line_chart,
    range_dot,
    round_days,
    round_steps,
)

FIRST = date(2024, 11, 3)
WEEK = [DayCount(FIRST + timedelta(days=day), 100 * (day + 1)) for day in range(8)]


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_a_gauge_places_value_interval_and_target_in_percent_of_its_scale() -> None:
    gauge = Gauge(0.78, 0.74, 0.82, 0.8, start=0.5)
    assert (gauge.value_at, gauge.low_at, gauge.range_width, gauge.target_at) == (56.0, 48.0, 16.0, 60.0)


def test_a_gauge_keeps_everything_inside_its_scale_and_a_narrow_interval_visible() -> None:
    gauge = Gauge(1.0, 1.0, 1.0, None)
    assert (gauge.value_at, gauge.low_at, gauge.range_width, gauge.target_at) == (100.0, 100.0, 1.0, None)
    assert Gauge(-0.5, -0.9, 0.1, None).value_at == 0


def test_the_scale_of_a_gauge_holds_its_interval_and_its_target() -> None:
    assert [gauge_start(0.74, 0.8), gauge_start(0.2, None), gauge_start(0.6, 0.4), gauge_start(-0.1, 0.8)] == [
        0.5,
        0,
        0,
        -1,
    ]
    assert [gauge_end(0.039, 0.05), gauge_end(0.19, 0.05), gauge_end(0.4, None), gauge_end(0.7, 0.05)] == [
        0.1,
        0.2,
        0.5,
        1,
    ]


def test_a_range_dot_stays_inside_its_drawing() -> None:
    dot = range_dot(1.0, (0.2, 1.0), 0.75)
    assert (dot.value_x, dot.low_x, dot.high_x, dot.team_x) == (130.0, 6.0, 130.0, 68.0)
    assert range_dot(0.9, (0.8, 0.95), None).team_x is None


@pytest.mark.parametrize(("share", "level"), [(0.0, 0), (0.0001, 1), (0.04, 10), (0.08, 20), (0.5, 20)])
def test_a_heat_cell_has_a_shade_from_0_to_20(share: float, level: int) -> None:
    assert heat_level(share, 0.08) == level


@pytest.mark.parametrize(
    ("top", "steps"), [(12000, [0, 4000, 8000, 12000]), (3, [0, 1, 2, 3]), (1, [0, 1]), (10, [0, 4, 8])]
)
def test_grid_lines_stand_at_round_numbers(top: int, steps: list[int]) -> None:
    assert round_steps(top) == steps


@pytest.mark.parametrize("top", [1, 7, 99, 1234, 99_999, 300_000])
def test_there_are_never_more_than_five_grid_lines(top: int) -> None:
    steps = round_steps(top)
    assert 2 <= len(steps) <= 5
    assert steps[-1] <= top


@pytest.mark.parametrize("span", [1, 6, 30, 200, 700, 4000])
def test_days_on_the_axis_have_equal_steps(span: int) -> None:
    days = round_days(FIRST, FIRST + timedelta(days=span))
    assert days[0] == FIRST
    assert len({later - day for day, later in pairwise(days)}) == 1
    assert len(days) <= max(7, span // 364 + 1)


def test_a_line_needs_two_days_and_items() -> None:
    assert line_chart(WEEK[:1], 1000, None) is None
    assert line_chart(WEEK, 0, None) is None


def test_the_line_rises_from_the_first_day_to_today() -> None:
    chart = line_chart(WEEK, 1000, None)
    assert chart is not None
    line = points(chart.done_path)
    assert len(line) == len(WEEK)
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert [y for _, y in line] == sorted((y for _, y in line), reverse=True)
    assert line[-1] == chart.now
    assert not chart.band_path


def test_the_forecast_meets_the_goal_on_its_day_and_the_band_spans_early_to_late() -> None:
    today = WEEK[-1].day
    early, likely, late = (today + timedelta(days=days) for days in (1, 2, 4))
    chart = line_chart(WEEK, 1000, Forecast(likely, early, late))
    assert chart is not None
    start, end = points(chart.ahead_path)
    assert start == chart.now
    assert end == chart.forecast_at
    assert end[1] == chart.goal_y
    band = points(chart.band_path)
    assert {y for _, y in band[1:]} == {chart.goal_y}
    assert band[1][0] < end[0] < band[-1][0] <= chart.right


def test_a_forecast_beyond_the_chart_is_cut_at_its_edge_below_the_goal() -> None:
    far = WEEK[-1].day + timedelta(days=900)
    chart = line_chart(WEEK, 100_000, Forecast(far, far - timedelta(days=300), None))
    assert chart is not None
    assert chart.forecast_at is not None
    assert chart.forecast_at[0] == chart.right
    assert chart.goal_y < chart.forecast_at[1] < chart.now[1]
    assert points(chart.band_path)[-1] == (chart.right, chart.now[1])


def test_a_band_from_inside_to_beyond_the_edge_fills_the_corner() -> None:
    today = WEEK[-1].day
    chart = line_chart(WEEK, 1000, Forecast(today + timedelta(days=3), today + timedelta(days=1), None))
    assert chart is not None
    assert (float(chart.right), chart.goal_y) in points(chart.band_path)


def test_nothing_is_forecast_when_all_is_done() -> None:
    day = WEEK[-1].day + timedelta(days=2)
    chart = line_chart(WEEK, 800, Forecast(day, day, day))
    assert chart is not None
    assert chart.forecast is None


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.8, 0.9, Verdict.MET), (0.5, 0.79, Verdict.NOT_MET), (0.74, 0.82, Verdict.OPEN)]
)
def test_a_target_is_met_only_by_the_whole_interval(low: float, high: float, verdict: Verdict) -> None:
    assert Agreement("alpha", Estimate((low + high) / 2, low, high), target=0.8).verdict is verdict


def test_without_an_estimate_there_is_no_verdict_and_no_gauge() -> None:
    agreement = Agreement("alpha", None, "needs more", target=0.8)
    assert (agreement.verdict, agreement.gauge) == (None, None)


def marks(count: int) -> list[ClassMark]:
    return [ClassMark(f"class {position}", position) for position in range(1, count + 1)]


def test_mix_ups_are_shares_of_their_row_and_only_filled_cells_open_something() -> None:
    mixed = mix_ups(marks(2), [[9, 1], [0, 0]], lambda final, vote: f"/{final}/{vote}")
    assert mixed is not None
    top = mixed.rows[0]
    assert [(cell.share, cell.href, cell.same) for cell in top] == [(0.9, "/0/0", True), (0.1, "/0/1", False)]
    assert (top[0].level, top[1].level, top[1].hot) == (0, 20, True)
    assert [(cell.share, cell.href) for cell in mixed.rows[1]] == [(0.0, ""), (0.0, "")]


def test_a_small_largest_mix_up_does_not_glow() -> None:
    mixed = mix_ups(marks(2), [[99, 1], [0, 100]], lambda _final, _vote: "/")
    assert mixed is not None
    assert not mixed.rows[0][1].hot


def test_many_classes_give_the_ten_pairs_mixed_up_most() -> None:
    counts = [[100 if i == j else 0 for j in range(13)] for i in range(13)]
    for other in range(1, 13):
        counts[other][0] = other
    counts[0][12] = 20
    mixed = mix_ups(marks(13), counts, lambda final, vote: f"/{final}/{vote}")
    assert mixed is not None
    assert not mixed.rows
    assert len(mixed.pairs) == 10
    first = mixed.pairs[0]
    assert (first.first.position, first.second.position, first.there, first.back) == (1, 13, 20, 12)
    assert (first.there_href, first.back_href) == ("/0/12", "/12/0")
    assert mixed.pairs[1].there == 11


def test_without_answers_there_are_no_mix_ups() -> None:
    assert mix_ups(marks(2), [[0, 0], [0, 0]], lambda _final, _vote: "/") is None
