"""Reading `python -X importtime`."""

from __future__ import annotations

from benchmarks.imports import microseconds_by_package, shares

REPORT = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   json.decoder
import time:       200 |        300 | json
import time:      1000 |       1500 |     botocore.session
import time:       500 |       2000 | botocore
a line of something else
import time:       200 |        200 | kernel.http
"""


def test_each_package_is_charged_for_its_own_modules() -> None:
    """Modules are added up by package, what is nobody's is the standard library's."""
    taken = microseconds_by_package(REPORT, frozenset({"botocore", "kernel"}))
    assert taken == {"botocore": 1500, "standard library": 300, "kernel": 200}


def test_shares_name_the_dearest_first() -> None:
    """As many as asked for, in percent of the whole."""
    assert shares({"cheap": 10.0, "dear": 60.0, "middling": 30.0}, 2) == "dear 60%, middling 30%"
