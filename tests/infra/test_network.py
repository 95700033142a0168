"""D07: the network of the stages that have one."""

from __future__ import annotations

from collections.abc import Iterator

from tests.infra.synthesis import Json, Template, logical_ids, text_of

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


def security_groups(function: Json) -> list[str]:
    """Name a function's security groups."""
    return list(logical_ids(function.get("VpcConfig", {}).get("SecurityGroupIds", [])))


def rules(template: Template, function: Json, way: str) -> Iterator[Json]:
    """List the rules of a function's groups, inline and on their own: `Egress` or `Ingress`."""
    mine = set(security_groups(function))
    groups = template.resources("AWS::EC2::SecurityGroup")
    for group in mine:
        yield from groups[group].get(f"SecurityGroup{way}", [])
    for rule in template.resources(f"AWS::EC2::SecurityGroup{way}").values():
        if mine & set(logical_ids(rule["GroupId"])):
            yield rule


def destinations(template: Template, function: Json) -> Iterator[str]:
    """Name what a function may call by TLS: an address range, a service, an endpoint."""
    custom = template.resources("Custom::AWS")
    for rule in rules(template, function, "Egress"):
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
        if "DestinationPrefixListId" in rule:
            asked = text_of(custom[next(logical_ids(rule["DestinationPrefixListId"]))]["Update"])
            yield asked.partition("com.amazonaws.ap-southeast-1.")[2].partition('"')[0]
        elif "DestinationSecurityGroupId" in rule:
            group = next(logical_ids(rule["DestinationSecurityGroupId"]))
            yield group.removeprefix("NetworkVpc").partition("SecurityGroup")[0]
        else:
            yield rule["CidrIp"]


def domains(rule: Json) -> str:
    """Name the list of domains that a rule is about."""
    return next(logical_ids(rule["FirewallDomainListId"]))


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
    """The gateway endpoint is in the route tables, and the groups let TLS out to its addresses."""
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
    for name, function in protected_template.functions().items():
        assert subnets_of(function) <= reached, name
        if function.get("VpcConfig"):
            lists = {"dynamodb", "s3"} if name not in CALLS_OMISE else {ANYWHERE}
            assert lists <= set(destinations(protected_template, function)), name


def test_d07_an_isolated_functions_rules_lead_to_endpoints_alone(
    protected_template: Template,
) -> None:
    """By TLS to AWS's prefix lists and the endpoints' groups; no one is let in."""
    endpoints = {"Kms", "SecretsManager", "StepFunctions", "Sts"}
    for name, function in protected_template.functions().items():
        if function.get("VpcConfig"):
            anywhere = {ANYWHERE} if name in CALLS_OMISE else {"dynamodb", "s3"}
            assert set(destinations(protected_template, function)) == anywhere | endpoints, name
            assert not list(rules(protected_template, function, "Ingress")), name


def test_d07_an_isolated_functions_group_has_rules_of_its_own(
    protected_template: Template,
) -> None:
    """In the group itself: EC2 lets a group without any rule out to everywhere."""
    groups = protected_template.resources("AWS::EC2::SecurityGroup")
    for function in protected_template.functions().values():
        for group in security_groups(function):
            assert groups[group]["SecurityGroupEgress"]


def test_d07_prefix_lists_are_asked_for_by_name_when_deployed(
    protected_template: Template,
) -> None:
    """No id is written down, and one that is not found fails the deployment."""
    asked = [text_of(one["Update"]) for one in protected_template.resources("Custom::AWS").values()]
    for service in ("dynamodb", "s3"):
        (call,) = (text for text in asked if f'"com.amazonaws.ap-southeast-1.{service}"' in text)
        assert '"DescribeManagedPrefixLists"' in call
        assert "ignoreErrorCodesMatching" not in call


def test_d07_only_names_of_aws_and_omise_are_looked_up(protected_template: Template) -> None:
    """First what is known is allowed, then everything else is unknown, throughout the network."""
    lists = protected_template.resources("AWS::Route53Resolver::FirewallDomainList")
    _, group = protected_template.only("AWS::Route53Resolver::FirewallRuleGroup")
    allow, block = sorted(group["FirewallRules"], key=lambda rule: rule["Priority"])
    assert [text_of(name) for name in lists[domains(allow)]["Domains"]] == [
        "*.amazonaws.com",
        "api.omise.co",
        "vault.omise.co",
    ]
    assert (allow["Action"], lists[domains(block)]["Domains"]) == ("ALLOW", ["*"])
    assert allow["FirewallDomainRedirectionAction"] == "TRUST_REDIRECTION_DOMAIN"
    assert (block["Action"], block["BlockResponse"]) == ("BLOCK", "NXDOMAIN")
    _, link = protected_template.only("AWS::Route53Resolver::FirewallRuleGroupAssociation")
    assert next(logical_ids(link["VpcId"])).startswith("NetworkVpc")


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
