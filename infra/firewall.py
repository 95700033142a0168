"""The web application firewall in front of the API, where the stage has one."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.settings import StageSettings

_WebAcl = wafv2.CfnWebACL
_MANAGED_RULES: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# The firewall sees the first 8 KiB of a body and would refuse any longer one; functions take
# 64 KiB, check the size themselves, and a CSV text may well look like markup.
_ONLY_COUNTED: Final = {
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY", "CrossSiteScripting_BODY"),
}


class Firewall(Construct):
    """Filters what AWS knows to be bad, and clients that ask too often.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings: how often is too often.
    stage
        The API's stage, to protect.
    """

    def __init__(self, scope: Construct, settings: StageSettings, stage: apigateway.Stage) -> None:
        super().__init__(scope, "Firewall")
        managed = [_managed(name, priority) for priority, name in enumerate(_MANAGED_RULES, 1)]
        acl = _WebAcl(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=_WebAcl.DefaultActionProperty(allow={}),
            visibility_config=_visibility("Firewall"),
            rules=[_rate_rule(settings.firewall_requests_per_5_minutes), *managed],
        )
        wafv2.CfnWebACLAssociation(
            self, "Protects", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )


def _rate_rule(requests: int) -> wafv2.CfnWebACL.RuleProperty:
    """Refuse an address that asks too often, with the status that says so."""
    too_many = _WebAcl.CustomResponseProperty(
        response_code=429,
        response_headers=[_WebAcl.CustomHTTPHeaderProperty(name="Retry-After", value="300")],
    )
    return _WebAcl.RuleProperty(
        name="RequestsPerAddress",
        priority=0,
        action=_WebAcl.RuleActionProperty(
            block=_WebAcl.BlockActionProperty(custom_response=too_many)
        ),
        statement=_WebAcl.StatementProperty(
            rate_based_statement=_WebAcl.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=requests, evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("RequestsPerAddress"),
    )


def _managed(name: str, priority: int) -> wafv2.CfnWebACL.RuleProperty:
    count = _WebAcl.RuleActionProperty(count={})
    overrides = [
        _WebAcl.RuleActionOverrideProperty(name=rule, action_to_use=count)
        for rule in _ONLY_COUNTED.get(name, ())
    ]
    return _WebAcl.RuleProperty(
        name=name,
        priority=priority,
        override_action=_WebAcl.OverrideActionProperty(none={}),
        statement=_WebAcl.StatementProperty(
            managed_rule_group_statement=_WebAcl.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=name, rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_visibility(name),
    )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return _WebAcl.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
