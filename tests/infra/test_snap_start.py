"""SnapStart: a stage's setting, for the functions that a client waits for."""

from __future__ import annotations

from infra.routes import SERVING
from infra.settings import STAGES
from tests.infra.synthesis import Template, logical_ids, synthesised


def starting_from_snapshots(template: Template) -> set[str]:
    """Name the functions that start from a snapshot."""
    return {name for name, function in template.functions().items() if "SnapStart" in function}


def test_no_stage_starts_from_snapshots_unless_it_says_so() -> None:
    """They cost by the hour."""
    for stage in STAGES:
        assert starting_from_snapshots(synthesised(stage)) == set()


def test_functions_behind_the_api_start_from_snapshots_where_the_stage_says_so(
    chosen_template: Template,
) -> None:
    """Those that nobody waits for do not: sagas, dispatchers, sweepers, automations."""
    titles = {name.title().replace("/", "").replace("_", "") for name in SERVING}
    assert starting_from_snapshots(chosen_template) == titles


def test_the_api_calls_published_versions_then(chosen_template: Template) -> None:
    """Only they have a snapshot; every integration and the authorizer goes to an alias."""
    aliases = chosen_template.resources("AWS::Lambda::Alias")
    assert len(aliases) == len(SERVING)
    called = [
        set(logical_ids(method["Integration"]["Uri"]))
        for method in chosen_template.resources("AWS::ApiGateway::Method").values()
        if "Uri" in method["Integration"]
    ]
    _, authorizer = chosen_template.only("AWS::ApiGateway::Authorizer")
    called.append(set(logical_ids(authorizer["AuthorizerUri"])))
    assert len(called) > len(SERVING)
    assert [uri for uri in called if not uri & set(aliases)] == []
