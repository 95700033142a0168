"""What no role may do, and what only few may."""

from __future__ import annotations

import fnmatch
import json

from tests.infra.permissions import Permission, permissions, role_of
from tests.infra.synthesis import Template, environment, logical_ids

CHANGES_ITEMS = (
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)
A_LEDGER_KEY = "LEDGER#usr_0"
# AWS offers no resource to name for these (service authorization reference).
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
    "dynamodb:ListStreams",
    "ec2:DescribeManagedPrefixLists",
    # Of interfaces that do not exist yet; a test below says who alone may.
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


def allows(permission: Permission, action: str) -> bool:
    """Tell whether a statement allows an action, by name or by pattern."""
    return permission.effect == "Allow" and any(
        fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in permission.actions
    )


def test_l08_no_role_may_update_or_delete_a_ledger_item(template: Template) -> None:
    """Every grant that changes items of billing's table is limited to keys outside the ledger."""
    assert_the_ledger_is_append_only(template)


def test_l08_nor_may_one_where_debits_are_grouped(chosen_template: Template) -> None:
    """With group commit, one function deletes debit intents, and still nobody an entry."""
    assert_the_ledger_is_append_only(chosen_template)
    billing = chosen_template.table("Billing")
    deleting = [
        permission
        for permission in permissions(chosen_template)
        if allows(permission, "dynamodb:DeleteItem") and permission.reaches(billing)
    ]
    run_workflow = chosen_template.functions()["WorkflowsRunWorkflow"]
    assert [one.role for one in deleting] == [role_of(run_workflow)]
    assert deleting[0].leading_keys == ["INTENTS#*"]
    assert set(deleting[0].actions) == {f"dynamodb:{a}Item" for a in ("Put", "Delete")} | {
        "dynamodb:Query"
    }
    assert environment(run_workflow)["GROUP_COMMIT_AFTER"] == "1"


def test_no_stage_groups_debits_by_itself(template: Template) -> None:
    """Group commit is for operators to choose: no function is told of it or may delete intents."""
    assert "INTENTS#" not in json.dumps(template.body)
    for function in template.functions().values():
        assert "GROUP_COMMIT_AFTER" not in environment(function)


def assert_the_ledger_is_append_only(template: Template) -> None:
    """Look at every grant."""
    billing = template.table("Billing")
    for permission in permissions(template):
        changes = any(allows(permission, action) for action in CHANGES_ITEMS)
        if changes and permission.reaches(billing):
            assert permission.leading_keys, permission
            assert not any(
                fnmatch.fnmatchcase(A_LEDGER_KEY, key) for key in permission.leading_keys
            ), permission


def test_l08_some_roles_append_to_the_ledger(template: Template) -> None:
    """Only the functions that settle, debit, give back and adjust may put ledger entries."""
    billing = template.table("Billing")
    appending = {
        permission.role
        for permission in permissions(template)
        if allows(permission, "dynamodb:PutItem")
        and permission.reaches(billing)
        and any(fnmatch.fnmatchcase(A_LEDGER_KEY, key) for key in permission.leading_keys)
    }
    functions = template.functions()
    settling = ("BillingWebhook", "BillingSaga", "BillingRefund", "BillingReconciliation")
    adjusting = "BillingOperations"
    writers = (*settling, adjusting, "WorkflowsRunWorkflow", "WorkflowsSaga", "WorkflowsSweeper")
    assert appending == {role_of(functions[name]) for name in writers}


def test_l08_ledger_items_never_expire(template: Template) -> None:
    """Billing's table has no time to live."""
    _, table = template.only("AWS::DynamoDB::Table", "Billing")
    assert "TimeToLiveSpecification" not in table


