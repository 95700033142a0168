"""S01 and what else must hold of every state machine, found by walking through it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infra.settings import STAGES
from tests.infra.data_flow import defined_at, holds, used_by
from tests.infra.states import StateMachine, machine, state_machines
from tests.infra.synthesis import ROOT, Template, as_list, logical_ids, synthesised

INPUTS = {
    "BillingPurchaseSaga": {"$.purchase_id", "$.correlation_id"},
    "WorkflowsRunSaga": {"$.run_id", "$.correlation_id"},
    "BillingRefundSaga": {"$.purchase_id", "$.amount", "$.operator", "$.reason"},
    "BillingLedgerAudit": set[str](),
    "BillingReconciliation": set[str](),
    "BillingSweep": {"$.position"},
    "WorkflowsSweep": {"$.position"},
}
ENDS = {"Succeed", "Fail"}


@pytest.fixture(params=[(stage, name) for stage in STAGES for name in INPUTS], ids="-".join)
def saga(request: pytest.FixtureRequest) -> StateMachine:
    """Each state machine of each stage in turn."""
    stage, name = request.param
    return machine(synthesised(stage), name)


def given(saga: StateMachine) -> set[str]:
    """Return the paths of a state machine's input."""
    return next(paths for name, paths in INPUTS.items() if saga.name.startswith(name))


@pytest.mark.parametrize("stage", STAGES)
def test_s01_no_state_machine_is_left_out(stage: str) -> None:
    """Those that are walked through are all that there are."""
    assert len(state_machines(synthesised(stage))) == len(INPUTS)


def test_s01_every_call_has_a_time_out_a_retry_and_a_catch(saga: StateMachine) -> None:
    """What calls out is bounded in time, tries again, and catches whatever is left."""
    for name, state in saga.tasks():
        assert state["TimeoutSeconds"] > 0, name
        assert state["Retry"], name
        caught = {error for catch in state["Catch"] for error in catch["ErrorEquals"]}
        assert "States.ALL" in caught, name


def test_s01_every_retry_is_bounded_and_spread(saga: StateMachine) -> None:
    """Retries end, wait longer each time, and don't come all at once."""
    for name, state in saga.tasks():
        for retry in state["Retry"]:
            assert 0 <= retry["MaxAttempts"] <= 10, name
            assert retry["MaxAttempts"] == 0 or retry["JitterStrategy"] == "FULL", name


def test_s01_every_state_can_be_reached_and_can_end(saga: StateMachine) -> None:
    """No state is dead, and from none is there no way out."""
    ends = {name for name, state in saga.states.items() if state["Type"] in ENDS}
    assert saga.reachable(saga.start) == set(saga.states)
    for name in saga.states:
        assert saga.reachable(name) & ends, name


def test_s01_only_end_states_end(saga: StateMachine) -> None:
    """An execution succeeds or fails by name, never by falling off a task."""
    for name, state in saga.states.items():
        assert "End" not in state, name
        assert bool(saga.successors(name)) != (state["Type"] in ENDS), name


def test_s01_no_state_reads_what_may_not_be_there(saga: StateMachine) -> None:
    """Whatever the way into a state was, the paths that it reads hold something."""
    entered = defined_at(saga, given(saga))
    for name, state in saga.states.items():
        for path in used_by(state):
            assert holds(entered[name], path), f"{name} reads {path}"


def test_s01_every_choice_has_an_answer_for_everything(saga: StateMachine) -> None:
    """An outcome that nobody expected leads somewhere."""
    for name, state in saga.states.items():
        if state["Type"] == "Choice":
            assert "Default" in state, name


