"""The headers of the console's files, in the form in which CloudFront takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront

from infra.hosting import POLICY_HEADER

if TYPE_CHECKING:
    from constructs import Construct

_HSTS: Final = "Strict-Transport-Security"
_FRAMES: Final = "X-Frame-Options"
_NO_SNIFFING: Final = "X-Content-Type-Options"
_REFERRER: Final = "Referrer-Policy"
# CloudFront refuses these as custom headers and has a setting for each instead.
_WITH_SETTING: Final = frozenset({POLICY_HEADER, _HSTS, _FRAMES, _NO_SNIFFING, _REFERRER})


def response_headers_policy(
    scope: Construct, headers: Mapping[str, str]
) -> cloudfront.ResponseHeadersPolicy:
    """Make the policy that gives every file these headers, whatever S3 says.

    Parameters
    ----------
    scope
        The console.
    headers
        Names and values, those five of `web/hosting.json` that have settings among them.
    """
    custom = [
        cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
        for name, value in headers.items()
        if name not in _WITH_SETTING
    ]
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        security_headers_behavior=_with_settings(headers),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=custom),
    )


def _with_settings(headers: Mapping[str, str]) -> cloudfront.ResponseSecurityHeadersBehavior:
    return cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=headers[POLICY_HEADER], override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=cloudfront.ResponseHeadersFrameOptions(
            frame_option=cloudfront.HeadersFrameOption[headers[_FRAMES]], override=True
        ),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy[
                headers[_REFERRER].upper().replace("-", "_")
            ],
            override=True,
        ),
        strict_transport_security=_hsts(headers[_HSTS]),
    )


def _hsts(value: str) -> cloudfront.ResponseHeadersStrictTransportSecurity:
    seconds = re.search(r"max-age=([0-9]+)", value)
    if seconds is None:
        raise ValueError(f"{_HSTS} has no max-age: {value}")
    return cloudfront.ResponseHeadersStrictTransportSecurity(
        access_control_max_age=Duration.seconds(int(seconds.group(1))),
        include_subdomains="includeSubDomains" in value,
        override=True,
    )
