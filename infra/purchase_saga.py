"""The purchase saga: from a stored purchase to settled, failed or expired, whatever breaks."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.saga import ERROR, TEMPORARY, SagaSteps, choice_of, make_state_machine
from infra.settings import StageSettings

_SETTLED: Final = ("completed", "failed", "expired")
# After the charge's expiry the steps go on asking for three days; one more, and something is wrong.
_GIVES_UP_AFTER: Final = Duration.days(4)


class PurchaseSaga(Construct):
    """Creates the charge, waits for the payment, settles; compensates what cannot be settled.

    Omise has no idempotency key, so a charge whose creation was not confirmed is looked for before
    another attempt. Omise does not guarantee its webhooks, so every wait ends in a reconciliation.

    Parameters
    ----------
    scope
        The billing service.
    settings
        The stage's settings: how long each wait is.
    function
        `billing/saga`, whose docstring lists the steps and their outcomes.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        One execution of it per purchase, named after the purchase.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        function: lambda_.Function,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "PurchaseSaga")
        self._settings = settings
        self._steps = SagaSteps(self, settings, function, "purchase_id")
        self._done = sfn.Succeed(self, "Done")
        self._compensate = self._compensation()
        self._unexpected = self._unexpected_outcome()
        self._create_charge = self._step("CreateCharge", "create_charge")
        self._settle = self._step("Settle", "settle")
        self._await_payment = self._waits_for_payment()
        self._after_settling()
        self._after_creating(self._looks_for_charge())
        self.state_machine = make_state_machine(
            self,
            self._create_charge,
            settings,
            invokes=[function],
            key=key,
            timeout=Duration.seconds(settings.payment_expiry_seconds).plus(_GIVES_UP_AFTER),
        )

    def _step(self, name: str, step: str, **further: object) -> tasks.LambdaInvoke:
        return self._steps.step(name, step, further)

    def _compensation(self) -> tasks.LambdaInvoke:
        """Save what can be saved; the step raises the alarm."""
        compensate = self._step("Compensate", "compensate", error=sfn.JsonPath.object_at(ERROR))
        stuck = sfn.Fail(self, "Stuck", error="PurchaseStuck", cause="See the log of the purchase.")
        compensate.add_catch(stuck, errors=["States.ALL"], result_path=ERROR)
        compensate.next(choice_of(self, "Compensated", {"completed": self._done}, stuck))
        return compensate

    def _unexpected_outcome(self) -> sfn.Pass:
        error = {
            "Error": "UnexpectedOutcome",
            "Cause": "A step returned an outcome that the saga does not know.",
        }
        unexpected = sfn.Pass(
            self, "UnexpectedOutcome", result=sfn.Result.from_object(error), result_path=ERROR
        )
        unexpected.next(self._compensate)
        return unexpected

    def _after_creating(self, first_wait: sfn.Wait) -> None:
        give_up = self._step("GiveUp", "give_up")
        self._create_charge.add_catch(give_up, errors=[TEMPORARY], result_path=sfn.JsonPath.DISCARD)
        for state, name in ((self._create_charge, "ChargeCreated"), (give_up, "GivenUp")):
            self._continue(state, name, unknown=first_wait, **self._with_charge)

    def _looks_for_charge(self) -> sfn.Wait:
        """Look several times, ever later, before it is certain that there is no charge.

        Where Omise is out of reach for long, the last look is waited for, again and again: giving
        up would call a purchase failed whose card may have been charged.
        """
        waits = [
            sfn.Wait(
                self,
                f"WaitBeforeLook{look}",
                time=sfn.WaitTime.duration(Duration.seconds(seconds)),
            )
            for look, seconds in enumerate(self._settings.find_intervals_seconds, start=1)
        ]
        for look, (wait, later) in enumerate(zip(waits, [*waits[1:], None], strict=True), start=1):
            find = self._step(f"FindCharge{look}", "find_charge", look=look)
            wait.next(find)
            find.add_catch(waits[-1], errors=[TEMPORARY], result_path=sfn.JsonPath.DISCARD)
            absent = {} if later is None else {"absent": later}
            self._continue(
                find,
                f"ChargeLookedFor{look}",
                retry=self._create_charge,
                **absent,
                **self._with_charge,
            )
        return waits[0]

    @property
    def _with_charge(self) -> dict[str, sfn.IChainable]:
        return {"pending": self._await_payment, "paid": self._settle}

    def _waits_for_payment(self) -> tasks.LambdaInvoke:
        """Wait for the webhook's answer, and ask Omise whenever a wait is over."""
        intervals = self._settings.reconcile_intervals_seconds
        waits = [
            self._steps.wait_for_answer(
                f"AwaitPayment{number}", "await_payment", Duration.seconds(seconds)
            )
            for number, seconds in enumerate(intervals, start=1)
        ]
        followers = [*waits[1:], waits[-1]]
        for number, (wait, later) in enumerate(zip(waits, followers, strict=True), start=1):
            reconcile = self._step(f"Reconcile{number}", "reconcile")
            self._wait_ends(wait, f"PaymentAnswered{number}", reconcile)
            self._settles_or_waits(reconcile, f"Reconciled{number}", later)
        return waits[0]

    def _wait_ends(
        self, wait: tasks.LambdaInvoke, name: str, reconcile: tasks.LambdaInvoke
    ) -> None:
        wait.add_catch(reconcile, errors=["States.Timeout"], result_path=sfn.JsonPath.DISCARD)
        wait.add_catch(self._compensate, errors=["States.ALL"], result_path=ERROR)
        settled = dict.fromkeys(_SETTLED, self._done)
        wait.next(choice_of(self, name, settled, otherwise=reconcile))

    def _after_settling(self) -> None:
        self._settles_or_waits(self._settle, "Settled", self._await_payment)

    def _settles_or_waits(
        self, state: tasks.LambdaInvoke, name: str, wait: tasks.LambdaInvoke
    ) -> None:
        """Wait on where Omise is out of reach for long: no money is lost by asking later."""
        state.add_catch(wait, errors=[TEMPORARY], result_path=sfn.JsonPath.DISCARD)
        self._continue(state, name, pending=wait)

    def _continue(self, state: tasks.LambdaInvoke, name: str, **outcomes: sfn.IChainable) -> None:
        """Link a step to what follows: settled ends the saga, an error compensates."""
        state.add_catch(self._compensate, errors=["States.ALL"], result_path=ERROR)
        settled = dict.fromkeys(_SETTLED, self._done)
        state.next(choice_of(self, name, {**outcomes, **settled}, otherwise=self._unexpected))
