"""Texts as tokens: any script, offsets in code points, marks that cover tokens by half."""

import pytest

from labeler.quality.judges.tokens import words


def pieces(text: str) -> list[str]:
    tokens = words.cut([text])
    assert [text[a:b] for a, b in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)] == tokens.words
    return tokens.words


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Ada, from Turin!", ["Ada", ",", "from", "Turin", "!"]),
        ("猫は静か", ["猫", "は", "静", "か"]),
        ("ไปไหน", ["ไ", "ป", "ไ", "ห", "น"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("e\u0301te\u0301 fini", ["e\u0301te\u0301", "fini"]),
        ("a \N{GRINNING FACE} b", ["a", "\N{GRINNING FACE}", "b"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_a_text_is_cut_into_words_and_where_nobody_writes_blanks_into_characters(text: str, right: list[str]) -> None:
    assert pieces(text) == right


@pytest.mark.parametrize(
    ("start", "end", "right"), [(0, 3, (0, 1)), (0, 9, (0, 2)), (2, 9, (1, 2)), (1, 3, (0, 1)), (3, 4, (1, 1))]
)
def test_a_mark_has_the_tokens_that_it_covers_by_half(start: int, end: int, right: tuple[int, int]) -> None:
    assert words.token_range(words.cut(["Ada Turin by train"]), 0, start, end) == right


def test_a_token_is_known_by_itself_and_its_neighbours_in_bounded_columns() -> None:
    tokens = words.cut(["Ada went", "Bob went home"])
    found = words.features(tokens, 2**12)
    assert found.shape == (5, 2**12)
    assert found[1].toarray().tolist() != found[3].toarray().tolist()  # the same word after another
    assert float(found.multiply(found).sum(axis=1).max()) <= 1.5
