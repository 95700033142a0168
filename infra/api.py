"""The one way in: a REST API with an authorizer on every route but the public ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Aws, Duration, Fn
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.gateway_responses import add_gateway_responses
from infra.log_groups import make_log_group
from infra.routes import FALLBACK_FUNCTION, ROUTES, Route
from infra.settings import Domain, StageSettings
from kernel.correlation import HEADER as CORRELATION_HEADER
from kernel.cors import EXPOSED_HEADERS

STAGE_NAME: Final = "live"
# TLS 1.2 or newer, forward secrecy only (API Gateway, supported security policies).
_TLS_POLICY: Final = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
_OPEN: Final = ("AwsSolutions-APIG4", "CKV_AWS_59")
_PUBLIC: Final = (
    "Public by the contract: test_d04_what_is_public_is_what_the_contract_calls_public."
)
_SAYS_405: Final = "Tells anybody which methods there are, and does nothing else."
_AUTHORIZED_FOR: Final = Duration.seconds(60)
_CORS_HEADERS: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Prefer")


class Api(Construct):
    """Resources and methods of the route table, in front of the services' functions.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    functions
        Every function that serves a route, by folder.
    authorizer
        The function that says who is asking.
    routes
        What there is; a new major version stands in the same table, under a path of its own.
    key
        What encrypts its logs, if not CloudWatch's own key.

    Attributes
    ----------
    rest_api
        The API; its one stage is `live`.
    domain
        The operator's own name for it, where there is one.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        functions: Mapping[str, lambda_.Function],
        authorizer: lambda_.Function,
        routes: Sequence[Route] = ROUTES,
        key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, "Api")
        self._settings = settings
        self._key = key
        self.rest_api = self._rest_api()
        if settings.access_logs:
            self._keep_execution_log()
        self._authorizer = self._request_authorizer(authorizer)
        self._integrations = {
            name: _integration(self._published(fn)) for name, fn in functions.items()
        }
        for path in dict.fromkeys(route.path for route in routes):
            self._add_resource(path, [route for route in routes if route.path == path])
        add_gateway_responses(self.rest_api, settings.cors_origins)
        self.domain = self._domain(settings.api_domain) if settings.api_domain else None
        _acknowledge_design(self)

    @property
    def url(self) -> str:
        """Where `/v1/…` follows: the operator's own name, or else that of the API's stage."""
        if self._settings.api_domain:
            return f"https://{self._settings.api_domain.name}"
        host = [self.rest_api.rest_api_id, ".execute-api.", Aws.REGION, ".", Aws.URL_SUFFIX]
        return Fn.join("", ["https://", *host, "/", STAGE_NAME])

    def _domain(self, domain: Domain) -> apigateway.DomainName:
        """Answer under the operator's name, too; the API's own stays, for CloudFront."""
        certificate = acm.Certificate.from_certificate_arn(
            self, "Certificate", domain.certificate_arn
        )
        return apigateway.DomainName(
            self,
            "Domain",
            domain_name=domain.name,
            certificate=certificate,
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09,
            endpoint_access_mode=apigateway.EndpointAccessMode.STRICT,
            mapping=self.rest_api,
        )

    def _rest_api(self) -> apigateway.RestApi:
        api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=f"credit-engine-{self._settings.stage}",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=self._settings.access_logs,
            default_cors_preflight_options=self._cors(),
            deploy_options=self._stage_options(),
        )
        api.node.try_remove_child("Endpoint")  # an output; the stack has its own
        resource = api.node.default_child
        if isinstance(resource, apigateway.CfnRestApi) and not self._settings.is_local:
            resource.add_property_override("SecurityPolicy", _TLS_POLICY)
            resource.add_property_override("EndpointAccessMode", "STRICT")
        return api

    def _stage_options(self) -> apigateway.StageOptions:
        log = self._access_log() if self._settings.access_logs else None
        return apigateway.StageOptions(
            stage_name=STAGE_NAME,
            throttling_rate_limit=self._settings.throttle.rate,
            throttling_burst_limit=self._settings.throttle.burst,
            tracing_enabled=self._settings.tracing,
            metrics_enabled=not self._settings.is_local,
            # Errors alone, and nothing of what was sent.
            logging_level=apigateway.MethodLoggingLevel.ERROR if log else None,
            data_trace_enabled=False,
            access_log_destination=log,
            access_log_format=_access_log_format() if log else None,
        )

    def _access_log(self) -> apigateway.IAccessLogDestination:
        group = make_log_group(self, "AccessLogs", self._settings, self._key)
        return apigateway.LogGroupLogDestination(group)

    def _keep_execution_log(self) -> None:
        """Make the log group before the gateway would: it would be kept for good, unencrypted."""
        name = f"API-Gateway-Execution-Logs_{self.rest_api.rest_api_id}/{STAGE_NAME}"
        group = make_log_group(self, "ExecutionLogs", self._settings, self._key, name)
        self.rest_api.deployment_stage.node.add_dependency(group)

    def _request_authorizer(self, function: lambda_.Function) -> apigateway.RequestAuthorizer:
        return apigateway.RequestAuthorizer(
            self,
            "Authorizer",
            handler=self._published(function),
            identity_sources=[apigateway.IdentitySource.header("Authorization")],
            results_cache_ttl=_AUTHORIZED_FOR,
        )

    def _published(self, function: lambda_.Function) -> lambda_.IFunction:
        """Return what the API calls: only published versions start from a snapshot."""
        return function.add_alias(STAGE_NAME) if self._settings.snap_start else function

    def _add_resource(self, path: str, routes: Sequence[Route]) -> None:
        """Add a path with its methods; any other method says which there are (405)."""
        resource = self.rest_api.root.resource_for_path(path)
        for route in routes:
            integration = self._integrations[route.function]
            if route.public:
                method = resource.add_method(route.method, integration)
                acknowledge(method, _PUBLIC, *_OPEN)
            else:
                resource.add_method(route.method, integration, authorizer=self._authorizer)
        others = resource.add_method("ANY", self._integrations[FALLBACK_FUNCTION])
        acknowledge(others, _SAYS_405, *_OPEN)

    def _cors(self) -> apigateway.CorsOptions | None:
        if not self._settings.cors_origins:
            return None
        return apigateway.CorsOptions(
            allow_origins=list(self._settings.cors_origins),
            allow_methods=["DELETE", "GET", "PATCH", "POST"],
            allow_headers=[*_CORS_HEADERS, CORRELATION_HEADER],
            expose_headers=list(EXPOSED_HEADERS),
            max_age=Duration.hours(1),
        )


