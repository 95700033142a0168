"""What functions may import and open at their start: counts, since times depend on the machine.

`make bench` measures the times. What counts here is what they are made of.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from infra.bundling import RUNTIME_LOCK, excluded_packages
from infra.packages import CONTENTS
from infra.settings import LAMBDA_RUNTIME
from tests.infra.cold_start import RUNTIME, SEARCH_PATH, Start, start_of
from tests.infra.synthesis import ROOT
from tests.infra.test_functions import FUNCTIONS

MAX_FILES: Final = 600
# Slow to import, and of no use to anybody before a call needs it, or ever.
NOBODYS: Final = (
    "boto3",
    "botocore.session",
    "aws_xray_sdk",
    "omise",
    "requests",
    "urllib3",
    "kernel.s3",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
)
VALIDATION: Final = ("pydantic", "jsonschema")
IDENTITYS: Final = ("cryptography", "jwt", "argon2", "email_validator")
# The functions that people wait for most, and the most files that they may open.
LEAN: Final = {"WorkflowsRunWorkflow": 215, "BillingWebhook": 215, "BillingAccount": 190}


@pytest.fixture(params=FUNCTIONS)
def started(request: pytest.FixtureRequest) -> Start:
    """Each function's start in turn."""
    return start_of(request.param)


def test_no_function_imports_what_it_may_never_need(started: Start) -> None:
    """No SDK, no HTTP library of others, no framework: each comes with the call that needs it."""
    assert started.has(*NOBODYS) == []


def test_no_function_opens_more_files_than_its_budget(started: Start) -> None:
    """Each is a look-up, a read and a check on a file system that is cold, too."""
    assert len(started.files) <= MAX_FILES


@pytest.mark.parametrize("name", LEAN)
def test_the_hot_functions_do_without_validation_machinery(name: str) -> None:
    """They open about 200 files, and plain code reads their bodies and catalogues."""
    started = start_of(name)
    assert started.has(*VALIDATION, *IDENTITYS) == []
    assert len(started.files) <= LEAN[name]


def test_only_who_takes_bodies_of_many_members_has_models() -> None:
    """Pydantic earns its place where a body has members whose findings are reported together."""
    with_models = {name for name in FUNCTIONS if start_of(name).has("pydantic")}
    assert with_models == {
        "BillingDispute",
        "BillingOperations",
        "BillingPurchase",
        "BillingRefund",
        "IdentityLogin",
        "IdentityOperations",
        "IdentityRegister",
        "IdentitySession",
        "WorkflowsOperations",
        "WorkflowsWorkflows",
    }


def test_only_the_editor_of_workflows_validates_by_json_schema() -> None:
    """A run's parameters were verified when the workflow was saved."""
    assert {name for name in FUNCTIONS if start_of(name).has("jsonschema")} == {
        "WorkflowsWorkflows"
    }


def test_the_authorizer_does_without_powertools() -> None:
    """It stands before every request."""
    assert start_of("IdentityAuthorizer").has("aws_lambda_powertools", *VALIDATION) == []


def libraries_of(folder: Path) -> set[str]:
    """Name the libraries that any module below a folder imports itself, at its start or later."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("service", ["identity", "billing", "workflows", "edge"])
def test_a_services_layer_has_all_that_its_code_imports(service: str) -> None:
    """At the start or at a call, whatever a module names is in the layer or in Lambda's runtime."""
    folders = CONTENTS.get(service, (service,))
    named = set().union(*(libraries_of(ROOT / "functions" / folder) for folder in folders))
    left_out = set(excluded_packages(service, LAMBDA_RUNTIME)) - in_lambda()
    packages = importlib.metadata.packages_distributions()
    missing = {
        (library, package.lower())
        for library in named
        for package in packages.get(library, [])
        if package.lower() in left_out
    }
    assert missing <= BY_OTHER_PATHS.get(service, set())


# Workflows' package holds billing, whose Omise adapters no function of workflows imports; and its
# catalogue's schemas are verified when a stage is synthesised.
BY_OTHER_PATHS: Final = {
    "workflows": {("omise", "omise"), ("requests", "requests"), ("urllib3", "urllib3")}
}


def in_lambda() -> set[str]:
    """Name what Lambda's runtime brings."""
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", RUNTIME_LOCK.read_text(), re.MULTILINE))


def test_omises_library_is_there_when_a_call_needs_it() -> None:
    """What is imported later imports, and leaves the logging of the process as it was."""
    program = (
        "import logging, billing.adapters.omise_request as lazy;"
        "assert issubclass(lazy.OmiseRequest, object); assert logging.root.handlers == []"
    )
    subprocess.run(  # noqa: S603  # our own interpreter and program
        [sys.executable, "-c", program],
        env={**RUNTIME, "PYTHONPATH": SEARCH_PATH},
        check=True,
        timeout=120,
    )
