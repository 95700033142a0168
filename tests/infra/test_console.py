"""The console in AWS: served as `web/hosting.json` says, with the API behind the same origin."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infra import console_package
from infra.console import function_code
from infra.console_package import ConsoleBundling
from infra.hosting import Hosting
from tests.infra.permissions import permissions, role_of
from tests.infra.synthesis import (
    CHOICES,
    Json,
    Template,
    environment,
    logical_ids,
    text_of,
)

HOSTING = Hosting.read()
PROOF = "X-Origin-Proof"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def distribution(template: Template) -> Json:
    """Return the distribution's configuration."""
    _, properties = template.only("AWS::CloudFront::Distribution")
    return properties["DistributionConfig"]


def origin(template: Template, behavior: Json) -> Json:
    """Return where a behaviour's requests go."""
    (found,) = (
        one for one in distribution(template)["Origins"] if one["Id"] == behavior["TargetOriginId"]
    )
    return found


def api_behaviors(template: Template) -> dict[str, Json]:
    """Return the behaviours beside the default one, by path."""
    return {one["PathPattern"]: one for one in distribution(template)["CacheBehaviors"]}


def headers(template: Template) -> dict[str, str]:
    """Return the headers that CloudFront adds to files, as browsers get them."""
    _, policy = template.only("AWS::CloudFront::ResponseHeadersPolicy")
    config = policy["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    hsts = security["StrictTransportSecurity"]
    assert hsts["IncludeSubdomains"]
    return {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Strict-Transport-Security": f"max-age={hsts['AccessControlMaxAgeSec']}; includeSubDomains",
        "X-Content-Type-Options": "nosniff" if security["ContentTypeOptions"]["Override"] else "",
        "X-Frame-Options": security["FrameOptions"]["FrameOption"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        **{one["Header"]: one["Value"] for one in config["CustomHeadersConfig"]["Items"]},
    }


def run(name: str, event: Json, **filled: str) -> Json:
    """Run a CloudFront function in Node."""
    code = function_code(name, {f"__{key}__": value for key, value in filled.items()})
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})))"
    result = subprocess.run(  # noqa: S603  # our own code
        ["node", "-e", script],  # noqa: S607  # the machine's Node
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return json.loads(result.stdout)


def test_d08_cloudfront_adds_the_headers_of_the_front_door(aws_template: Template) -> None:
    """The same file says it to both, the strict policy among them; only caching is the files'."""
    expected = HOSTING.headers_of("/")
    expected.pop("Cache-Control")
    assert headers(aws_template) == expected
    assert "default-src 'none'" in expected["Content-Security-Policy"]


def test_the_files_are_private_and_cloudfront_alone_reads_them(aws_template: Template) -> None:
    """Closed to the public, encrypted, TLS only; CloudFront signs, for this distribution."""
    name, bucket = aws_template.only("AWS::S3::Bucket", "ConsoleFiles")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]
    _, policy = aws_template.only("AWS::S3::BucketPolicy", "ConsoleFiles")
    statements = policy["PolicyDocument"]["Statement"]
    denied = [one for one in statements if one["Effect"] == "Deny"]
    assert "aws:SecureTransport" in json.dumps(denied)
    readers = [one for one in statements if one["Effect"] == "Allow" and "s3:Get" in str(one)]
    allowed = [one for one in readers if "Service" in one["Principal"]]
    assert [one["Principal"]["Service"] for one in allowed] == ["cloudfront.amazonaws.com"]
    assert "distribution/" in text_of(allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"])
    files = origin(aws_template, distribution(aws_template)["DefaultCacheBehavior"])
    assert name in logical_ids(files["DomainName"])
    assert files["OriginAccessControlId"]


def test_the_api_is_behind_the_same_origin(aws_template: Template) -> None:
    """Its paths go to its one stage, over TLS, whatever the method, uncached."""
    api, _ = aws_template.only("AWS::ApiGateway::RestApi")
    behaviors = api_behaviors(aws_template)
    assert set(behaviors) == {"/v1/*", "/docs", "/docs/*"}
    for behavior in behaviors.values():
        target = origin(aws_template, behavior)
        assert api in logical_ids(target["DomainName"])
        assert target["OriginPath"] == "/live"
        assert target["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert target["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
        assert {"POST", "PATCH", "DELETE"} <= set(behavior["AllowedMethods"])
        assert behavior["ViewerProtocolPolicy"] == "https-only"
        assert behavior["CachePolicyId"] == CACHING_DISABLED
        assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
        assert "ResponseHeadersPolicyId" not in behavior


def test_an_error_of_the_api_never_becomes_a_page(aws_template: Template) -> None:
    """No error is answered with a document: that would hold for the API's 404, too."""
    assert "CustomErrorResponses" not in distribution(aws_template)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/buy",
        "/buy/return",
        "/runs/run_1",
        "/unknown",
        "/assets/x.js",
        "/favicon.svg",
        "/buy.x",
    ],
)
def test_pages_are_answered_by_the_document_and_nothing_else_is(path: str) -> None:
    """CloudFront's function and the front door agree on what a page is."""
    pages = json.dumps(sorted(HOSTING.pages))
    answered = run("pages", {"request": {"uri": path}}, PAGES=pages)["uri"]
    rewritten = HOSTING.is_page(path) and path != "/"  # the root has the distribution's default
    assert answered == ("/index.html" if rewritten else path)


