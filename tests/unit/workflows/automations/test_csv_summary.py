"""`csv-summary`: types and statistics of every column, of any CSV text."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.automations.csv_summary import columns as columns_module
from workflows.automations.csv_summary import summary as summary_module
from workflows.automations.csv_summary.handler import handler
from workflows.automations.csv_summary.summary import summarise
from workflows.automations.verdict import AutomationFailed

STAFF = """name,age,height,member,joined
Ada,36,1.70,true,2024-01-05
"Hopper, Grace",85,1.6,FALSE,2023-12-31
Alan,41,,true,2024-06-07
"""


def column(text: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401  # passed on
    """Summarise a text and return its first column."""
    first: dict[str, Any] = summarise(text, **options)["columns"][0]
    return first


def test_a_table_is_summarised_column_by_column() -> None:
    """Given five columns of five types, each has its type and statistics."""
    summary = summarise(STAFF)

    fields = ("name", "type", "count", "missing", "distinct", "min", "max", "mean")
    assert summary["rows"] == 3
    assert [tuple(one[name] for name in fields) for one in summary["columns"]] == [
        ("name", "text", 3, 0, 3, "Ada", "Hopper, Grace", None),
        ("age", "integer", 3, 0, 3, 36, 85, 54.0),
        ("height", "number", 2, 1, 2, 1.6, 1.7, 1.65),
        ("member", "boolean", 3, 0, 2, None, None, None),
        ("joined", "date", 3, 0, 3, "2023-12-31", "2024-06-07", None),
    ]
    assert all(set(one) == set(fields) for one in summary["columns"])


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "+3", "0"], "integer"),
        (["1", "2.5"], "number"),
        (["1e3", ".5", "-0.1E-2"], "number"),
        (["02139", "10115"], "text"),
        (["1e999"], "text"),
        (["nan", "inf"], "text"),
        (["true", "False"], "boolean"),
        (["true", "1"], "text"),
        (["2024-02-29", "2024-02-29T10:00Z"], "date"),
        (["2023-02-29"], "text"),
        (["12345678901234567890"], "number"),
        (["", " "], "empty"),
        (["\u0663"], "text"),
    ],
)
def test_a_column_has_the_first_type_that_fits_all_values(cells: list[str], kind: str) -> None:
    """Given cells, the type is the narrowest that all of them have."""
    text = "id,cell\n" + "".join(f"{index},{cell}\n" for index, cell in enumerate(cells))

    assert summarise(text)["columns"][1]["type"] == kind


def test_dates_are_compared_as_moments() -> None:
    """Given times with offsets, the smallest is the earliest, whatever the text looks like."""
    summary = column("at\n2024-01-01T01:00+02:00\n2024-01-01T00:30Z\n")

    assert (summary["min"], summary["max"]) == ("2024-01-01T01:00+02:00", "2024-01-01T00:30Z")


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1))
def test_the_statistics_of_integers_are_exact(numbers: list[int]) -> None:
    """Given any integers, minimum, maximum, mean and distinct are what they are."""
    summary = column("n\n" + "\n".join(map(str, numbers)))

    assert summary["type"] == "integer"
    assert (summary["min"], summary["max"]) == (min(numbers), max(numbers))
    assert summary["mean"] == float(Fraction(sum(numbers), len(numbers)))
    assert summary["distinct"] == len(set(numbers))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=8)


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_whatever_is_written_as_csv_is_read_as_written(
    rows: list[list[str]], delimiter: str, line_end: str
) -> None:
    """Given quoted cells with anything in them, rows and missing cells add up."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    written = [row for row in rows if len(row) > 1 or row[0].strip()]
    if not written:
        return

    summary = summarise(file.getvalue(), delimiter=delimiter, has_header=False)

    assert summary["rows"] == len(written)
    assert len(summary["columns"]) == max(map(len, written))
    for index, one in enumerate(summary["columns"]):
        values = [row[index] for row in written if index < len(row) and row[index].strip()]
        assert (one["count"], one["missing"]) == (len(values), len(written) - len(values))
        assert one["distinct"] == len({value.strip() for value in values})


