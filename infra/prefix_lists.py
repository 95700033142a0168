"""AWS's own prefix lists: the addresses behind a gateway endpoint, by the id they have in a region.

A security group's rule can name such a list, but its id differs by region, CloudFormation has no
way to ask for it, and looking it up at synthesis would make the template depend on an account. So
it is asked for when the stack is deployed, by the name that the endpoint's service has. A list that
is not found fails the deployment, which leaves the old rules as they are; a wrong one, as out of a
table that somebody typed in, would cut functions off from DynamoDB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Aws, Duration, custom_resources
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge

_FOUND: Final = "PrefixLists.0.PrefixListId"
_TIMEOUT: Final = Duration.minutes(2)


class ServicePrefixLists(Construct):
    """The prefix lists of some services in the stack's region.

    Parameters
    ----------
    scope
        The network.
    services
        The services' short names, such as `dynamodb`.
    log_group
        Where the function that asks for them writes.

    Attributes
    ----------
    ids
        The list's id by service, known when the stack is deployed.
    """

    def __init__(
        self, scope: Construct, services: Sequence[str], log_group: logs.ILogGroup
    ) -> None:
        super().__init__(scope, "PrefixLists")
        self._log_group = log_group
        self.ids = {service: self._id_of(service) for service in services}

    def _id_of(self, service: str) -> str:
        name = f"com.amazonaws.{Aws.REGION}.{service}"
        call = custom_resources.AwsSdkCall(
            service="EC2",
            action="DescribeManagedPrefixLists",
            parameters={"Filters": [{"Name": "prefix-list-name", "Values": [name]}]},
            physical_resource_id=custom_resources.PhysicalResourceId.from_response(_FOUND),
            output_paths=[_FOUND],
        )
        found = custom_resources.AwsCustomResource(
            self,
            service,
            on_update=call,  # when it is created, too
            policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(
                # A request for a list of everything knows no resource.
                resources=custom_resources.AwsCustomResourcePolicy.ANY_RESOURCE
            ),
            install_latest_aws_sdk=False,
            log_group=self._log_group,
            timeout=_TIMEOUT,
        )
        acknowledge(
            found,
            "A question about AWS's own lists, which names no resource.",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return found.get_response_field(_FOUND)
