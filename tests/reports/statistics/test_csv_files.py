import io
import json
from pathlib import Path as File

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from reports.statistics.chain_ladder import Triangle
from reports.statistics.csv_files import BadFile, CountSeries, read_paths, read_series, read_triangle
from reports.statistics.data_driven_attribution import ChannelPath
from tests.reports.statistics.published import RAA, SICILY_BAN, SICILY_EVENTS, SICILY_POPULATION

WIDE = "cohort,0,1,2\n2026-01,10,20,30\n2026-02,11,21\n2026-03,12,\n"
raa = Triangle.from_cumulative(RAA)


def raa_csv(header: str = "origin,12,24,36,48,60,72,84,96,108,120") -> str:
    rows = [",".join(map(str, [1981 + index, *row])) for index, row in enumerate(RAA)]
    return "\n".join([header, *rows] if header else rows)


def run(command: str, text: str, tmp_path: File, *options: str) -> str:
    file = tmp_path / "given.csv"
    file.write_text(text, encoding="utf-8")
    out = io.StringIO()
    call_command(command, str(file), *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WIDE, id="wide"),
        pytest.param(WIDE.replace(",", ";"), id="semicolons"),
        pytest.param(WIDE.replace("\n", "\r\n") + "\r\n,,\r\n", id="windows and empty lines"),
        pytest.param(WIDE.split("\n", 1)[1], id="no header"),
        pytest.param(
            "cohort,age,value\n2026-01,0,10\n2026-01,1,20\n2026-01,2,30\n2026-02,1,21\n2026-02,0,11\n2026-03,0,12\n",
            id="long",
        ),
    ],
)
def test_a_triangle_is_read(text: str) -> None:
    triangle = read_triangle(text)
    assert triangle.cohorts == ("2026-01", "2026-02", "2026-03")
    expected = [[10, 20, 30], [11, 21, np.nan], [12, np.nan, np.nan]]
    assert np.array_equal(triangle.cumulative, expected, equal_nan=True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(raa_csv(), id="names and ages"),
        pytest.param(raa_csv(header=""), id="names that count up"),
        pytest.param("\n".join(",".join(map(str, row)) for row in RAA), id="bare numbers"),
    ],
)
def test_a_published_triangle_may_have_names_or_not(text: str) -> None:
    assert np.array_equal(read_triangle(text).cumulative, raa.cumulative, equal_nan=True)


def test_incremental_cells_are_added_up() -> None:
    assert read_triangle(WIDE, incremental=True).cumulative[0].tolist() == [10, 30, 60]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "The file is empty.", id="empty"),
        pytest.param("cohort,0,1\n", "no cohort below", id="a header only"),
        pytest.param("cohort,0,1\na,1,2\nb,x,3\n", r"Line 3: cell 1 is 'x'", id="not a number"),
        pytest.param("cohort,0,1\na,1,2\nb,inf,3\n", r"Line 3: cell 1 is 'inf'", id="infinite"),
        pytest.param("cohort,0,1\na,1,2\nb,,\n", "Line 3: this cohort has no figure", id="an empty cohort"),
        pytest.param("cohort,age,value\na,0\n", "Line 2: it has 2 cells", id="long, a cell short"),
        pytest.param("cohort,age,value\na,0.5,1\n", r"Line 2: the age is '0.5'", id="half an age"),
        pytest.param("cohort,age,value\na,0,1\na,0,2\n", "Line 3: age 0 of cohort a is there twice", id="twice"),
    ],
)
def test_what_is_no_triangle_is_said_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem):
        read_triangle(text)


def test_paths_are_read() -> None:
    text = 'path,conversions,value,nulls\nA > B,2,10.5,1\n"A>B, x > A",1,,\nB,0,0,4\n'
    assert read_paths(text) == [
        ChannelPath(("A", "B"), 2, 10.5, 1),
        ChannelPath(("A", "B, x", "A"), 1, 0, 0),
        ChannelPath(("B",), 0, 0, 4),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "The file is empty.", id="empty"),
        pytest.param("path,value\nA,1\n", "Line 1: the header has no column conversions", id="no conversions"),
        pytest.param("path,conversions\n", "no path below", id="a header only"),
        pytest.param("path,conversions\nA,1\nB,two\n", "Line 3: conversions is 'two'", id="not a number"),
        pytest.param("path,conversions\nA,1\nA > > B,2\n", "Line 3: a path has at least one step", id="an empty step"),
        pytest.param("path,conversions\n,2\n", "Line 2: a path has at least one step", id="no path"),
        pytest.param("path,conversions\nA,-2\n", "Line 2: .* not negative", id="negative"),
        pytest.param("path,conversions\nA,1,500\n", "Line 2: it has more cells", id="a decimal comma"),
    ],
)
def test_what_are_no_paths_is_said_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem):
        read_paths(text)


