"""D07: the network of the stages that have one."""

from __future__ import annotations

from tests.infra.synthesis import Json, Template, logical_ids

CALLS_OMISE = {
    "BillingWebhook",
    "BillingSaga",
    "BillingRefund",
    "BillingReconciliation",
    "BillingDispute",
}
FETCHES_WEBSITES = {"WorkflowsWebsiteCheck"}
ANYWHERE = "0.0.0.0/0"


def subnets_of(function: Json) -> set[str]:
    """Name the subnets that a function is in."""
    return set(logical_ids(function.get("VpcConfig", {}).get("SubnetIds", [])))


def subnets_with_a_way_to(template: Template, property_name: str) -> set[str]:
    """Name the subnets whose route table has a default route of a kind."""
    tables = {
        next(logical_ids(route["RouteTableId"]))
        for route in template.resources("AWS::EC2::Route").values()
        if route.get("DestinationCidrBlock") == ANYWHERE and property_name in route
    }
    return {
        next(logical_ids(link["SubnetId"]))
        for link in template.resources("AWS::EC2::SubnetRouteTableAssociation").values()
        if tables & set(logical_ids(link["RouteTableId"]))
    }


def test_d07_only_functions_that_call_omise_reach_the_nat(protected_template: Template) -> None:
    """Their subnets have the route to the one NAT, and nobody else is in them."""
    assert len(protected_template.resources("AWS::EC2::NatGateway")) == 1
    with_nat = subnets_with_a_way_to(protected_template, "NatGatewayId")
    for name, function in protected_template.functions().items():
        assert (subnets_of(function) <= with_nat) == (name in CALLS_OMISE | FETCHES_WEBSITES), name
        assert (subnets_of(function) & with_nat != set()) == (name in CALLS_OMISE), name


def test_d07_all_others_are_isolated_in_two_zones(protected_template: Template) -> None:
    """No default route of any kind leads out of their subnets."""
    kinds = ("NatGatewayId", "GatewayId", "EgressOnlyInternetGatewayId", "TransitGatewayId")
    exits = {subnet for kind in kinds for subnet in subnets_with_a_way_to(protected_template, kind)}
    for name, function in protected_template.functions().items():
        if name not in CALLS_OMISE | FETCHES_WEBSITES:
            assert len(subnets_of(function)) == 2, name
            assert not subnets_of(function) & exits, name


def test_d07_what_fetches_strangers_websites_is_outside(protected_template: Template) -> None:
    """The function that opens users' addresses has no network of ours to reach."""
    for name in FETCHES_WEBSITES:
        assert "VpcConfig" not in protected_template.functions()[name]


def test_d07_dynamodb_is_reachable_from_every_functions_subnet(
    protected_template: Template,
) -> None:
    """The gateway endpoint is in the route tables, and the security groups let TLS out."""
    (endpoint,) = (
        endpoint
        for endpoint in protected_template.resources("AWS::EC2::VPCEndpoint").values()
        if "dynamodb" in str(endpoint["ServiceName"])
    )
    tables = set(logical_ids(endpoint["RouteTableIds"]))
    reached = {
        next(logical_ids(link["SubnetId"]))
        for link in protected_template.resources("AWS::EC2::SubnetRouteTableAssociation").values()
        if tables & set(logical_ids(link["RouteTableId"]))
    }
    groups = protected_template.resources("AWS::EC2::SecurityGroup")
    for name, function in protected_template.functions().items():
        assert subnets_of(function) <= reached, name
        for group in logical_ids(function.get("VpcConfig", {}).get("SecurityGroupIds", [])):
            (rule,) = groups[group]["SecurityGroupEgress"]
            assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == (ANYWHERE, 443, 443)
            assert "SecurityGroupIngress" not in groups[group]


def test_d07_endpoints_serve_this_account_only(protected_template: Template) -> None:
    """No endpoint carries data to a stranger's resources."""
    endpoints = protected_template.resources("AWS::EC2::VPCEndpoint")
    assert len(endpoints) == 6
    own = {"Ref": "AWS::AccountId"}
    for name, endpoint in endpoints.items():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        condition = statement["Condition"]["StringEquals"]
        if "Sts" in name:  # who somebody is, is asked about no resource
            assert statement["Action"] == "sts:GetCallerIdentity"
            assert condition == {"aws:PrincipalAccount": own}
        else:
            assert condition == {"aws:PrincipalAccount": own, "aws:ResourceAccount": own}


def test_the_other_stages_have_no_network(local_template: Template) -> None:
    """The emulator's stage has no network, and so no costs or waits of one."""
    assert not local_template.resources("AWS::EC2::VPC")