def _acknowledge_design(api: Api) -> None:
    acknowledge(
        api,
        "A REQUEST authorizer of ours checks our own tokens (ADR 15); there is no user pool.",
        "AwsSolutions-COG4",
    )
    acknowledge(
        api,
        "The functions validate strictly and answer with problem documents (ADR 19); a model at "
        "the gateway would be a second, weaker copy of the rules.",
        "AwsSolutions-APIG2",
    )
    acknowledge(
        api,
        "Answers are a user's own and `no-store`; a cache could only give them to somebody else.",
        "PCI.DSS.321-APIGWCacheEnabledAndEncrypted",
        "CKV_AWS_120",
    )
    acknowledge(
        api,
        "Client certificates are for HTTP backends; Lambda is called by IAM, within AWS.",
        "PCI.DSS.321-APIGWSSLEnabled",
    )
    acknowledge(
        api,
        "API Gateway logs by one role of the account, and AWS keeps the policy that it needs.",
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
        "service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
    )


def _integration(function: lambda_.IFunction) -> apigateway.LambdaIntegration:
    """Let the API call a function; one permission for all of its routes."""
    return apigateway.LambdaIntegration(function, scope_permission_to_method=False)


def _access_log_format() -> apigateway.AccessLogFormat:
    return apigateway.AccessLogFormat.json_with_standard_fields(
        caller=False,
        http_method=True,
        ip=True,
        protocol=True,
        request_time=True,
        resource_path=True,
        response_length=True,
        status=True,
        user=False,
    )
