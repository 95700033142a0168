"""How `/v2` lives beside `/v1`: a stack with one route in two versions, deployed and called.

The decision is `docs/adr/0024-the-api-as-a-contract.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import requests
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_

from infra.api import STAGE_NAME, Api
from infra.routes import FALLBACK_FUNCTION, PUBLIC, Route, allowed_methods
from infra.settings import settings_of
from local.aws import Aws
from local.deploy import deploy

if TYPE_CHECKING:
    from constructs import Construct

pytestmark = pytest.mark.integration
STACK: Final = "Versions"
ROUTES: Final = (
    Route("GET", "/v1/account", "account/version_1"),
    Route("GET", "/v1/health", FALLBACK_FUNCTION, PUBLIC),
    Route("GET", "/v2/account", "account/version_2"),
)
SECONDS: Final = 30


class VersionsStack(Stack):
    """The API's own construct, with a table of routes that has a second version in it."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, STACK)
        functions = {
            route.function: self._function(route.function.rsplit("/", 1)[-1])
            for route in ROUTES
            if route.function != FALLBACK_FUNCTION
        }
        functions[FALLBACK_FUNCTION] = self._function("fallback")
        authorizer = self._function("authorizer")
        api = Api(self, settings_of("local"), functions, authorizer, ROUTES)
        CfnOutput(self, "ApiId", value=api.rest_api.rest_api_id)

    def _function(self, handler: str) -> lambda_.Function:
        return lambda_.Function(
            self,
            f"Function-{handler}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler=f"account.{handler}",
            code=lambda_.Code.from_asset(str(Path(__file__).parent / "versions")),
        )


@pytest.fixture(scope="module")
def api_url(emulator: Aws, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Deploy the stack."""
    folder = tmp_path_factory.mktemp("versions")
    app = App(outdir=str(folder))
    VersionsStack(app)
    app.synth()
    outputs = deploy(emulator, folder, STACK)
    return f"{emulator.endpoint_url}/restapis/{outputs['ApiId']}/{STAGE_NAME}/_user_request_"


def get(url: str, method: str = "GET") -> requests.Response:
    """Call as somebody who is logged in."""
    return requests.request(method, url, headers={"Authorization": "Bearer t"}, timeout=SECONDS)


def test_both_versions_answer_each_in_its_own_way(api_url: str) -> None:
    """Given clients of both versions, when they ask for the same account, then neither breaks."""
    assert get(f"{api_url}/v1/account").json() == {"balance": 100, "held": 5}
    assert get(f"{api_url}/v2/account").json() == {"credits": {"available": 100, "held": 5}}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_new_version_has_what_every_route_has(api_url: str, version: str) -> None:
    """A wrong method is 405, and without a token nothing is answered, in the new version too."""
    url = f"{api_url}/{version}/account"
    assert get(url, "DELETE").status_code == 405
    assert requests.get(url, timeout=SECONDS).status_code == 401


def test_a_new_version_holds_only_what_it_changes(api_url: str) -> None:
    """What version 2 leaves as it is stays where it is, and is not there twice."""
    response = get(f"{api_url}/v2/health")
    assert (response.status_code, response.json()["code"]) == (404, "route_not_found")
    assert "/v2/health" not in allowed_methods(ROUTES)