def test_the_deployed_functions_are_those_that_run_here(prod_template: Template) -> None:
    """Given the code in the template, it is the file's with the pages in it."""
    pages = json.dumps(sorted(HOSTING.pages))
    deployed = {
        one["FunctionCode"] for one in prod_template.resources("AWS::CloudFront::Function").values()
    }
    assert deployed == {
        function_code("pages", {"__PAGES__": pages}),
        function_code("viewer_address", {"__HEADER__": "x-viewer-address"}),
    }
    assert distribution(prod_template)["DefaultRootObject"] == "index.html"


def test_a_client_cannot_choose_its_own_address() -> None:
    """Given a header that claims one, CloudFront's function writes the connection's over it."""
    event = {
        "viewer": {"ip": "198.51.100.7"},
        "request": {"headers": {"x-viewer-address": {"value": "192.0.2.66"}}},
    }
    answered = run("viewer_address", event, HEADER="x-viewer-address")
    assert answered["headers"]["x-viewer-address"]["value"] == "198.51.100.7"


def test_the_proof_is_added_by_the_distribution_and_read_by_login(aws_template: Template) -> None:
    """A reference to the secret in the template, the secret itself nowhere in it."""
    secret, _ = aws_template.only("AWS::SecretsManager::Secret", "IdentityOriginProof")
    target = origin(aws_template, api_behaviors(aws_template)["/v1/*"])
    (header,) = target["OriginCustomHeaders"]
    assert header["HeaderName"] == PROOF
    assert text_of(header["HeaderValue"]).startswith("{{resolve:secretsmanager:")
    readers = {
        permission.role
        for permission in permissions(aws_template)
        if "secretsmanager:GetSecretValue" in permission.actions and permission.reaches(secret)
    }
    assert readers == {role_of(aws_template.functions()["IdentityLogin"])}


def test_another_name_makes_another_proof(
    prod_template: Template, chosen_template: Template
) -> None:
    """That is how it is rotated."""
    before, after = (
        template.only("AWS::SecretsManager::Secret", "IdentityOriginProof")[0]
        for template in (prod_template, chosen_template)
    )
    assert before != after


