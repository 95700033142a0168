"""The gateway: who gets in, and what it answers by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from aws_cdk import aws_apigateway as apigateway

from infra.gateway_responses import GATEWAY_ERRORS
from infra.routes import ROUTES, Route, allowed_methods
from kernel import problem
from tests.infra.synthesis import (
    CHOICES,
    ROOT,
    Json,
    Template,
    environment,
    logical_ids,
    synthesised,
)


def paths(template: Template) -> dict[str, str]:
    """Map each resource's logical id to its path."""
    resources = template.resources("AWS::ApiGateway::Resource")

    def path(name: str) -> str:
        if name not in resources:
            return ""
        parent = next(logical_ids(resources[name]["ParentId"]))
        return f"{path(parent)}/{resources[name]['PathPart']}"

    return {name: path(name) for name in resources}


def methods(template: Template) -> Iterator[tuple[str, str, Json]]:
    """List the API's methods: name, path, properties."""
    by_id = paths(template)
    for method in template.resources("AWS::ApiGateway::Method").values():
        resource = next(logical_ids(method["ResourceId"]))
        yield method["HttpMethod"], by_id.get(resource, "/"), method


def test_d04_an_authorizer_on_every_route_but_the_public_ones(template: Template) -> None:
    """What the table of routes does not call public asks the authorizer."""
    public = {(route.method, route.path) for route in ROUTES if route.public}
    authorizer, _ = template.only("AWS::ApiGateway::Authorizer")
    found = {}
    for name, path, method in methods(template):
        if name != "ANY":
            found[name, path] = (
                method["AuthorizationType"],
                list(logical_ids(method.get("AuthorizerId", {}))),
            )
    assert set(found) == {(route.method, route.path) for route in ROUTES}
    for key, (kind, authorizers) in found.items():
        assert (kind, authorizers) == (
            ("NONE", []) if key in public else ("CUSTOM", [authorizer])
        ), key


def test_d04_what_is_public_is_what_the_contract_calls_public() -> None:
    """The list of public routes is short, and here once more, so that no slip widens it."""
    assert {f"{route.method} {route.path}" for route in ROUTES if route.public} == {
        "POST /v1/auth/register",
        "POST /v1/auth/login",
        "POST /v1/auth/refresh",
        "GET /v1/.well-known/jwks.json",
        "GET /v1/packages",
        "POST /v1/webhooks/omise",
        "GET /v1/automations",
        "GET /v1/health",
        "GET /v1/openapi.json",
        "GET /docs",
        "GET /docs/{file}",
    }


def test_d04_the_authorizer_is_asked_once_a_minute_for_a_header(template: Template) -> None:
    """Results are kept for 60 s by the whole Authorization header, and nothing else."""
    _, authorizer = template.only("AWS::ApiGateway::Authorizer")
    assert authorizer["Type"] == "REQUEST"
    assert authorizer["IdentitySource"] == "method.request.header.Authorization"
    assert authorizer["AuthorizerResultTtlInSeconds"] == 60


def test_any_other_method_is_answered_by_the_edge_before_authorization(template: Template) -> None:
    """Each path with a method has `ANY` too, public, in front of the function that says 405."""
    others = {path: method for name, path, method in methods(template) if name == "ANY"}
    assert set(others) == {route.path for route in ROUTES}
    for method in others.values():
        assert method["AuthorizationType"] == "NONE"
        assert "EdgeService" in logical_ids(method["Integration"])


def test_the_edge_knows_the_methods_of_every_path(local_template: Template) -> None:
    """The function that says 405 is told what to name in `Allow`."""
    told = json.loads(environment(local_template.functions()["EdgeService"])["ALLOWED_METHODS"])
    assert told == allowed_methods()
    assert told["/v1/workflows/{id}"] == "DELETE, GET, PATCH"