def test_the_triangle_command_gives_the_published_figures(tmp_path: File) -> None:
    found = json.loads(run("triangle", raa_csv(), tmp_path, "--prior=20000", "--exposure=20000", "--format=json"))
    assert found["total"]["reserve"] == pytest.approx(52135.23, abs=0.01)
    assert found["total"]["standard_error"] == pytest.approx(26909.01, abs=0.01)
    assert found["bornhuetter_ferguson"]["total_reserve"] == pytest.approx(53716.60, abs=0.01)
    assert found["cape_cod"]["ratio"] == pytest.approx(1.100514, abs=1e-6)
    assert [row["cohort"] for row in found["cohorts"] if row["is_refused"]] == ["1990"]
    assert found["refusals"] == []


def test_the_triangle_command_says_why_it_refuses(tmp_path: File) -> None:
    found = json.loads(run("triangle", WIDE, tmp_path, "--sales=4", "--format=json"))
    assert [each["reason"] for each in found["refusals"]] == ["few_cohorts", "few_sales", "open_end"]
    assert found["refusals"][0]["sentence"] == "3 cohorts, at least 6 are needed."
    assert "Refused: 3 cohorts" in run("triangle", WIDE, tmp_path)


def test_the_triangle_command_writes_no_number_as_null(tmp_path: File) -> None:
    found = json.loads(run("triangle", "cohort,0,1,2\na,0,0,5\nb,0,0\nc,0\n", tmp_path, "--format=json"))
    assert found["factors"] == [None, None]
    assert found["share"] == [0, 0, 1]
    assert found["cohorts"][2]["ultimate"] is None
    assert "empty_column" in [each["reason"] for each in found["refusals"]]


def test_the_paths_command_gives_the_published_toy(tmp_path: File) -> None:
    text = "path,conversions,value,nulls\nC1 > C2 > C3,1,100,0\nC1,0,0,1\nC2 > C3,0,0,1\n"
    found = json.loads(run("paths", text, tmp_path, "--format=json"))
    assert [found["markov"][name]["removal_effect"] for name in ("C1", "C2", "C3")] == pytest.approx([0.5, 1, 1])
    assert [found["markov"][name]["conversions"] for name in ("C1", "C2", "C3")] == pytest.approx([0.2, 0.4, 0.4])
    assert found["shapley"]["C1"] == {"conversions": pytest.approx(1 / 3), "value": pytest.approx(100 / 3)}
    assert "markov: C1" in run("paths", text, tmp_path)


def test_the_paths_command_goes_on_without_shapley(tmp_path: File) -> None:
    text = "path,conversions\n" + " > ".join("abcdefghijklm") + ",1\n"
    found = json.loads(run("paths", text, tmp_path, "--format=json"))
    assert found["shapley"] is None
    assert found["refusals"][0]["reason"] == "too_many_channels"
    assert found["markov"]["m"]["removal_effect"] == 1


def sicily_csv() -> str:
    rows = zip(range(1, 60), SICILY_EVENTS, SICILY_BAN, SICILY_POPULATION, strict=True)
    return "\n".join(["period,count,during,control", *(",".join(map(str, row)) for row in rows)])


def test_a_series_is_read() -> None:
    text = "period;count;during;control;remark\n2026-W01;3;0;10\n2026-W02;4.5;1;12;late\n"
    assert read_series(text) == CountSeries(("2026-W01", "2026-W02"), (3, 4.5), (False, True), (10, 12))
    assert read_series("during,count,period\n1,2,a\n") == CountSeries(("a",), (2,), (True,), None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "The file is empty.", id="empty"),
        pytest.param("period,count\n1,2\n", "Line 1: the header has no column during", id="no during"),
        pytest.param("period,count,during\n", "no period below", id="a header only"),
        pytest.param("period,count,during\n1,2,0\n2,x,1\n", "Line 3: count is 'x'", id="not a number"),
        pytest.param("period,count,during\n1,-2,0\n", "Line 2: count is '-2', and should be 0 or more", id="negative"),
        pytest.param("period,count,during\n1,,0\n", "Line 2: count is '', and should be 0", id="nothing"),
        pytest.param("period,count,during\n1,2,before\n", "Line 2: during is 'before'", id="not 0 or 1"),
        pytest.param("period,count,during,control\n1,2,0,0\n", "Line 2: control is '0'", id="an empty control"),
        pytest.param("period,count,during\n1,2,0,0\n", "Line 2: it has more cells", id="a decimal comma"),
    ],
)
def test_what_is_no_series_is_said_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem):
        read_series(text)


def test_the_compare_command_gives_the_published_figures(tmp_path: File) -> None:
    found = json.loads(run("compare", sicily_csv(), tmp_path, "--format=json"))
    assert found["rate_ratio"] == pytest.approx(0.89438, abs=5e-6)
    assert found["normal_low"] == pytest.approx(0.83919, abs=5e-6)
    assert found["normal_high"] == pytest.approx(0.95319, abs=5e-6)
    assert found["dispersion"] == pytest.approx(3.5592, abs=5e-5)
    assert found["naive"] == pytest.approx(1.034, abs=5e-4)
    assert len(found["expected"]) == found["periods_during"] == 23
    assert "rate ratio                        0.8944" in run("compare", sicily_csv(), tmp_path)


