"""The stages' settings: a wrong one never gets as far as a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from billing.domain.charge import LATEST_EFFECT
from infra.settings import DEPLOYMENTS, OPERATORS, STAGES, Domain, StageSettings, settings_of

CERTIFICATE = "arn:aws:acm:ap-southeast-1:123456789012:certificate/0a1b"


def changed(stage: str, **changes: Any) -> StageSettings:  # noqa: ANN401  # wrong types too
    """Make a stage's settings with something else in them."""
    return StageSettings.model_validate({**dict(STAGES[stage]), **changes})


def test_there_are_four_stages() -> None:
    """Each is found under its own name."""
    assert list(STAGES) == ["local", "dev", "staging", "prod"]
    assert all(settings_of(name).stage == name for name in STAGES)


def test_an_unknown_stage_names_those_that_there_are() -> None:
    """A typing error on the command line says what would have been right."""
    with pytest.raises(ValueError, match="no stage 'production'; there are local, dev"):
        settings_of("production")


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": True},
        {"throttle": {"rate": 0, "burst": 1}},
        {"payment_expiry_seconds": "86400"},
        {"log_retention_days": 2},
        {"return_uri_hosts": (), "hosts_console": False},
        {"return_uri_hosts": ("https://example.com",)},
        {"cors_origins": ("*",)},
        {"signing_keys": ()},
        {"reconcile_intervals_seconds": (60, 30)},
        {"find_intervals_seconds": (1, 2)},
        {"reconciliation_days": 0},
        {"group_commit_after": -1},
        {"dns_firewall": True},
        {"omise_public_key": "skey_test_made_up"},
        {"api_domain": {"name": "api.example.com", "certificate_arn": "none"}},
        {"api_domain": {"name": "example", "certificate_arn": CERTIFICATE}},
        {"console_domain": Domain(name="console.example.com", certificate_arn=CERTIFICATE)},
        {"console_web_acl_arn": "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/a/b"},
        {"reserved_concurrency": {"identity/login": 0}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_cannot_be_is_refused(change: dict[str, Any]) -> None:
    """Unknown, coerced, empty and shrinking values fail the synthesis."""
    with pytest.raises(ValidationError):
        changed("dev", **change)


@pytest.mark.parametrize(
    "protection", ["retain_data", "deletion_protection", "point_in_time_recovery"]
)
def test_production_cannot_be_without_protection(protection: str) -> None:
    """Nobody switches it off by an edit of one line."""
    with pytest.raises(ValidationError, match=protection):
        changed("prod", **{protection: False})


def test_w03_unsigned_webhooks_are_for_the_local_stage_only() -> None:
    """A stage in AWS that takes unsigned webhooks is refused; the local one may."""
    with pytest.raises(ValidationError, match="unsigned"):
        changed("dev", webhook_signatures="off")
    assert changed("local", webhook_signatures="off").webhook_signatures == "off"


def test_s05_no_stage_asks_for_a_charge_again_before_its_absence_is_certain() -> None:
    """A second QR code could be paid beside the first, so in AWS the looks last long enough."""
    with pytest.raises(ValidationError, match="too early"):
        changed("prod", find_intervals_seconds=(10, 30, 90))
    for stage in ("dev", "staging", "prod"):
        assert sum(STAGES[stage].find_intervals_seconds) >= LATEST_EFFECT.total_seconds()


def test_snapshots_are_for_stages_in_aws_that_ask_for_them() -> None:
    """They cost by the hour, and the emulator has none."""
    assert not any(settings.snap_start for settings in STAGES.values())
    assert changed("prod", snap_start=True).snap_start
    with pytest.raises(ValidationError, match="snapshots"):
        changed("local", snap_start=True)


def test_settings_cannot_be_changed_later() -> None:
    """They are what they were when they were checked."""
    with pytest.raises(ValidationError):
        STAGES["dev"].stage = "prod"  # type: ignore[misc]  # that is what must fail


def test_without_a_file_of_the_operators_a_stage_is_as_it_is(tmp_path: Path) -> None:
    """A checkout says nothing about anybody's domains, and synthesises all the same."""
    assert all(settings_of(name, tmp_path) is STAGES[name] for name in STAGES)


def test_the_operators_file_takes_the_place_of_defaults(tmp_path: Path) -> None:
    """What it says holds, and what it does not say stays."""
    (tmp_path / "dev.toml").write_text('return_uri_hosts = ["shop.example.com"]\n')
    settings = settings_of("dev", tmp_path)
    assert settings.return_uri_hosts == ("shop.example.com",)
    assert settings == changed("dev", return_uri_hosts=("shop.example.com",))


def test_the_operators_example_says_all_that_a_file_can(tmp_path: Path) -> None:
    """It is valid as it stands, for production, and leaves nothing out."""
    example = (DEPLOYMENTS / "example.toml").read_text(encoding="utf-8")
    (tmp_path / "prod.toml").write_text(example, encoding="utf-8")
    settings = settings_of("prod", tmp_path)
    assert settings.api_domain
    assert settings.api_domain.certificate_region == "ap-southeast-1"
    assert all(f"\n{name} = " in example or f"\n[{name}]" in example for name in OPERATORS)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("deletion_protection = false", "may not set deletion_protection"),
        ('webhook_signatures = "off"', "may not set webhook_signatures"),
        ('return_uri_hosts = "shop.example.com"', "return_uri_hosts"),
        ("dns_firewall = 1", "dns_firewall"),
    ],
)
def test_no_file_weakens_a_stage(line: str, told: str, tmp_path: Path) -> None:
    """Only what is the operator's to say can be said, and only in the right form."""
    (tmp_path / "prod.toml").write_text(f"{line}\n")
    with pytest.raises(ValueError, match=told):
        settings_of("prod", tmp_path)