@given(st.text())
def test_any_text_is_summarised_or_refused(text: str) -> None:
    """Given any text, the answer is a summary or the verdict `invalid_csv`, nothing else."""
    try:
        assert summarise(text)["rows"] >= 0
    except AutomationFailed as verdict:
        assert verdict.code == "invalid_csv"  # noqa: PT017  # either outcome is right


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    """Given a table with any of the delimiters, it is split by that one."""
    lines = [["name", "price"], ["tea, green", "1.5"], ["coffee; black", "2.5"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)

    assert [one["name"] for one in summarise(text)["columns"]] == ["name", "price"]


def test_a_text_without_a_delimiter_has_one_column() -> None:
    """Given words line by line, there is one column of text."""
    assert [one["type"] for one in summarise("word\nalpha\nbeta\n")["columns"]] == ["text"]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    """Given a text that starts with one, the first column's name does not."""
    assert column("\ufeffname\nAda\n")["name"] == "name"


def test_without_a_header_the_columns_are_numbered() -> None:
    """Given a table without header, its first row counts and the columns get names."""
    summary = summarise("1,2\n3,4\n", has_header=False)

    assert summary["rows"] == 2
    assert [one["name"] for one in summary["columns"]] == ["column_1", "column_2"]


def test_ragged_rows_miss_cells_or_make_columns() -> None:
    """Given a row too short and one too long, cells are missing and a column is added."""
    summary = summarise("a,b\n1\n2,3,4\n\n")

    counts = [(one["name"], one["count"], one["missing"]) for one in summary["columns"]]
    assert summary["rows"] == 2
    assert counts == [("a", 2, 0), ("b", 1, 1), ("column_3", 1, 1)]


def test_a_header_alone_has_no_rows() -> None:
    """Given names only, every column is empty."""
    summary = summarise("a,b\n")

    assert summary["rows"] == 0
    assert [one["type"] for one in summary["columns"]] == ["empty", "empty"]


def test_distinct_values_beyond_the_bound_are_said_to_be_capped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given one value more than is counted, the count stops and says so."""
    monkeypatch.setattr(columns_module, "MAX_DISTINCT", 2)

    exact, capped = column("n\n1\n2\n2\n"), column("n\n1\n2\n3\n")

    assert (exact["distinct"], exact.get("distinct_capped")) == (2, None)
    assert (capped["distinct"], capped["distinct_capped"]) == (2, True)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t\n", 'a,b\n"open,1\n', 'a\n"x"y\n', "a\x00b", "," * 1000, "x" * (2**20 + 1)],
    ids=["empty", "blank", "open quote", "text after quote", "NUL", "too wide", "too long"],
)
def test_what_is_no_csv_is_refused(text: str) -> None:
    """Given a text that is none or beyond the bounds, the verdict is `invalid_csv`."""
    with pytest.raises(AutomationFailed) as verdict:
        summarise(text)

    assert verdict.value.code == "invalid_csv"


def test_the_bounds_are_what_they_say() -> None:
    """Given a table as wide as allowed, it is summarised."""
    text = "," * (summary_module.MAX_COLUMNS - 1)

    assert len(summarise(text)["columns"]) == 1000


@pytest.mark.parametrize(
    ("parameters", "run_input", "rows"),
    [
        ({"csv": "a\n1\n"}, None, 1),
        ({}, {"csv": "a\n1\n2\n"}, 2),
        ({"csv": "a\n1\n"}, {"csv": "a\n1\n2\n"}, 2),
        ({"csv": "1|2\n", "has_header": False, "delimiter": "|"}, {}, 1),
    ],
    ids=["in the parameters", "in the input", "in both", "with options"],
)
def test_the_text_comes_in_the_input_or_the_parameters(
    parameters: dict[str, Any], run_input: dict[str, Any] | None, rows: int
) -> None:
    """Given either or both, the run's own input counts first."""
    event = {"run_id": "run_1", "parameters": parameters, "input": run_input}

    assert handler(event, None)["rows"] == rows


@pytest.mark.parametrize("run_input", [None, {}, {"csv": 5}])
def test_a_run_without_a_text_is_refused(run_input: dict[str, Any] | None) -> None:
    """Given no text at all, the verdict is `invalid_csv`."""
    with pytest.raises(AutomationFailed, match="invalid_csv"):
        handler({"run_id": "run_1", "parameters": {}, "input": run_input}, None)
