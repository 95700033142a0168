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
from constructs import Construct

from infra.keys import service_key
from infra.log_groups import make_log_group
from infra.settings import StageSettings

_AVAILABILITY_ZONES: Final = 2
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
        self._security_groups = {
            Reach.ISOLATED: self._security_group("IsolatedFunctions"),
            Reach.OMISE: self._security_group("OmiseFunctions"),
        }
        self._gateway_endpoints()
        self._interface_endpoints()
        self._flow_logs(settings)

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
        """Let functions call out over TLS, and no one in.

        Any address, because the gateway endpoints' prefix lists differ by region and nothing is
        looked up at synthesis; where a packet can go is decided by the subnet's route table.
        """
        group = ec2.SecurityGroup(
            self, name, vpc=self._vpc, allow_all_outbound=False, description=f"{name}: TLS out only"
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "TLS, as far as routes go")
        return group

    def _gateway_endpoints(self) -> None:
        for name, service in (
            ("DynamoDb", ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            ("S3", ec2.GatewayVpcEndpointAwsService.S3),
        ):
            endpoint = self._vpc.add_gateway_endpoint(name, service=service)
            endpoint.add_to_policy(_only_own_account())

    def _interface_endpoints(self) -> None:
        for name, service in (
            ("Kms", ec2.InterfaceVpcEndpointAwsService.KMS),
            ("SecretsManager", ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
            ("StepFunctions", ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS),
        ):
            endpoint = self._vpc.add_interface_endpoint(
                name,
                service=service,
                open=False,
                subnets=ec2.SubnetSelection(subnet_group_name=_ISOLATED),
            )
            endpoint.add_to_policy(_only_own_account())
            for group in self._security_groups.values():
                endpoint.connections.allow_from(group, ec2.Port.tcp(443))
        self._sts_endpoint()

    def _sts_endpoint(self) -> None:
        """Let functions ask who signed a request (`kernel.caller_identity`), and nothing else.

        `GetCallerIdentity` is about no resource, so the condition of the others fits it not.
        """
        endpoint = self._vpc.add_interface_endpoint(
            "Sts",
            service=ec2.InterfaceVpcEndpointAwsService.STS,
            open=False,
            subnets=ec2.SubnetSelection(subnet_group_name=_ISOLATED),
        )
        endpoint.add_to_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=["sts:GetCallerIdentity"],
                resources=["*"],
                conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
            )
        )
        for group in self._security_groups.values():
            endpoint.connections.allow_from(group, ec2.Port.tcp(443))

    def _flow_logs(self, settings: StageSettings) -> None:
        log_group = make_log_group(self, "FlowLogs", settings, service_key(self, settings))
        self._vpc.add_flow_log(
            "ToCloudWatch", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group)
        )


_GROUPS: Final = {Reach.ISOLATED: _ISOLATED, Reach.OMISE: _OMISE}


def _subnets(name: str, kind: ec2.SubnetType, mask: int) -> ec2.SubnetConfiguration:
    return ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=mask)


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
