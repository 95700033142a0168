"""An operator's refund: credits set aside, money given back, credits used up; or released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.saga import ERROR, RESULT, SagaSteps, choice_of, make_state_machine
from infra.settings import StageSettings

_REQUEST_ID: Final = "$$.Execution.Name"
_REASON: Final = {"reason": "$.Payload.reason"}
# Three attempts, each looked for, and every step's retries: much less than this.
_TAKES_AT_MOST: Final = Duration.hours(12)


class RefundSaga(Construct):
    """Reserve, refund, capture; a refund that Omise refuses is released.

    The execution's name is the request id, so the same request starts once. Omise has no
    idempotency key for refunds either: one whose answer got lost is looked for before it is asked
    for again.

    Parameters
    ----------
    scope
        The billing service.
    settings
        The stage's settings: how long to wait before each look.
    function
        `billing/refund`, whose docstring lists the steps, their outcomes and the input.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        One execution of it per refund.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        function: lambda_.Function,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "RefundSaga")
        self._settings = settings
        self._steps = SagaSteps(self, settings, function, "purchase_id", _REQUEST_ID)
        self._refunded = sfn.Succeed(self, "Refunded")
        self._refused = sfn.Succeed(self, "Refused")
        self._stuck = sfn.Fail(
            self, "Stuck", error="RefundStuck", cause="The credits are still set aside."
        )
        request = {"request": sfn.JsonPath.object_at("$")}
        reserve, self._refund = self._step("Reserve", request), self._step("Refund")
        self._capture = self._step("Capture")
        self._release = self._step(
            "Release", {"reason": sfn.JsonPath.string_at(f"{RESULT}.reason")}
        )
        self._goes_on(reserve, "Reserved", reserved=self._refund)
        self._goes_on(self._capture, "CreditsCaptured")
        self._goes_on(self._release, "CreditsReleased")
        self._goes_on(
            self._refund,
            "RefundAsked",
            unknown=self._looks(),
            refunded=self._capture,
            refused=self._release,
        )
        self.state_machine = make_state_machine(
            self, reserve, settings, invokes=[function], key=key, timeout=_TAKES_AT_MOST
        )

    def _step(
        self, name: str, further: Mapping[str, object] | None = None, step: str | None = None
    ) -> tasks.LambdaInvoke:
        request_id = {"request_id": sfn.JsonPath.string_at(_REQUEST_ID)}
        return self._steps.step(
            name, step or name.lower(), {**request_id, **(further or {})}, _REASON
        )

    def _looks(self) -> sfn.Wait:
        """Look several times, ever later, before it is certain that there is no refund."""
        waits = [
            sfn.Wait(
                self,
                f"WaitBeforeLook{look}",
                time=sfn.WaitTime.duration(Duration.seconds(seconds)),
            )
            for look, seconds in enumerate(self._settings.find_intervals_seconds, start=1)
        ]
        for look, (wait, later) in enumerate(zip(waits, [*waits[1:], None], strict=True), start=1):
            find = self._step(f"FindRefund{look}", {"look": look}, "find_refund")
            wait.next(find)
            absent = {} if later is None else {"absent": later}
            self._goes_on(
                find,
                f"RefundLookedFor{look}",
                refunded=self._capture,
                retry=self._refund,
                **absent,
            )
        return waits[0]

    def _goes_on(self, state: tasks.LambdaInvoke, name: str, **outcomes: sfn.IChainable) -> None:
        """Link a step to what follows; captured and refused end the saga, an error leaves it."""
        state.add_catch(self._stuck, errors=["States.ALL"], result_path=ERROR)
        ends: dict[str, sfn.IChainable] = {"captured": self._refunded, "refused": self._refused}
        state.next(choice_of(self, name, {**ends, **outcomes}, otherwise=self._stuck))