def test_the_firewall_counts_viewers_and_not_cloudfront(protected_template: Template) -> None:
    """With the proof by the named address, without it by the connection's."""
    _, acl = protected_template.only("AWS::WAFv2::WebACL")
    direct, viewer = (
        rule["Statement"]["RateBasedStatement"]
        for rule in acl["Rules"]
        if "RateBasedStatement" in rule["Statement"]
    )
    assert direct["AggregateKeyType"] == "IP"
    assert viewer["AggregateKeyType"] == "FORWARDED_IP"
    assert viewer["ForwardedIPConfig"]["HeaderName"] == "X-Viewer-Address"
    proven = viewer["ScopeDownStatement"]
    assert direct["ScopeDownStatement"] == {"NotStatement": {"Statement": proven}}
    match = proven["ByteMatchStatement"]
    assert match["FieldToMatch"] == {"SingleHeader": {"Name": PROOF.lower()}}
    assert text_of(match["SearchString"]).startswith("{{resolve:secretsmanager:")


def test_hashed_files_are_kept_for_good_and_pages_are_asked_for(aws_template: Template) -> None:
    """Each upload has the header of its folder; pages follow what they load, nothing is removed."""
    uploads = aws_template.resources("Custom::CDKBucketDeployment")
    by_folder = {one.get("DestinationBucketKeyPrefix", ""): one for one in uploads.values()}
    assert {
        folder: one["SystemMetadata"]["cache-control"] for folder, one in by_folder.items()
    } == dict(HOSTING.cache_control)
    assert "immutable" in HOSTING.cache_control["assets/"]
    assert not any(one["Prune"] for one in uploads.values())
    (pages,) = (name for name, one in uploads.items() if "DestinationBucketKeyPrefix" not in one)
    waits_for = aws_template.body["Resources"][pages]["DependsOn"]
    assert any(name.startswith("ConsoleUploadAssets") for name in waits_for)


def test_card_payments_come_back_to_the_console(aws_template: Template) -> None:
    """Its address, known when it is deployed, is a host that purchases may return to."""
    hosts = environment(aws_template.functions()["BillingPurchase"])["RETURN_URI_HOSTS"]
    name, _ = aws_template.only("AWS::CloudFront::Distribution")
    assert hosts == {"Fn::GetAtt": [name, "DomainName"]}


def test_the_console_has_the_operators_name_where_there_is_one(chosen_template: Template) -> None:
    """With its certificate, TLS 1.2 at least, the operator's firewall and sites."""
    domain, template = CHOICES["console_domain"], chosen_template
    config = distribution(template)
    assert config["Aliases"] == [domain.name]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == domain.certificate_arn
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["WebACLId"] == CHOICES["console_web_acl_arn"]
    hosts = text_of(environment(template.functions()["BillingPurchase"])["RETURN_URI_HOSTS"])
    assert hosts.split(",")[1:] == [domain.name, *CHOICES["return_uri_hosts"]]
    assert template.body["Outputs"]["ConsoleUrl"]["Value"] == f"https://{domain.name}/"


def test_the_local_stage_hosts_nothing(local_template: Template) -> None:
    """Its front door does."""
    kinds = {resource["Type"] for resource in local_template.body["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith("AWS::CloudFront")}
    login = environment(local_template.functions()["IdentityLogin"])
    assert login["ORIGIN_PROOF_SECRET_ARN"] == "-"


def test_the_build_is_packaged_folder_by_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashed files in one package, all others in another, none in both."""
    built = tmp_path / "built"
    for name in ("index.html", "favicon.svg", "assets/index-0a1b.js"):
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_text(name)
    monkeypatch.setattr(console_package, "built_console", lambda _root: built)
    packages = {}
    for folder in ("assets/", ""):
        target = tmp_path / f"package-{folder.strip('/')}"
        target.mkdir()
        ConsoleBundling(folder, ("assets/", "")).try_bundle(str(target))
        packages[folder] = {p.relative_to(target).as_posix() for p in target.rglob("*")}
    assert packages == {"assets/": {"index-0a1b.js"}, "": {"index.html", "favicon.svg"}}
