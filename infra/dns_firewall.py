"""Which names the network's functions can look up: those of AWS and Omise, and no other.

An isolated function has no route to the internet, but the network's resolver would still carry
questions out, and data in them. Where the names are allowed, the answer's chain of aliases is
trusted: Omise may stand behind any content network.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53resolver as resolver
from constructs import Construct

_OMISE: Final = ("api.omise.co", "vault.omise.co")
_Rule = resolver.CfnFirewallRuleGroup.FirewallRuleProperty
# 100 and below is kept for AWS Firewall Manager.
_PRIORITY: Final = 101


class DnsFirewall(Construct):
    """Answers NXDOMAIN to whatever is not on the list.

    Parameters
    ----------
    scope
        The network's construct.
    vpc
        The network.
    """

    def __init__(self, scope: Construct, vpc: ec2.IVpc) -> None:
        super().__init__(scope, "DnsFirewall")
        known = self._domains("Known", [f"*.{Aws.URL_SUFFIX}", *_OMISE])
        everything = self._domains("Everything", ["*"])
        rules = resolver.CfnFirewallRuleGroup(
            self,
            "Rules",
            firewall_rules=[
                _Rule(
                    action="ALLOW",
                    priority=1,
                    firewall_domain_list_id=known.attr_id,
                    firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
                ),
                _Rule(
                    action="BLOCK",
                    priority=2,
                    block_response="NXDOMAIN",
                    firewall_domain_list_id=everything.attr_id,
                ),
            ],
        )
        resolver.CfnFirewallRuleGroupAssociation(
            self,
            "InNetwork",
            firewall_rule_group_id=rules.attr_id,
            priority=_PRIORITY,
            vpc_id=vpc.vpc_id,
        )

    def _domains(self, name: str, domains: list[str]) -> resolver.CfnFirewallDomainList:
        return resolver.CfnFirewallDomainList(self, name, domains=domains)
