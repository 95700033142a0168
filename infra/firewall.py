"""The web application firewall in front of the API, where the stage has one."""

from __future__ import annotations

from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.log_groups import make_log_group
from infra.origin_proof import OriginProof
from infra.settings import StageSettings
from kernel.headers import ADDRESS_HEADER, PROOF_HEADER

_WebAcl = wafv2.CfnWebACL
_Statement = _WebAcl.StatementProperty
_Rate = _WebAcl.RateBasedStatementProperty  # in 5 minutes, where nothing else is said
_MANAGED_RULES: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# Bodies are users' own texts and addresses: a CSV may look like markup or like a path, a website
# may be named by a number. No rule about bodies refuses them, nor one for being over 8 KiB:
# functions take 64 KiB and check the size themselves, and `website-check` takes public ones only.
_ONLY_COUNTED: Final = {
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
    ),
}
_NEVER_LOGGED: Final = ("authorization", PROOF_HEADER.lower())
# Requests that no rule objected to are in the gateway's access log.
_ONLY_WHAT_WAS_FOUND: Final = {
    "DefaultBehavior": "DROP",
    "Filters": [
        {
            "Behavior": "KEEP",
            "Requirement": "MEETS_ANY",
            "Conditions": [
                {"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT")
            ],
        }
    ],
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
    proof
        By which a request is known that came through CloudFront: its address is then another's.
    key
        What encrypts its log, if not CloudWatch's own key.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        stage: apigateway.Stage,
        proof: OriginProof | None,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "Firewall")
        limits = _rate_rules(settings.firewall_requests_per_5_minutes, proof)
        first = len(limits)
        managed = [_managed(name, priority) for priority, name in enumerate(_MANAGED_RULES, first)]
        acl = _WebAcl(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=_WebAcl.DefaultActionProperty(allow={}),
            visibility_config=_visibility("Firewall"),
            rules=[*limits, *managed],
        )
        wafv2.CfnWebACLAssociation(
            self, "Protects", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )
        # WAF writes only to groups that are named so.
        name = f"aws-waf-logs-credit-engine-{settings.stage}"
        log_group = make_log_group(self, "Logs", settings, key, name)
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[_arn_of(log_group)],
            logging_filter=_ONLY_WHAT_WAS_FOUND,
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header})
                for header in _NEVER_LOGGED
            ],
        )


def _arn_of(log_group: logs.ILogGroup) -> str:
    """Return a group's ARN as WAF takes it, without the streams' `:*` at its end."""
    name = log_group.log_group_name
    return Stack.of(log_group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _rate_rules(requests: int, proof: OriginProof | None) -> list[wafv2.CfnWebACL.RuleProperty]:
    """Count a client's requests by its address, or by the one that CloudFront names."""
    if proof is None:
        return [_rate_rule("RequestsPerAddress", 0, _Rate(limit=requests, aggregate_key_type="IP"))]
    through = _through_cloudfront(proof)
    direct = _Rate(
        limit=requests,
        aggregate_key_type="IP",
        scope_down_statement=_Statement(
            not_statement=_WebAcl.NotStatementProperty(statement=through)
        ),
    )
    of_viewer = _Rate(
        limit=requests,
        aggregate_key_type="FORWARDED_IP",
        forwarded_ip_config=_WebAcl.ForwardedIPConfigurationProperty(
            header_name=ADDRESS_HEADER, fallback_behavior="MATCH"
        ),
        scope_down_statement=through,
    )
    return [
        _rate_rule("RequestsPerAddress", 0, direct),
        _rate_rule("RequestsPerViewer", 1, of_viewer),
    ]


def _through_cloudfront(proof: OriginProof) -> wafv2.CfnWebACL.StatementProperty:
    return _Statement(
        byte_match_statement=_WebAcl.ByteMatchStatementProperty(
            field_to_match=_WebAcl.FieldToMatchProperty(
                single_header={"Name": PROOF_HEADER.lower()}
            ),
            positional_constraint="EXACTLY",
            search_string=proof.value,
            text_transformations=[_WebAcl.TextTransformationProperty(priority=0, type="NONE")],
        )
    )


def _rate_rule(
    name: str, priority: int, rate: wafv2.CfnWebACL.RateBasedStatementProperty
) -> wafv2.CfnWebACL.RuleProperty:
    """Refuse an address that asks too often, with the status that says so."""
    too_many = _WebAcl.CustomResponseProperty(
        response_code=429,
        response_headers=[_WebAcl.CustomHTTPHeaderProperty(name="Retry-After", value="300")],
    )
    return _WebAcl.RuleProperty(
        name=name,
        priority=priority,
        action=_WebAcl.RuleActionProperty(
            block=_WebAcl.BlockActionProperty(custom_response=too_many)
        ),
        statement=_Statement(rate_based_statement=rate),
        visibility_config=_visibility(name),
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
        statement=_Statement(
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
