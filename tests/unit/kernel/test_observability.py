"""Log lines and metrics as CloudWatch reads them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from kernel.observability import about, begin, count, logger, measure_milliseconds

Json = dict[str, Any]


Lines = Callable[[], list[Json]]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Catch what the logger writes; it took hold of the standard output when it was made."""
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return lambda: parsed(stream.getvalue())


def parsed(text: str) -> list[Json]:
    """Read a function's output, one JSON object a line."""
    return [json.loads(line) for line in text.splitlines()]


def test_every_line_bears_the_ids_of_the_work(logged: Lines) -> None:
    """Given what an invocation is about, each of its lines says so."""
    begin("cor_1", user_id="usr_1")
    about(purchase_id="pur_1")

    logger.info("one")
    logger.warning("two", extra={"step": "settle"})

    one, two = logged()
    ids = {"correlation_id": "cor_1", "user_id": "usr_1", "purchase_id": "pur_1"}
    assert one.items() >= {**ids, "message": "one"}.items()
    assert two.items() >= {**ids, "message": "two", "step": "settle"}.items()


def test_ids_end_with_the_work(logged: Lines) -> None:
    """An environment serves one invocation after the other: no id may stay."""
    begin("cor_1", user_id="usr_1", purchase_id="pur_1", run_id="run_1")

    begin("cor_2")
    logger.info("other")

    (line,) = logged()
    assert line["correlation_id"] == "cor_2"
    assert not {"user_id", "purchase_id", "run_id"} & set(line)


def test_a_metric_is_there_by_service_and_by_its_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alarms watch a service's metric, dashboards its parts."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "billing")

    count("PurchasesEnded", outcome="failed")

    (line,) = parsed(capsys.readouterr().out)
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == "CreditEngine"
    assert metric["Dimensions"] == [["service"], ["service", "outcome"]]
    assert metric["Metrics"] == [{"Name": "PurchasesEnded", "Unit": "Count"}]
    assert line["PurchasesEnded"] == 1
    assert (line["service"], line["outcome"]) == ("billing", "failed")
    assert line["_aws"]["Timestamp"] > 0


def test_durations_are_in_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    """The unit is CloudWatch's own word for it."""
    measure_milliseconds("RunDuration", 250)

    (line,) = parsed(capsys.readouterr().out)
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric["Metrics"] == [{"Name": "RunDuration", "Unit": "Milliseconds"}]
    assert metric["Dimensions"] == [["service"]]
    assert line["RunDuration"] == 250