def test_d03_only_functions_that_call_omise_read_its_keys(template: Template) -> None:
    """Nobody else can read the secret, and nobody else is told where it is."""
    secret, _ = template.only("AWS::SecretsManager::Secret", "BillingOmise")
    callers = {
        name
        for name, function in template.functions().items()
        if "OMISE_SECRET_ARN" in environment(function)
    }
    readers = {
        permission.role
        for permission in permissions(template)
        if allows(permission, "secretsmanager:GetSecretValue") and permission.reaches(secret)
    }
    assert callers == {
        "BillingWebhook",
        "BillingSaga",
        "BillingRefund",
        "BillingReconciliation",
        "BillingDispute",
    }
    assert readers == {role_of(template.functions()[name]) for name in callers}


def test_d03_nothing_is_allowed_on_everything(template: Template) -> None:
    """A statement about `*` has only actions for which AWS knows no resource."""
    for permission in permissions(template):
        if "*" in permission.resources and permission.effect == "Allow":
            assert set(permission.actions) <= WITHOUT_RESOURCES, permission


def test_d03_network_interfaces_are_lambdas_own_and_not_the_codes(
    protected_template: Template,
) -> None:
    """Requests of a function's code name the function, and are not what this allows."""
    functions = protected_template.functions()
    inside = {role_of(one) for one in functions.values() if "VpcConfig" in one}
    allowed = [
        permission
        for permission in permissions(protected_template)
        if any(action.startswith("ec2:") for action in permission.actions)
        and permission.role in {role_of(one) for one in functions.values()}
    ]
    assert {permission.role for permission in allowed} == inside
    for permission in allowed:
        assert permission.conditions == {"Null": {"lambda:SourceFunctionArn": "true"}}


def test_d03_no_action_is_a_pattern_of_a_whole_service(template: Template) -> None:
    """`dynamodb:*` and the like are granted to nobody."""
    for permission in permissions(template):
        assert not [action for action in permission.actions if action.endswith((":*", "*:*"))]


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    """No two functions share what they may do."""
    functions = template.functions()
    assert len({role_of(function) for function in functions.values()}) == len(functions)


def test_services_keep_to_their_own_tables(template: Template) -> None:
    """Only workflows' debiting functions reach another service's table, and there the ledger."""
    functions = template.functions()
    names = ("WorkflowsRunWorkflow", "WorkflowsSaga", "WorkflowsSweeper")
    debiting = {role_of(functions[name]) for name in names}
    for service in ("Identity", "Billing", "Workflows"):
        table = template.table(service)
        for permission in permissions(template):
            named = logical_ids(list(permission.resources))
            if table in named and not permission.role.startswith(service):
                assert permission.role in debiting, permission
                assert permission.leading_keys == ["LEDGER#*"], permission


def test_outputs_are_written_by_the_saga_and_read_where_runs_are_shown(
    template: Template,
) -> None:
    """One action each, on the objects of runs alone."""
    bucket, _ = template.only("AWS::S3::Bucket", "WorkflowsOutputs")
    functions = template.functions()
    granted = {
        (permission.role, permission.actions)
        for permission in permissions(template)
        if bucket in logical_ids(list(permission.resources))
    }
    assert granted == {
        (role_of(functions["WorkflowsSaga"]), ("s3:PutObject",)),
        (role_of(functions["WorkflowsRunWorkflow"]), ("s3:GetObject",)),
        (role_of(functions["WorkflowsWorkflows"]), ("s3:GetObject",)),
    }


def test_only_login_and_session_sign_tokens(template: Template) -> None:
    """All who check tokens read the public key; two functions can make a signature."""
    signing = {
        name
        for name, key in template.resources("AWS::KMS::Key").items()
        if key.get("KeyUsage") == "SIGN_VERIFY"
    }
    functions = template.functions()
    signers = {
        permission.role
        for permission in permissions(template)
        if allows(permission, "kms:Sign") and signing & set(logical_ids(list(permission.resources)))
    }
    assert signing
    assert signers == {role_of(functions[name]) for name in ("IdentityLogin", "IdentitySession")}
