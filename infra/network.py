"""The private network: who can reach what, decided by routes and not by trust.

A stage without it runs its functions where AWS puts them. With it, every function sits in an
isolated subnet, except for the few that call Omise: theirs have the one NAT. The automation that
fetches strangers' websites stays outside altogether, where it reaches nothing of ours.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypedDict

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.dns_firewall import DnsFirewall
from infra.keys import service_key
from infra.log_groups import make_log_group
from infra.prefix_lists import ServicePrefixLists
from infra.settings import StageSettings

_AVAILABILITY_ZONES: Final = 2
_TLS_PORT: Final = 443
_TLS: Final = ec2.Port.tcp(_TLS_PORT)
_GATEWAYS: Final = (
    ("DynamoDb", ec2.GatewayVpcEndpointAwsService.DYNAMODB),
    ("S3", ec2.GatewayVpcEndpointAwsService.S3),
)
_ISOLATED: Final = "Isolated"
_OMISE: Final = "Omise"


class Reach(Enum):
    """What a function can connect to."""

    ISOLATED = "the AWS services that have an endpoint in the network"
    OMISE = "these, and through the NAT the internet"
    INTERNET = "the internet, and nothing in the network"


class Placement(TypedDict, total=False):
    """The arguments that place a function; empty outside the network."""

    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection
    security_groups: list[ec2.ISecurityGroup]


class Network(Construct):
    """Two availability zones, isolated subnets, endpoints, and one NAT for Omise.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    """

    def __init__(self, scope: Construct, settings: StageSettings) -> None:
        super().__init__(scope, "Network")
        self._vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=_AVAILABILITY_ZONES,
            nat_gateways=1,
            restrict_default_security_group=True,
            subnet_configuration=[
                _subnets("Nat", ec2.SubnetType.PUBLIC, mask=28),
                _subnets(_OMISE, ec2.SubnetType.PRIVATE_WITH_EGRESS, mask=24),
                _subnets(_ISOLATED, ec2.SubnetType.PRIVATE_ISOLATED, mask=22),
            ],
        )
        acknowledge(
            self._vpc,
            "The route of the NAT itself; nothing else is in its subnets.",
            "PCI.DSS.321-VPCNoUnrestrictedRouteToIGW",
        )
        self._security_groups = {
            Reach.ISOLATED: self._security_group("IsolatedFunctions"),
            Reach.OMISE: self._security_group("OmiseFunctions"),
        }
        self._key = service_key(self, settings)
        self._gateway_endpoints()
        self._interface_endpoints()
        self._let_out(make_log_group(self, "PrefixListLogs", settings, self._key))
        self._flow_logs(settings)
        if settings.dns_firewall:
            DnsFirewall(self, self._vpc)

    def placement(self, reach: Reach) -> Placement:
        """Say where a function of this reach runs."""
        if reach is Reach.INTERNET:
            return {}
        return {
            "vpc": self._vpc,
            "vpc_subnets": ec2.SubnetSelection(subnet_group_name=_GROUPS[reach]),
            "security_groups": [self._security_groups[reach]],
        }

    def _security_group(self, name: str) -> ec2.SecurityGroup:
        """Let no one in, and out only what a rule allows."""
        return ec2.SecurityGroup(
            self, name, vpc=self._vpc, allow_all_outbound=False, description=f"{name}: TLS out only"
        )

    def _let_out(self, log_group: logs.ILogGroup) -> None:
        """Let isolated functions reach the gateway endpoints, and those of Omise any address.

        Omise publishes no addresses, and so the NAT's route is their only bound. An isolated
        function is held by its route table first; the rules hold it even if that got a way out.
        """
        lists = ServicePrefixLists(self, [name.lower() for name, _ in _GATEWAYS], log_group)
        allowed = [_tls_to(id_, f"{name}, by its endpoint") for name, id_ in lists.ids.items()]
        isolated = self._security_groups[Reach.ISOLATED].node.default_child
        if isinstance(isolated, ec2.CfnSecurityGroup):
            # In the group itself: with no rule in it, EC2 adds one that allows everything.
            isolated.security_group_egress = [*allowed]
        omise = self._security_groups[Reach.OMISE]
        omise.add_egress_rule(ec2.Peer.any_ipv4(), _TLS, "Omise, by the NAT")

    def _gateway_endpoints(self) -> None:
        for name, service in _GATEWAYS:
            endpoint = self._vpc.add_gateway_endpoint(name, service=service)
            endpoint.add_to_policy(_only_own_account())

    def _interface_endpoints(self) -> None:
        for name, service, policy in (
            ("Kms", ec2.InterfaceVpcEndpointAwsService.KMS, _only_own_account()),
            (
                "SecretsManager",
                ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
                _only_own_account(),
            ),
            (
                "StepFunctions",
                ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
                _only_own_account(),
            ),
            ("Sts", ec2.InterfaceVpcEndpointAwsService.STS, _only_caller_identity()),
        ):
            endpoint = self._vpc.add_interface_endpoint(
                name,
                service=service,
                open=False,
                subnets=ec2.SubnetSelection(subnet_group_name=_ISOLATED),
            )
            endpoint.add_to_policy(policy)
            for group in self._security_groups.values():
                endpoint.connections.allow_from(group, _TLS)

    def _flow_logs(self, settings: StageSettings) -> None:
        log_group = make_log_group(self, "FlowLogs", settings, self._key)
        self._vpc.add_flow_log(
            "ToCloudWatch", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group)
        )


_GROUPS: Final = {Reach.ISOLATED: _ISOLATED, Reach.OMISE: _OMISE}


def _subnets(name: str, kind: ec2.SubnetType, mask: int) -> ec2.SubnetConfiguration:
    # Nothing but the NAT is in the public ones, and it brings its address.
    public = False if kind is ec2.SubnetType.PUBLIC else None
    return ec2.SubnetConfiguration(
        name=name, subnet_type=kind, cidr_mask=mask, map_public_ip_on_launch=public
    )


def _tls_to(prefix_list_id: str, description: str) -> ec2.CfnSecurityGroup.EgressProperty:
    return ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol="tcp",
        from_port=_TLS_PORT,
        to_port=_TLS_PORT,
        destination_prefix_list_id=prefix_list_id,
        description=description,
    )


def _only_caller_identity() -> iam.PolicyStatement:
    """Let functions ask who signed a request, and nothing else: `kernel.operators.caller_identity`.

    `GetCallerIdentity` is about no resource, so the condition on a resource's account does not
    apply to it.
    """
    return iam.PolicyStatement(
        principals=[iam.AnyPrincipal()],
        actions=["sts:GetCallerIdentity"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
    )


def _only_own_account() -> iam.PolicyStatement:
    """Keep an endpoint from carrying our data to another account's resources."""
    return iam.PolicyStatement(
        principals=[iam.AnyPrincipal()],
        actions=["*"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "aws:PrincipalAccount": Aws.ACCOUNT_ID,
                "aws:ResourceAccount": Aws.ACCOUNT_ID,
            }
        },
    )
