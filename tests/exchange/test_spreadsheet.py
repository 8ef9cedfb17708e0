import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.exchange.parsing.spreadsheet import neutralise, restore

RISKY = st.text(alphabet="'=+-@\t\r\n09.eE a\"", max_size=8)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+", "-", "-5 apples", "=5"])
def test_a_cell_that_would_run_gets_a_quote(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+3.5", "-.5e-3", "-1E6", "5", "", "a=b", "'tis", "'", "it's =1"])
def test_numbers_and_harmless_cells_stay(cell: str) -> None:
    assert neutralise(cell) == cell


def test_no_cell_stays_no_cell() -> None:
    assert neutralise(None) is None


@given(RISKY | st.text())
def test_what_was_neutralised_comes_back_exactly(cell: str) -> None:
    written = neutralise(cell)
    assert written is not None
    assert restore(written) == cell
    assert written[:1] not in {"=", "@", "\t", "\r"}
