"""Cold starts of every function: imports, clients and the first event.

The unit is importing boto3 and making a DynamoDB client, measured in the same rounds. The first
event is one of `events/`, answered by a stand-in of AWS.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from benchmarks.figures import Spread, over_nothing
from benchmarks.imports import microseconds_by_package, shares
from benchmarks.interpreters import ROOT
from benchmarks.lambdas import Lambda, all_lambdas
from benchmarks.options import Options
from benchmarks.programs import Program, in_turn
from benchmarks.scenes.staging import staged
from benchmarks.stub.client import Stub, running_stub
from benchmarks.tables import NOT_MEASURED, Table

_NOTHING: Final = "nothing"
_CLIENT: Final = "a bare boto3 client"
_CLIENT_AND_CALL: Final = "a bare boto3 client and its first call"
_CLIENT_SOURCE: Final = "import boto3; client = boto3.client('dynamodb')"
_CALL_SOURCE: Final = "client.get_item(TableName='Billing', Key={'pk': {'S': 'a'}})"
_IMPORT: Final = "import json, sys; from {module} import handler"
# What Lambda's init does, the client of DynamoDB included.
_INIT: Final = """
import sys
from {module} import handler
if "kernel.dynamodb" in sys.modules:
    sys.modules["kernel.dynamodb"].client()
"""
_OF_INIT: Final = "{name}, init"
_FIRST_EVENT: Final = "handler(json.load(open(sys.argv[1])), None)"
# The hook counts what Python opens; what the dynamic linker opens it does not see.
_COUNTING: Final = """
import sys
opened = []
sys.addaudithook(lambda name, about: name == "open" and opened.append(about[0]))
{init}
at_init = len(opened)
{more}
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(at_init, len(sys.modules), status["VmHWM"].split()[0], file=sys.stderr)
"""
_MOST_PACKAGES: Final = 5
_KIBIBYTES: Final = 1024

_COLUMNS: Final = (
    "function",
    "imports and clients",
    "budget",
    "through the first event",
    "files opened at init",
    "modules",
    "peak memory MiB",
)
_NOTE: Final = (
    "CPU over that of a bare interpreter, as a multiple of importing boto3 and making a DynamoDB "
    "client in the same rounds; medians, in brackets the middle 80 %. Modules and peak memory are "
    "those after the first event."
)


def tables(options: Options) -> Iterator[Table]:
    """Measure every function."""
    with running_stub() as stub, tempfile.TemporaryDirectory() as folder:
        lambdas = _Lambdas(stub, Path(folder))
        spreads = over_nothing(in_turn(lambdas.actions(), options.cold_rounds), _NOTHING, _CLIENT)
        budgets = {known.name: known.budget for known in all_lambdas()}
        counted = lambdas.counted()
        rows = [_row(name, budgets.get(name), spreads, counts) for name, counts in counted.items()]
        yield Table("cold", "Cold starts", _COLUMNS, rows, _NOTE)
        yield _imports(lambdas)


class _Lambdas:
    """Every function as a program that Lambda would run, with its first event."""

    def __init__(self, stub: Stub, folder: Path) -> None:
        self._stub = stub
        self._folder = folder
        self._lambdas = [known for known in all_lambdas() if not known.leaves_machine]
        self._environment = self._lambdas[0].environment(stub.url)

    def actions(self) -> dict[str, Callable[[], float]]:
        """Return what measures each, the yardsticks first."""
        call = f"{_CLIENT_SOURCE}; {_CALL_SOURCE}"
        yardsticks = {_NOTHING: "pass", _CLIENT: _CLIENT_SOURCE, _CLIENT_AND_CALL: call}
        programs = {
            name: Program(source, self._environment).cpu_seconds
            for name, source in yardsticks.items()
        }
        for known in self._lambdas:
            programs[_OF_INIT.format(name=known.name)] = self._init(known).cpu_seconds
            programs[known.name] = self._timed(known)
        return programs

    def counted(self) -> dict[str, list[int]]:
        """Count files, modules and memory."""
        found = {_CLIENT: self._counts(_CLIENT_SOURCE, "")}
        found[_CLIENT_AND_CALL] = self._counts(_CLIENT_SOURCE, _CALL_SOURCE)
        for known in self._lambdas:
            init = _IMPORT.format(module=known.module)
            found[known.name] = self._counts(init, _FIRST_EVENT, known)
        return found

    def import_times(self) -> Iterator[tuple[str, str]]:
        """Report every function's imports, those of its first event included."""
        for known in self._lambdas:
            yield known.name, self._program(known, ("-X", "importtime")).errors()

    def _init(self, known: Lambda) -> Program:
        source = _INIT.format(module=known.module)
        return Program(source, known.environment(self._stub.url))

    def _timed(self, known: Lambda) -> Callable[[], float]:
        return lambda: self._program(known).cpu_seconds()

    def _program(self, known: Lambda, options: tuple[str, ...] = ()) -> Program:
        source = f"{_IMPORT.format(module=known.module)}; {_FIRST_EVENT}"
        environment = known.environment(self._stub.url)
        return Program(source, environment, [self._first_event(known)], options)

    def _counts(self, init: str, more: str, known: Lambda | None = None) -> list[int]:
        source = _COUNTING.format(init=init, more=more)
        environment = known.environment(self._stub.url) if known else self._environment
        arguments = [self._first_event(known)] if known else []
        report = Program(source, environment, arguments).errors()
        return [int(number) for number in report.splitlines()[-1].split()]

    def _first_event(self, known: Lambda) -> str:
        """Set the stage for the function's first event, and put it into a file."""
        file = self._folder / "event.json"
        file.write_text(json.dumps(staged(self._stub, known, next(iter(known.events)))))
        return str(file)


def _row(
    name: str, budget: float | None, spreads: Mapping[str, Spread], counts: list[int]
) -> list[str]:
    init = spreads.get(_OF_INIT.format(name=name))
    files, modules, kibibytes = counts
    return [
        name,
        init.text() if init else NOT_MEASURED,
        f"{budget:.2f}" if budget else NOT_MEASURED,
        spreads[name].text(),
        str(files),
        str(modules),
        f"{kibibytes / _KIBIBYTES:.0f}",
    ]


def _imports(lambdas: _Lambdas) -> Table:
    packages = _packages()
    rows = [
        [name, shares(microseconds_by_package(report, packages), _MOST_PACKAGES)]
        for name, report in lambdas.import_times()
    ]
    note = (
        "Each package's own modules, without those that they import of others; one run. This is "
        "elapsed time, so it says little on a machine that is busy."
    )
    return Table("imports", "Where imports go", ("function", "share of all imports"), rows, note)


def _packages() -> frozenset[str]:
    """Name what is not the standard library's: our services, and what is installed."""
    ours = [path.name for path in (ROOT / "functions").iterdir() if path.is_dir()]
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    return frozenset({"kernel", *ours, *(path.stem.partition(".")[0] for path in site.iterdir())})
