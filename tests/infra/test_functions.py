"""Every function: its code is there, and it is told all that it needs to know."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

from infra.catalogues import automations, verify_packages
from infra.routes import FALLBACK_FUNCTION, ROUTES
from infra.settings import STAGES
from tests.infra.synthesis import (
    ROOT,
    Template,
    environment,
    synthesised,
    synthesised_with,
    text_of,
)

EVENTS = ROOT / "events"
# By the folders of their events: whoever only collects tests is not to wait for a template.
FUNCTIONS = sorted(
    "".join(part.capitalize() for part in folder.name.split("_")) for folder in EVENTS.iterdir()
)


def events_of(name: str) -> str:
    """Return the folder of a function's events, by its handler."""
    service, *_, function, _ = module_of(synthesised("local"), name).split(".")
    return f"{service}_{function}"


def module_of(template: Template, name: str) -> str:
    """Return the module of a function's handler, as Lambda imports it."""
    handler: str = template.functions()[name]["Handler"]
    module, attribute = handler.rsplit(".", 1)
    assert attribute == "handler"
    return module


def test_every_stage_has_the_same_functions() -> None:
    """Stages differ in settings, not in what they do."""
    for stage in STAGES:
        assert sorted(synthesised(stage).functions()) == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_handler_is_where_its_template_says(name: str) -> None:
    """The handler's path under `functions/` is its import path in Lambda."""
    module = module_of(synthesised("local"), name)
    assert (ROOT / "functions" / Path(*module.split("."))).with_suffix(".py").is_file()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_events(name: str) -> None:
    """Real ones, to invoke it with: `events/<service>_<function>/`."""
    files = list((EVENTS / events_of(name)).glob("*.json"))
    assert files
    for file in files:
        assert isinstance(json.loads(file.read_text(encoding="utf-8")), dict)


def test_no_event_is_for_a_function_that_is_not_there() -> None:
    """What is gone from the template is gone from the events."""
    assert {folder.name for folder in EVENTS.iterdir()} == {events_of(name) for name in FUNCTIONS}


def test_an_event_of_the_api_is_for_a_route_of_the_api() -> None:
    """Method and resource are in the table of routes, and lead to this function."""
    served = {(route.method, route.path): route.function for route in ROUTES}
    for file in EVENTS.rglob("*.json"):
        event = json.loads(file.read_text(encoding="utf-8"))
        if "httpMethod" in event and file.parent.name != "identity_authorizer":
            route = event["httpMethod"], event["resource"]
            function = served.get(route, FALLBACK_FUNCTION)
            assert function.replace("/", "_") == file.parent.name, file


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_with_the_settings_that_it_gets(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module reads all its settings from the template's variables and what Lambda sets."""
    template = synthesised("local")
    for variable, value in environment(template.functions()[name]).items():
        monkeypatch.setenv(variable, value if isinstance(value, str) else "resolved-at-deployment")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(variable, "test")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    module = module_of(template, name)
    monkeypatch.delitem(sys.modules, module, raising=False)
    assert callable(importlib.import_module(module).handler)
    monkeypatch.delitem(sys.modules, module)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "local"])
def test_functions_run_on_lambdas_python_and_arm64(stage: str) -> None:
    """Code and layers are for one runtime, the one that the wheels are for."""
    for function in synthesised(stage).functions().values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]


@pytest.mark.parametrize("stage", STAGES)
def test_catalogues_of_every_stage_are_valid(stage: str) -> None:
    """What is sold can be sold, and what runs can run."""
    verify_packages(stage)
    assert {"csv-summary", "website-check"} <= {entry.id for entry in automations(stage)}


def test_the_gateway_waits_longer_than_any_function_behind_it(template: Template) -> None:
    """A function ends before the gateway's 29 s, so that its own error reaches the client."""
    serving = [
        name
        for name in template.functions()
        if (name.startswith("Identity") and name != "IdentityOperations")
        or name in {"BillingPurchase", "BillingAccount", "BillingWebhook", "EdgeService"}
        or name in {"WorkflowsWorkflows", "WorkflowsRunWorkflow"}
    ]
    assert len(serving) == 11
    for name in serving:
        assert template.functions()[name]["Timeout"] < 29, name


def test_reservations_protect_what_takes_payments_and_what_costs(prod_template: Template) -> None:
    """In production, and all together leave most of an account's 1,000 to everything else."""
    reserved = {
        name: function["ReservedConcurrentExecutions"]
        for name, function in prod_template.functions().items()
        if "ReservedConcurrentExecutions" in function
    }
    assert {"BillingWebhook", "BillingSaga", "IdentityLogin", "IdentityRegister"} <= set(reserved)
    assert sum(reserved.values()) <= 400


def test_a_reservation_for_no_function_is_refused() -> None:
    """A slip of the pen would protect nothing."""
    reserved = {"identity/log_in": 10}
    settings = STAGES["dev"].model_copy(update={"reserved_concurrency": reserved})
    with pytest.raises(ValueError, match="names no function: identity/log_in"):
        synthesised_with(settings)


def test_traces_are_on_in_aws(aws_template: Template) -> None:
    """X-Ray follows a request through the API, functions and state machines."""
    for stage in aws_template.resources("AWS::ApiGateway::Stage").values():
        assert stage["TracingEnabled"] is True
    for function in aws_template.functions().values():
        assert function["TracingConfig"] == {"Mode": "Active"}
    for machine in aws_template.resources("AWS::StepFunctions::StateMachine").values():
        assert machine["TracingConfiguration"] == {"Enabled": True}


def test_the_local_stage_has_nothing_that_only_aws_understands(local_template: Template) -> None:
    """No custom resource, no firewall, no alarm by formula: the emulator takes all the rest."""
    kinds = {resource["Type"] for resource in local_template.body["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::WAFv2"))}
    for alarm in local_template.resources("AWS::CloudWatch::Alarm").values():
        assert "Metrics" not in alarm


def test_paths_follow_the_apis_address(aws_template: Template, chosen_template: Template) -> None:
    """Given the address that operators read, `/v1/…` follows it, be the name theirs or not."""
    plain = text_of(aws_template.body["Outputs"]["ApiUrl"]["Value"])
    assert plain.startswith("https://")
    assert plain.endswith("/live")
    (domain,) = chosen_template.resources("AWS::ApiGateway::DomainName").values()
    named = chosen_template.body["Outputs"]["ApiUrl"]["Value"]
    assert named == f"https://{domain['DomainName']}"


def test_the_stacks_outputs_are_those_that_tools_read(template: Template) -> None:
    """Names of outputs are an interface of their own; the console's are there where it is."""
    of_console = {"ConsoleDomainTarget", "ConsoleUrl"}
    assert (of_console <= set(template.body["Outputs"])) == bool(
        template.resources("AWS::CloudFront::Distribution")
    )
    assert set(template.body["Outputs"]) - of_console == {
        "ApiId",
        "ApiStage",
        "ApiUrl",
        "BillingDisputeName",
        "BillingOperationsName",
        "BillingParkedUrl",
        "BillingTableName",
        "IdentityOperationsName",
        "IdentityTableName",
        "OmiseSecretArn",
        "OperatorPolicyArn",
        "ReconciliationArn",
        "RefundSagaArn",
        "ReportsBucketName",
        "WorkflowsOperationsName",
        "WorkflowsParkedUrl",
        "WorkflowsTableName",
    }
