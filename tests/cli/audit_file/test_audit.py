"""`labeler audit FILE` from the file to the report: one set of numbers everywhere, and nothing written but whole."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from labeler.cli.audit_file import advice, calculation, terminal
from labeler.cli.audit_file.flags import BANDS, band_of
from labeler.cli.audit_file.words import Words
from labeler.quality.dataset import Finding
from labeler.quality.detectors.registry import DETECTORS, WRONG_LABELS
from tests.cli.audit_file.conftest import EMAIL, Audited, run, some_texts, write_table

RUN = re.compile(r'<p class="note run">.*?</p>', re.DOTALL)


def rows_of(audited: Audited, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((audited.folder / f"notes.{kind}.csv").read_text(), newline="")))


def test_everything_is_written_beside_the_file_and_nothing_else(audited: Audited) -> None:
    names = {path.name for path in audited.folder.iterdir()}
    kinds = ("report.html", "flags.csv", "flags.json", "sample.csv", "rejected.csv")
    assert names == {"notes.csv", *(f"notes.{kind}" for kind in kinds)}
    assert {Path(path).name for path in audited.told["files"].values()} == names - {"notes.csv"}


def test_wrong_labels_are_found_and_the_source_they_come_from_stands_out(audited: Audited) -> None:
    told = audited.told
    assert told["items"] == 241
    assert told["judged"]
    wrong = {f"t{number}" for number in range(240) if number % 3 == 1 and number % 4 == 0}
    flagged = {flag["external_id"] for flag in audited.flags if flag["kind"] == WRONG_LABELS.kind}
    assert len(flagged & wrong) >= 0.7 * len(wrong)
    assert len(flagged - wrong) <= 0.25 * len(flagged)
    assert told["flagged"]["labels"] == len(flagged)
    first = told["slices"]["shown"][0]
    assert (first["column"], first["value"], first["stands_out"]) == ("source", "phone", True)
    assert any("source = phone" in line for line in told["stands_out"])
    assert told["slices"]["compared"] == 5


def test_a_twin_across_the_split_is_a_leak_and_a_row_without_a_label_is_left_out(audited: Audited) -> None:
    leak = audited.told["leak"]
    leaks = [flag for flag in audited.flags if flag["kind"] == "split_leak"]
    assert (leak["column"], leak["training"], leak["items"]) == ("split", "train", len(leaks))
    assert ("t5", "twin") in [(flag["external_id"], flag["beside"]["external_id"]) for flag in leaks]
    assert {(flag["side"], flag["other_side"]) for flag in leaks} == {("test", "train")}
    rejected = rows_of(audited, "rejected")
    assert [(row["row"], row["column"], row["reason"]) for row in rejected] == [("242", "label", "there is no label")]
    assert audited.told["left_out"] == {"rows": 1, "reasons": {"there is no label": 1}}


def test_the_check_on_planted_mistakes_and_the_learning_curve_are_told(audited: Audited) -> None:
    check, curve = audited.told["check"], audited.told["learning_curve"]
    assert check["planted"] == 10
    assert check["found"] >= 7
    assert check["low"] <= check["share"] <= check["high"]
    assert curve["labels"] == sorted(curve["labels"])
    assert curve["others_after"] >= curve["others_before"]


def test_the_report_says_the_numbers_of_the_json(audited: Audited) -> None:
    told, page = audited.told, re.sub(r"\s+", " ", audited.page)
    assert told["headline"] in page
    assert all(line in page for line in told["stands_out"])
    assert f'<p class="big num">{told["check"]["found"]} of {told["check"]["planted"]}</p>' in page
    assert f'<p class="big num">{told["flagged"]["labels"]}</p>' in page
    assert advice.percent(told["model"]["right"]) in page
    for one in told["classes"]:
        assert re.search(rf">{one['class']}</span></span></th><td class=\"r num\">{one['labels']}</td>", page)
        assert f"{one['flagged']}</td>" in page
    for row in told["confusion"]["counts"]:
        assert all(f">{count:,}</i>" in page for count in row)
    assert f"about +{100 * told['learning_curve']['gain']:.1f} points" in page
    assert told["repeat"] == "labeler audit notes.csv --text text --label label --seed 0"
    assert told["repeat"] in page


def test_the_terminal_says_the_numbers_of_the_json(audited: Audited) -> None:
    said = "\n".join(terminal.lines(audited.told))
    told = audited.told
    assert told["headline"] in said
    assert (
        f"of {told['check']['planted']} labels changed at random on purpose it flags {told['check']['found']}" in said
    )
    assert told["files"]["report"] in said
    assert f"1 row left out (1 x there is no label): {told['files']['rejected']}" in said


def test_flags_are_worst_first_with_words_and_cleanlabs_score_beside_ours(audited: Audited) -> None:
    wrong = [flag for flag in audited.flags if flag["kind"] == WRONG_LABELS.kind]
    assert [flag["score"] for flag in wrong] == sorted((flag["score"] for flag in wrong), reverse=True)
    assert all(flag["band"] == band_of(flag["score"]) and flag["why"] for flag in wrong)
    assert all(0 <= flag["cleanlab_score"] <= 1 and 0 <= flag["suggested_probability"] <= 1 for flag in wrong)
    assert all(flag["item"] == int(flag["external_id"][1:]) + 1 for flag in wrong)
    rows = rows_of(audited, "flags")
    assert [(row["item"], row["kind"], float(row["score"])) for row in rows] == [
        (str(flag["item"]), flag["kind"], flag["score"]) for flag in audited.flags
    ]


def test_no_percentage_is_said_of_a_single_label_before_anybody_checked_one(audited: Audited) -> None:
    worst = audited.page[audited.page.index('id="worst"') : audited.page.index('id="cls"')]
    assert set(re.findall(r"\d ?%(.{6})", worst)) <= {" alike"}
    assert [band for band, _ in BANDS if f">{band}</span>" in worst]


def test_personal_data_in_quotes_is_masked_and_no_path_or_user_is_named(audited: Audited) -> None:
    for name in ("notes.report.html", "notes.flags.csv", "notes.flags.json"):
        text = (audited.folder / name).read_text()
        assert EMAIL not in text
        assert "[e-mail]" in text
    assert str(audited.folder) not in audited.page
    assert str(Path.home()) not in audited.page


def test_the_sample_hides_the_labels_and_has_the_texts_as_they_are(audited: Audited) -> None:
    rows = rows_of(audited, "sample")
    assert len(rows) == 241
    assert {row["label"] for row in rows} == {""}
    assert [row["item"] for row in rows] != sorted((row["item"] for row in rows), key=int)
    assert any(EMAIL in row["text"] for row in rows)


def test_the_report_holds_no_script_and_asks_for_nothing(audited: Audited) -> None:
    assert not re.search(r"<script|<link|@import|url\(|\son[a-z]+=|https?://", audited.page)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_table(tmp_path / "small.csv", ("text", "label"), some_texts(10))


def test_two_runs_with_one_seed_differ_only_in_the_line_of_time(small: Path) -> None:
    found = []
    for _ in range(2):
        run(small, "--quick")
        files = {path.name: path.read_text() for path in small.parent.iterdir()}
        report = files.pop("small.report.html")
        assert RUN.search(report)
        found.append((RUN.sub("", report), files))
    assert found[0] == found[1]


def test_json_is_all_that_stands_on_standard_output(small: Path) -> None:
    result = run(small, "--quick", "--json")
    assert json.loads(result.stdout)["items"] == 30
    assert result.stderr == ""


def test_what_no_audit_has_written_is_not_written_over(small: Path) -> None:
    mine = small.with_name("small.flags.csv")
    mine.write_text("mine")
    result = run(small, "--quick", status=1)
    assert "was written by no audit" in result.stderr
    assert {path.name for path in small.parent.iterdir()} == {"small.csv", "small.flags.csv"}
    assert mine.read_text() == "mine"
    assert "no audit" in run(small, "--out", small, status=1).stderr
    run(small, "--quick", "--force")
    assert mine.read_text() != "mine"


def test_the_report_goes_where_it_is_asked_to(small: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    run(small, "--quick", "--out", tmp_path / "there" / "audit.html")
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        "audit.html", "small.flags.csv", "small.flags.json", "small.sample.csv"
    }  # fmt: skip
    assert "There is no folder" in run(small, "--out", tmp_path / "nowhere" / "a.html", status=1).stderr


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_a_run_that_is_stopped_leaves_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise stop

    monkeypatch.setattr(calculation, "audit", stopped)
    run(small, status=1)
    assert [path.name for path in small.parent.iterdir()] == ["small.csv"]


@pytest.mark.parametrize("content", ["", "text,label\n", "text,label\na,\n", "text,label\na,x\nb,x\n"])
def test_a_file_that_cannot_be_judged_is_one_clear_line_and_nothing_is_written(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    result = run(path, status=1)
    assert result.stdout == ""
    assert re.fullmatch(r"Error: [^\n]+\n", result.stderr)
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_a_column_that_gives_the_class_away_and_problems_of_texts_are_told(tmp_path: Path) -> None:
    rows = [(text, label, f"camera {label}") for text, label in some_texts(20, 0.0)]
    rows.append(("...", rows[0][1], rows[0][2]))
    path = write_table(tmp_path / "seen.csv", ("text", "label", "camera"), rows)
    told = json.loads(run(path, "--quick", "--json").stdout)
    (one,) = told["set_findings"]
    assert one["said"].startswith('The column "camera" gives the class away: it alone tells 61 of 61 labels')
    page = re.sub(r"\s+", " ", (tmp_path / "seen.report.html").read_text().replace("&#34;", '"'))
    assert one["said"] in told["stands_out"]
    assert one["said"] in page
    flags = json.loads((tmp_path / "seen.flags.json").read_text())
    assert "It holds no letter and no digit, only signs." in [words for flag in flags for words in flag["why"]]
    assert "Texts with problems: 1" in page


def test_where_no_model_can_be_trusted_no_label_is_called_wrong_and_the_headline_says_so(tmp_path: Path) -> None:
    rows = [(text, ("a", "b")[number * 7 % 5 % 2]) for number, (text, _) in enumerate(some_texts(10, 0.0))]
    told = json.loads(run(write_table(tmp_path / "a.csv", ("text", "label"), rows), "--json").stdout)
    assert not told["judged"]
    assert told["flagged"]["labels"] == 0
    assert told["worst"] == []
    assert told["confusion"] is None
    assert told["headline"].startswith("No label is called wrong here")
    page = re.sub(r"\s+", " ", (tmp_path / "a.report.html").read_text())
    assert told["notes"][0] in page.replace("&#39;", "'")
    assert 'id="worst"' not in page
    assert "Worth a look" not in page


@pytest.mark.parametrize("kind", DETECTORS)
def test_every_detector_says_its_reasons_in_plain_sentences(kind: str) -> None:
    reasons = [
        {"kind": "model", "class": 1, "probability": 0.8, "given": 0, "given_probability": 0.1},
        {"kind": "duplicate", "item": 3, "similarity": 0.98, "class": 1},
        {"kind": "unknown", "strength": 3},
    ]
    said = Words(("cat", "dog"), lambda item: f"in row {item}").said(Finding(0, kind, 0.5, 1, 0.8, reasons))
    assert said
    assert "A model that never saw this item holds dog for likelier than cat." in said
    assert "Nearly the same as item in row 3 (98% alike), which is dog." in said
    assert not re.search(r"[<>{}]|%\(", " ".join(said))