def test_the_compare_command_says_what_the_residuals_show_of_neighbours(tmp_path: File) -> None:
    found = json.loads(run("compare", sicily_csv(), tmp_path, "--format=json"))
    assert found["neighbours"] == "alike"
    assert found["autocorrelation"] > 0.2
    assert found["autocorrelation_p_value"] < 0.05
    assert found["low"] < 0.83801
    assert found["residuals"].startswith("Neighbouring periods are alike: lag-1 autocorrelation of the residuals 0.")
    assert found["residuals"].endswith(f"{found['widening']:.2f} times as wide as for independent periods.")
    assert found["residuals"] in run("compare", sicily_csv(), tmp_path)


def test_the_compare_command_takes_periods_for_independent_when_asked(tmp_path: File) -> None:
    found = json.loads(run("compare", sicily_csv(), tmp_path, "--independent", "--format=json"))
    assert (found["low"], found["high"]) == (pytest.approx(0.83801, abs=5e-6), pytest.approx(0.95453, abs=5e-6))
    assert found["widening"] == 1
    assert found["neighbours"] == "alike"


def test_the_compare_command_takes_the_unit_of_a_series_of_money(tmp_path: File) -> None:
    sold = "period,count,during\n" + "1,10,0\n2,11,0\n" * 13 + "3,10,1\n4,11,1\n" * 7
    earned = sold.replace(",10,", ",4000,").replace(",11,", ",4400,")
    by_count = json.loads(run("compare", sold, tmp_path, "--format=json"))
    by_money = json.loads(run("compare", earned, tmp_path, "--unit=400", "--format=json"))
    assert by_money["dispersion"] == by_count["dispersion"] == 1
    assert by_money["low"] == pytest.approx(by_count["low"])
    assert by_money["incremental_high"] == pytest.approx(400 * by_count["incremental_high"])


def test_the_compare_command_takes_trend_season_and_price(tmp_path: File) -> None:
    flat = json.loads(run("compare", sicily_csv(), tmp_path, "--no-trend", "--format=json"))
    assert flat["rate_ratio"] == pytest.approx(flat["naive"])
    season = json.loads(run("compare", sicily_csv(), tmp_path, "--season=12", "--format=json"))
    assert season["dispersion"] < 3.5
    text = "period,count,during\n" + "1,1,0\n" * 11 + "1,2,1\n" * 11
    bought = json.loads(run("compare", text, tmp_path, "--price=100", "--margin=.5", "--invested=500", "--format=json"))
    assert bought["gain"]["value"] == pytest.approx(50)
    assert bought["gain"]["roi"] == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("rows", "options", "reason", "sentence"),
    [
        pytest.param("1,1,0\n" * 5 + "1,2,1\n" * 5, (), "few_before", "5 periods before", id="few before"),
        pytest.param("1,1,0\n" * 8 + "1,2,1\n" * 2, (), "few_during", "2 periods of the action", id="few during"),
        pytest.param("1,0,0\n" * 8 + "1,2,1\n" * 5, (), "nothing_before", "Nothing came before", id="nothing before"),
        pytest.param("1,2,0\n" * 8 + "1,0,1\n" * 5, (), "nothing_during", "Nothing came during", id="nothing during"),
        pytest.param(
            "1,2,0\n" * 8 + "1,2,1\n" * 5, ("--season=12",), "short_for_season", "a year of 12", id="short for a season"
        ),
    ],
)
def test_the_compare_command_says_why_it_refuses(tmp_path: File, rows, options, reason, sentence) -> None:
    text = "period,count,during\n" + rows
    found = json.loads(run("compare", text, tmp_path, *options, "--format=json"))
    assert [each["reason"] for each in found["refusals"]] == [reason]
    assert sentence in found["refusals"][0]["sentence"]
    assert found["rate_ratio"] is None
    assert "Refused: " + found["refusals"][0]["sentence"] in run("compare", text, tmp_path, *options)


@pytest.mark.parametrize("option", ["--level=95", "--season=1", "--unit=0", "--unit=nan"])
def test_the_compare_command_refuses_options_without_a_meaning(tmp_path: File, option: str) -> None:
    with pytest.raises(CommandError, match="such as"):
        run("compare", sicily_csv(), tmp_path, option)


@pytest.mark.parametrize("command", ["triangle", "paths", "compare"])
def test_files_that_cannot_be_read_are_said_plainly(command: str, tmp_path: File) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command(command, str(tmp_path / "none.csv"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not text in UTF-8"):
        call_command(command, str(tmp_path / "binary.csv"))
    with pytest.raises(CommandError, match="The file is empty"):
        run(command, "", tmp_path)
