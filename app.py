"""The CDK app: `cdk synth -c stage=local|dev|staging|prod` (dev unless said otherwise)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent
# The catalogues' models and the problem documents are the services' own.
sys.path[:0] = [str(ROOT), str(ROOT / "functions"), str(ROOT / "layers/shared/python")]

from aws_cdk import App  # noqa: E402  # after the path

from infra.rules import apply_rules  # noqa: E402  # after the path
from infra.settings import settings_of  # noqa: E402  # after the path
from infra.stack import CreditEngineStack  # noqa: E402  # after the path


def main() -> None:
    """Synthesise the stage that the context names; what goes to AWS keeps the rules."""
    app = App()
    settings = settings_of(app.node.try_get_context("stage") or "dev")
    CreditEngineStack(app, settings)
    if not settings.is_local:
        apply_rules(app)
    app.synth()


if __name__ == "__main__":
    main()