@pytest.mark.parametrize("stage", STAGES)
def test_s01_the_validator_accepts_every_definition(stage: str, tmp_path: Path) -> None:
    """The definitions are valid Amazon States Language."""
    arguments = []
    for saga in state_machines(synthesised(stage)):
        file = tmp_path / f"{saga.name}.json"
        definition = {"StartAt": saga.start, "States": saga.states}
        file.write_text(json.dumps(definition), encoding="utf-8")
        arguments += ["--json-path", str(file)]
    validator = ROOT / "node_modules/.bin/asl-validator"
    result = subprocess.run(  # noqa: S603  # fixed arguments
        [validator, *arguments], check=False, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_walk_finds_an_undefined_variable() -> None:
    """The check above does fail where a caught error is not passed on."""
    broken = StateMachine(
        "Broken",
        "Work",
        {
            "Work": {
                "Type": "Task",
                "ResultPath": "$.result",
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Repair"}],
                "Next": "Repair",
            },
            "Repair": {"Type": "Task", "Parameters": {"error.$": "$.error"}},
        },
    )
    assert not holds(defined_at(broken, {"$.id"})["Repair"], "$.error")
    assert holds(defined_at(broken, {"$.id"})["Repair"], "$.id.anything")


def test_an_unconfirmed_charge_is_looked_for_three_times(template: Template) -> None:
    """Only the third look may say that another attempt is due after finding nothing."""
    saga = machine(template, "BillingPurchaseSaga")
    for look in (1, 2, 3):
        find = saga.states[f"FindCharge{look}"]
        assert find["Parameters"]["Payload"]["look"] == look
        outcomes = {
            choice["StringEquals"]: choice["Next"]
            for choice in saga.states[find["Next"]]["Choices"]
        }
        assert outcomes.get("absent") == (f"WaitBeforeLook{look + 1}" if look < 3 else None)
        assert outcomes["retry"] == "CreateCharge"


def test_i06_while_omise_is_out_of_reach_nothing_is_certain(template: Template) -> None:
    """I06: a look that fails for long is taken again after the longest wait, and not given up."""
    saga = machine(template, "BillingPurchaseSaga")
    for look in (1, 2, 3):
        unanswered, other = saga.states[f"FindCharge{look}"]["Catch"]
        assert unanswered["ErrorEquals"] == ["TemporarilyUnavailableError"]
        assert unanswered["Next"] == "WaitBeforeLook3"
        assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], "Compensate")


def test_a_charge_that_omise_could_not_be_asked_for_is_given_up_without_an_alarm(
    template: Template,
) -> None:
    """After minutes of refusals the buyer is told; the compensation would call for a person."""
    saga = machine(template, "BillingPurchaseSaga")
    first, *_ = saga.states["CreateCharge"]["Catch"]
    assert (first["ErrorEquals"], first["Next"]) == (["TemporarilyUnavailableError"], "GiveUp")
    assert saga.states["GiveUp"]["Parameters"]["Payload"]["step"] == "give_up"
    assert "WaitBeforeLook1" in saga.successors(saga.states["GiveUp"]["Next"])


def test_w12_every_wait_for_a_payment_ends_in_asking_omise(template: Template) -> None:
    """A webhook that never comes costs a wait, and the last wait comes again and again."""
    saga = machine(template, "BillingPurchaseSaga")
    waits = sorted(name for name in saga.states if name.startswith("AwaitPayment"))
    for number, name in enumerate(waits, start=1):
        timed_out, other = saga.states[name]["Catch"]
        assert timed_out["ErrorEquals"] == ["States.Timeout"]
        assert timed_out["Next"] == f"Reconcile{number}"
        assert other["Next"] == "Compensate"
        later = waits[min(number, len(waits) - 1)]
        assert later in saga.successors(f"Reconciled{number}")


def test_waits_for_a_payment_are_those_of_the_settings(template: Template) -> None:
    """Each wait is as long as the stage says."""
    saga = machine(template, "BillingPurchaseSaga")
    (settings,) = (s for s in STAGES.values() if s.stage in template.body["Description"])
    assert [
        saga.states[f"AwaitPayment{number}"]["TimeoutSeconds"]
        for number in range(1, len(settings.reconcile_intervals_seconds) + 1)
    ] == list(settings.reconcile_intervals_seconds)


