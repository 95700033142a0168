"""What operators and their functions may do: ask, be recorded, and nothing behind the record."""

from __future__ import annotations

import fnmatch

from infra.settings import STAGES
from tests.infra.permissions import Permission, permissions, role_of
from tests.infra.synthesis import Template, as_list, environment, logical_ids, synthesised

TABLES = {
    "IdentityOperations": "Identity",
    "BillingOperations": "Billing",
    "BillingDispute": "Billing",
    "WorkflowsOperations": "Workflows",
}
LOG = "OPERATOR_LOG#*"
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQL*")


def granted(template: Template, function: str) -> list[Permission]:
    """List what a function's role may do."""
    role = role_of(template.functions()[function])
    return [permission for permission in permissions(template) if permission.role == role]


def dynamodb_writes(permission: Permission) -> set[str]:
    """Name the actions that change items."""
    actions = {action.removeprefix("dynamodb:") for action in permission.actions}
    return {one for one in actions for write in WRITES if fnmatch.fnmatchcase(one, write)}


def test_operators_may_ask_the_functions_and_no_more(template: Template) -> None:
    """The policy invokes four functions, finds their names, and clears dead letters."""
    _, policy = template.only("AWS::IAM::ManagedPolicy", "OperatorsPolicy")
    allowed = {
        action: set(logical_ids(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    }
    assert allowed["lambda:InvokeFunction"] == set(TABLES)
    assert {action.partition(":")[0] for action in allowed} <= {
        "lambda",
        "cloudformation",
        "sqs",
        "kms",
    }
    for statement in policy["PolicyDocument"]["Statement"]:
        assert "*" not in as_list(statement["Resource"])


def test_operations_are_no_part_of_the_api(template: Template) -> None:
    """Nothing but an identity's own policy lets anybody invoke them."""
    for permission in template.resources("AWS::Lambda::Permission").values():
        assert not set(logical_ids(permission["FunctionName"])) & set(TABLES)
    assert not template.resources("AWS::Lambda::Url")


def test_l08_operations_only_put(template: Template) -> None:
    """No operations function may update or delete an item of any table."""
    for function, service in TABLES.items():
        table = template.table(service)
        for permission in granted(template, function):
            if permission.reaches(table):
                assert dynamodb_writes(permission) <= {"PutItem"}, (function, permission)


def test_l08_the_operators_log_is_only_appended_to(template: Template) -> None:
    """Nobody may change a record; who may put one is who carries operations out."""
    writers = set()
    for permission in permissions(template):
        if any(fnmatch.fnmatchcase(LOG, key) for key in permission.leading_keys):
            assert dynamodb_writes(permission) <= {"PutItem"}, permission
            writers |= {permission.role} if dynamodb_writes(permission) else set()
    assert writers == {role_of(template.functions()[name]) for name in TABLES}


def test_each_operations_function_keeps_to_its_own_service(template: Template) -> None:
    """Every table that a role of theirs names is their own service's."""
    tables = {template.table(service) for service in ("Identity", "Billing", "Workflows")}
    for function, service in TABLES.items():
        named = {
            name
            for permission in granted(template, function)
            for name in logical_ids(list(permission.resources))
        }
        assert named & tables == {template.table(service)}, function


def test_who_writes_ledgers_has_no_keys_of_omises_and_the_other_way_round(
    template: Template,
) -> None:
    """Adjusting and answering disputes are two roles."""
    ledger = [p for p in granted(template, "BillingDispute") if "LEDGER#*" in p.leading_keys]
    assert ledger == []
    assert "OMISE_SECRET_ARN" not in environment(template.functions()["BillingOperations"])


def test_operations_start_only_what_operators_ask_for(template: Template) -> None:
    """Billing's starts four state machines, workflows' one, identity's and the disputes' none."""
    started = {
        function: {
            name
            for permission in granted(template, function)
            if "states:StartExecution" in permission.actions
            for name in logical_ids(list(permission.resources))
        }
        for function in TABLES
    }
    assert {name: len(machines) for name, machines in started.items()} == {
        "IdentityOperations": 0,
        "BillingOperations": 4,
        "BillingDispute": 0,
        "WorkflowsOperations": 1,
    }


def test_where_it_is_about_money_two_decide() -> None:
    """Staging and production need a second operator for more than 1,000 credits."""
    limits = {
        stage: environment(synthesised(stage).functions()["BillingOperations"])[
            "ALONE_LIMIT_CREDITS"
        ]
        for stage in STAGES
    }
    assert limits == {"local": str(10**12), "dev": str(10**12), "staging": "1000", "prod": "1000"}