def test_each_route_is_served_by_its_function(template: Template) -> None:
    """A route's integration is the function that the table names."""
    for name, path, method in methods(template):
        for route in ROUTES:
            if (route.method, route.path) == (name, path):
                service, folder = route.function.split("/")
                title = "".join(part.capitalize() for part in (service, *folder.split("_")))
                assert title in logical_ids(method["Integration"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_routes_function_has_an_endpoint_for_it(route: Route) -> None:
    """The service's code names the route as the gateway does."""
    modules = (ROOT / "functions" / route.function.split("/")[0]).rglob("*.py")
    code = "".join(module.read_text(encoding="utf-8") for module in modules)
    assert f'"{route.method} {route.path}"' in code


def test_p04_every_error_of_the_gateway_is_a_problem_document(template: Template) -> None:
    """Status, code and headers of the gateway's own errors are those of the contract."""
    responses = {
        response["ResponseType"]: response
        for response in template.resources("AWS::ApiGateway::GatewayResponse").values()
    }
    for error in GATEWAY_ERRORS:
        for kind in error.types:
            response = responses.pop(kind.response_type)
            document = json.loads(response["ResponseTemplates"]["application/json"])
            assert document["code"] == error.code
            assert response["StatusCode"] == str(problem.KINDS[error.code].status)
            assert document["correlation_id"] == "$context.requestId"
    assert not responses


def test_p04_no_kind_of_the_gateways_errors_is_left_to_its_default() -> None:
    """Whatever the gateway can refuse, it refuses in our form."""
    kinds = [getattr(apigateway.ResponseType, name) for name in dir(apigateway.ResponseType)]
    every = {k.response_type for k in kinds if isinstance(k, apigateway.ResponseType)}
    assert every == {kind.response_type for error in GATEWAY_ERRORS for kind in error.types}


@pytest.mark.parametrize(
    ("kind", "status", "headers"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", "404", {}),
        ("DEFAULT_4XX", "404", {}),
        ("UNAUTHORIZED", "401", {"WWW-Authenticate": "'Bearer'"}),
        ("ACCESS_DENIED", "401", {"WWW-Authenticate": "'Bearer'"}),
        ("THROTTLED", "429", {"Retry-After": "'1'"}),
        ("REQUEST_TOO_LARGE", "413", {}),
        ("INTEGRATION_TIMEOUT", "503", {"Retry-After": "'1'"}),
    ],
)
def test_p04_the_gateways_errors_carry_the_contracts_headers(
    kind: str, status: str, headers: dict[str, str]
) -> None:
    """Every response has the common headers, and its status' own."""
    (response,) = (
        response
        for response in synthesised("prod").resources("AWS::ApiGateway::GatewayResponse").values()
        if response["ResponseType"] == kind
    )
    expected = {
        "Cache-Control": "'no-store'",
        "Content-Type": "'application/problem+json'",
        "Strict-Transport-Security": "'max-age=63072000; includeSubDomains'",
        "X-Content-Type-Options": "'nosniff'",
        "X-Correlation-Id": "context.requestId",
        **headers,
    }
    assert response["StatusCode"] == status
    assert response["ResponseParameters"] == {
        f"gatewayresponse.header.{name}": value for name, value in expected.items()
    }


def test_d05_the_gateway_throttles(template: Template) -> None:
    """Every method of the stage has a rate and a burst limit."""
    _, stage = template.only("AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] > 0


def test_clients_need_tls_1_2(aws_template: Template) -> None:
    """The API's own address takes no older protocol."""
    _, api = aws_template.only("AWS::ApiGateway::RestApi")
    assert api["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2_")


def test_other_origins_are_let_in_by_gateway_and_functions_alike(
    chosen_template: Template,
) -> None:
    """The preflight answers for every path, and the functions know whom to answer."""
    preflights = [path for name, path, _ in methods(chosen_template) if name == "OPTIONS"]
    assert {route.path for route in ROUTES} <= set(preflights)
    for function in chosen_template.functions().values():
        assert environment(function)["CORS_ORIGINS"] == ",".join(CHOICES["cors_origins"])


def test_no_other_origin_is_let_in_unless_the_operator_says_so(template: Template) -> None:
    """The repository names none."""
    assert not [path for name, path, _ in methods(template) if name == "OPTIONS"]
    for function in template.functions().values():
        assert "CORS_ORIGINS" not in environment(function)


def test_the_api_has_the_operators_name_too_where_there_is_one(chosen_template: Template) -> None:
    """With the operator's certificate, the same TLS, and what to point the name at."""
    template, chosen = chosen_template, CHOICES["api_domain"]
    name, domain = template.only("AWS::ApiGateway::DomainName")
    assert domain["DomainName"] == chosen.name
    assert domain["RegionalCertificateArn"] == chosen.certificate_arn
    assert domain["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2_")
    _, mapping = template.only("AWS::ApiGateway::BasePathMapping")
    api, _ = template.only("AWS::ApiGateway::RestApi")
    assert api in logical_ids(mapping["RestApiId"])
    assert list(logical_ids(template.body["Outputs"]["ApiDomainTarget"]["Value"])) == [name]


def test_without_one_it_has_none(template: Template) -> None:
    """The repository names nobody's domain."""
    assert not template.resources("AWS::ApiGateway::DomainName")


def test_the_firewall_protects_the_apis_stage(protected_template: Template) -> None:
    """The web ACL is associated, and counts requests per address."""
    _, association = protected_template.only("AWS::WAFv2::WebACLAssociation")
    acl, properties = protected_template.only("AWS::WAFv2::WebACL")
    stage, _ = protected_template.only("AWS::ApiGateway::Stage")
    assert acl in logical_ids(association["WebACLArn"])
    assert stage in logical_ids(association["ResourceArn"])
    assert any("RateBasedStatement" in rule["Statement"] for rule in properties["Rules"])