def test_a_wait_that_is_over_is_not_waited_again(template: Template) -> None:
    """A time-out is no error to retry where it is what is waited for."""
    for saga in state_machines(template):
        for name, state in saga.tasks():
            retried = {error for retry in state["Retry"] for error in retry["ErrorEquals"]}
            if state["Resource"].endswith(".waitForTaskToken"):
                assert not retried & {"States.Timeout", "States.ALL", "States.TaskFailed"}, name


def test_a_runs_every_error_gives_back(template: Template) -> None:
    """Whatever fails before the end of a run leads to its credits being given back."""
    saga = machine(template, "WorkflowsRunSaga")
    for name, state in saga.tasks():
        if name != "GiveBack":
            assert {catch["Next"] for catch in state["Catch"]} == {"GiveBack"}, name
            caught = {error for catch in state["Catch"] for error in catch["ErrorEquals"]}
            assert "States.DataLimitExceeded" in caught, name


def test_an_automations_own_verdict_is_not_tried_again(template: Template) -> None:
    """`AutomationFailed` has no attempt; what Lambda did not start is patiently tried again."""
    saga = machine(template, "WorkflowsRunSaga")
    throttled, verdict, broken = saga.states["csv-summary"]["Retry"]
    assert throttled["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    assert throttled["MaxAttempts"] > broken["MaxAttempts"]
    assert verdict["ErrorEquals"] == ["AutomationFailed", "Sandbox.Timedout"]
    assert verdict["MaxAttempts"] == 0
    assert broken["ErrorEquals"] == ["States.TaskFailed"]


def test_new_items_and_nothing_else_start_sagas(template: Template) -> None:
    """The streams pass on inserts of purchases and of runs, and failures one by one."""
    functions = {"BillingDispatch": "PURCHASE", "WorkflowsDispatch": "RUN"}
    mappings = template.resources("AWS::Lambda::EventSourceMapping").values()
    for function, sort_key in functions.items():
        (mapping,) = (m for m in mappings if function in logical_ids(m["FunctionName"]))
        (pattern,) = mapping["FilterCriteria"]["Filters"]
        assert '"eventName":["INSERT"]' in pattern["Pattern"]
        assert f'"sk":{{"S":["{sort_key}"]}}' in pattern["Pattern"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["BisectBatchOnFunctionError"]
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert list(logical_ids(as_list(mapping["DestinationConfig"])))


def test_a_refund_s_request_id_is_its_execution_s_name(template: Template) -> None:
    """So that the same request starts once, and every step knows which one it is."""
    saga = machine(template, "BillingRefundSaga")
    for name, state in saga.tasks():
        assert state["Parameters"]["Payload"]["request_id.$"] == "$$.Execution.Name", name


def test_an_unconfirmed_refund_is_looked_for_three_times(template: Template) -> None:
    """Only what certainly does not exist is asked for again."""
    saga = machine(template, "BillingRefundSaga")
    for look in (1, 2, 3):
        find = saga.states[f"FindRefund{look}"]
        assert find["Parameters"]["Payload"]["look"] == look
        outcomes = {
            choice["StringEquals"]: choice["Next"]
            for choice in saga.states[find["Next"]]["Choices"]
        }
        assert outcomes.get("absent") == (f"WaitBeforeLook{look + 1}" if look < 3 else None)
        assert (outcomes["retry"], outcomes["refunded"]) == ("Refund", "Capture")


def test_only_what_omise_refused_is_released(template: Template) -> None:
    """Credits come back when it is certain that no money went back; an error keeps them held."""
    saga = machine(template, "BillingRefundSaga")
    before = [name for name in saga.states if "Release" in saga.successors(name)]
    assert before == ["RefundAsked"]
    for name, state in saga.tasks():
        assert {catch["Next"] for catch in state["Catch"]} == {"Stuck"}, name


def test_every_walk_begins_by_itself_every_night(template: Template) -> None:
    """The audit and the reconciliation, each by its own role."""
    schedules = template.resources("AWS::Scheduler::Schedule").values()
    targets = [next(logical_ids(schedule["Target"]["Arn"])) for schedule in schedules]
    for name in ("BillingLedgerAudit", "BillingReconciliation"):
        assert len([target for target in targets if target.startswith(name)]) == 1
