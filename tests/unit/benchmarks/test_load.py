"""What a load of requests comes to."""

from __future__ import annotations

from itertools import count

import pytest

from benchmarks.load import Answer, Load, loaded


def test_refused_requests_count_as_no_run() -> None:
    """Given three answers in two seconds, one of them refused, one run a second was made."""
    answers = [
        Answer(0.01, 202, {"id": "run_1"}),
        Answer(0.03, 202, {"id": "run_2"}),
        Answer(0.02, 409, {"code": "account_busy"}),
    ]
    load = Load(answers, 2.0)
    assert load.per_second == pytest.approx(1.0)
    assert load.refusals == {"account_busy": 1}
    assert load.milliseconds(0.5) == pytest.approx(20.0)


def test_every_client_asks_at_least_once() -> None:
    """Given no time at all, each still sends its first request, and nothing is lost."""
    numbers = count(1)
    load = loaded([lambda: Answer(0.0, 200, {"number": next(numbers)})] * 3, 0.0)
    assert sorted(answer.document["number"] for answer in load.answers) == [1, 2, 3]
