"""The console's place in AWS: files in S3, in front of them CloudFront, and behind it the API too.

One origin for both, as at the local front door: `/v1` and `/docs` go to the API's regional stage,
uncached and with all their headers, everything else is a file. The API stays reachable without
CloudFront, for clients that are no browsers and for Omise's webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aws_cdk import Aws, Fn, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from infra.access_logs import access_log_bucket
from infra.acknowledgements import acknowledge, everything_below
from infra.api import STAGE_NAME
from infra.console_headers import response_headers_policy
from infra.console_package import console_source
from infra.hosting import Hosting
from infra.keys import removal_policy
from infra.log_groups import make_log_group
from infra.origin_proof import OriginProof
from infra.settings import StageSettings
from kernel.headers import ADDRESS_HEADER, PROOF_HEADER

_FUNCTIONS: Final = Path(__file__).parent / "cloudfront_functions"
_API_PATHS: Final = ("/v1/*", "/docs", "/docs/*")
_INDEX: Final = "index.html"
_TLS_1_2: Final = cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
_LOG_PREFIX: Final = "cloudfront/"


class Console(Construct):
    """Serves the console, and the API on the same origin.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    api
        The API.
    proof
        By which the API knows requests that came this way.
    key
        What encrypts the log of deployments, if not CloudWatch's own key.

    Attributes
    ----------
    distribution
        Where browsers go.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        api: apigateway.IRestApi,
        proof: OriginProof,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "Console")
        self._key = key
        self._settings = settings
        self._hosting = Hosting.read()
        self._bucket = self._files()
        self._api_behavior = self._to_api(_origin_of(api, proof))
        self.distribution = self._distribution()
        self._deploy()
        self._acknowledge_design()

    @property
    def hosts(self) -> list[str]:
        """The host names that the console has."""
        named = self._settings.console_domain
        return [self.distribution.distribution_domain_name, *([named.name] if named else [])]

    def _files(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            # Public files: a key of ours would only add CloudFront to its policy.
            encryption=s3.BucketEncryption.S3_MANAGED,
            versioned=True,
            server_access_logs_bucket=access_log_bucket(self, self._settings),
            server_access_logs_prefix="console/",
            removal_policy=removal_policy(self._settings),
        )

    def _distribution(self) -> cloudfront.Distribution:
        domain = self._settings.console_domain
        return cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Credit Engine {self._settings.stage}: console and API",
            default_root_object=_INDEX,
            default_behavior=self._to_files(),
            additional_behaviors=dict.fromkeys(_API_PATHS, self._api_behavior),
            domain_names=[domain.name] if domain else None,
            certificate=self._certificate(),
            # CloudFront's own certificate brings its own, older minimum.
            minimum_protocol_version=_TLS_1_2 if domain else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_200,  # with South-East Asia
            log_bucket=access_log_bucket(self, self._settings),
            log_file_prefix=_LOG_PREFIX,
            web_acl_id=self._settings.console_web_acl_arn,
        )

    def _certificate(self) -> acm.ICertificate | None:
        domain = self._settings.console_domain
        if domain is None:
            return None
        return acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn)

    def _to_files(self) -> cloudfront.BehaviorOptions:
        """Serve files; to list them, too, makes S3 say of one that is not there that it is not."""
        pages = json.dumps(sorted(self._hosting.pages))
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self._bucket,
                origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST],
            ),
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            function_associations=[self._function("pages", {"__PAGES__": pages})],
            response_headers_policy=response_headers_policy(self, self._hosting.headers),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )

    def _to_api(self, origin: cloudfront.IOrigin) -> cloudfront.BehaviorOptions:
        """Pass on everything but `Host`, which the gateway knows its APIs by."""
        return cloudfront.BehaviorOptions(
            origin=origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            function_associations=[
                self._function("viewer_address", {"__HEADER__": ADDRESS_HEADER.lower()})
            ],
            # A token that was sent in the clear is lost; a redirect would only hide it.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        )

    def _function(self, name: str, filled: dict[str, str]) -> cloudfront.FunctionAssociation:
        return cloudfront.FunctionAssociation(
            event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
            function=cloudfront.Function(
                self,
                name.title().replace("_", ""),
                code=cloudfront.FunctionCode.from_inline(function_code(name, filled)),
                runtime=cloudfront.FunctionRuntime.JS_2_0,
            ),
        )

    def _deploy(self) -> None:
        """Upload folder by folder, pages last: a page is there only when what it loads is.

        Nothing is removed, because pages that are open still load the files of their version.
        """
        folders = tuple(self._hosting.cache_control)
        log_group = make_log_group(self, "DeploymentLogs", self._settings, self._key)
        before: deployment.BucketDeployment | None = None
        for folder, cache_control in self._hosting.cache_control.items():
            uploaded = deployment.BucketDeployment(
                self,
                f"Upload{folder.strip('/').title() or 'Pages'}",
                sources=[console_source(folder, folders), *([] if folder else self._told())],
                destination_bucket=self._bucket,
                destination_key_prefix=folder or None,
                cache_control=[deployment.CacheControl.from_string(cache_control)],
                prune=False,
                log_group=log_group,
            )
            if before:
                uploaded.node.add_dependency(before)
            before = uploaded

    def _acknowledge_design(self) -> None:
        acknowledge(
            self._bucket,
            "Public files, made from the repository: a deployment makes them again, and a key of "
            "ours would keep nothing from anybody.",
            "PCI.DSS.321-S3BucketReplicationEnabled",
            "PCI.DSS.321-S3DefaultEncryptionKMS",
        )
        acknowledge(
            Stack.of(self),
            "Every file of the console's bucket is the console's.",
            everything_below(self._bucket, "*"),
        )
        acknowledge(
            self.distribution,
            "The default root object is set, so that nothing asks S3 for the list of files; the "
            "right to list makes it answer 404 and not 403.",
            "@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk",
        )
        acknowledge(
            self.distribution,
            "The service is sold to whoever can pay by PromptPay or card, wherever they are.",
            "AwsSolutions-CFR1",
        )
        if not self._settings.console_web_acl_arn:
            acknowledge(
                self.distribution,
                "Files need no filter, and the API has a firewall of its own, which knows viewers' "
                "addresses; console_web_acl_arn takes one of us-east-1 (ADR 27).",
                "AwsSolutions-CFR2",
                "CKV_AWS_68",
            )
        if not self._settings.console_domain:
            acknowledge(
                self.distribution,
                "CloudFront's own certificate fixes its protocols; with console_domain, which a "
                "stage that takes payments sets, it is TLS 1.2 (ADR 27).",
                "AwsSolutions-CFR4",
                "CKV_AWS_174",
            )

    def _told(self) -> Sequence[deployment.ISource]:
        """Say in `config.json` what deployments differ in; all of it is public."""
        told = {
            "omise_js_url": f"{self._hosting.omise_js_origin}/omise.js",
            "omise_public_key": self._settings.omise_public_key,
        }
        return [deployment.Source.json_data("config.json", told)]


def function_code(name: str, filled: dict[str, str]) -> str:
    """Return the code of a CloudFront function, with values in the place of its placeholders."""
    code = (_FUNCTIONS / f"{name}.js").read_text(encoding="utf-8")
    for placeholder, value in filled.items():
        code = code.replace(placeholder, value)
    return code


def _origin_of(api: apigateway.IRestApi, proof: OriginProof) -> origins.HttpOrigin:
    """Name the API's stage without depending on it: functions are told the console's address."""
    host = [api.rest_api_id, ".execute-api.", Aws.REGION, ".", Aws.URL_SUFFIX]
    return origins.HttpOrigin(
        Fn.join("", host),
        origin_path=f"/{STAGE_NAME}",
        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        custom_headers={PROOF_HEADER: proof.value},
    )
