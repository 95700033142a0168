"""D02 and D05: no secret lies about, and data is kept, encrypted and recoverable."""

from __future__ import annotations

import json
import re

import pytest

from infra.settings import STAGES
from tests.infra.permissions import permissions
from tests.infra.synthesis import Template, environment, logical_ids, text_of

TABLE = "AWS::DynamoDB::Table"
NAMED_LIKE_A_SECRET = re.compile(r"SECRET|PASSWORD|PRIVATE|CREDENTIAL|API_?KEY|TOKEN$")
# Where a secret is, or how long a token holds: neither is one.
HARMLESS = re.compile(r"_ARN$|_SECONDS$")
LOOKS_LIKE_A_SECRET = re.compile(
    r"[sp]key_(test_)?[0-9a-z]{8,}|\bA[KS]IA[0-9A-Z]{16}\b|-----BEGIN|eyJ[\w-]{10,}\.eyJ"
)


def test_d02_no_secret_in_a_functions_environment(template: Template) -> None:
    """No variable is named like a secret, except for where one is to be found."""
    for name, function in template.functions().items():
        for variable in environment(function):
            if NAMED_LIKE_A_SECRET.search(variable):
                assert HARMLESS.search(variable), (name, variable)


def test_d02_no_secret_in_the_template(template: Template) -> None:
    """Nothing in it looks like a key, a token or a certificate."""
    assert not LOOKS_LIKE_A_SECRET.search(json.dumps(template.body))


def test_d02_the_omise_account_is_a_placeholder_without_keys(template: Template) -> None:
    """What is deployed generates a value that opens nothing, and refuses every webhook."""
    _, secret = template.only("AWS::SecretsManager::Secret", "BillingOmise")
    assert "SecretString" not in secret
    placeholder = json.loads(secret["GenerateSecretString"]["SecretStringTemplate"])
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "secret_key"
    assert "secret_key" not in placeholder
    assert placeholder["webhook_secrets"] == []


def test_d05_tables_are_recoverable_and_protected(prod_template: Template) -> None:
    """Point-in-time recovery, deletion protection, and retention on removal, in production."""
    tables = prod_template.resources(TABLE)
    assert len(tables) == 3
    for name, table in tables.items():
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], name
        assert table["DeletionProtectionEnabled"], name
        assert prod_template.body["Resources"][name]["DeletionPolicy"] == "Retain"


def test_d05_each_service_encrypts_with_a_key_of_its_own(protected_template: Template) -> None:
    """Tables, secret, objects, queues and logs: a rotated customer-managed key per service."""
    keys = protected_template.resources("AWS::KMS::Key")
    used = {
        name: next(logical_ids(table["SSESpecification"]["KMSMasterKeyId"]))
        for name, table in protected_template.resources(TABLE).items()
    }
    assert len(set(used.values())) == len(used) == 3
    for key in used.values():
        assert keys[key]["EnableKeyRotation"]
    for secret in protected_template.resources("AWS::SecretsManager::Secret").values():
        assert set(logical_ids(secret["KmsKeyId"])) <= set(used.values())
    for queue in protected_template.resources("AWS::SQS::Queue").values():
        assert set(logical_ids(queue["KmsMasterKeyId"])) <= set(used.values())
    for bucket in protected_template.resources("AWS::S3::Bucket").values():
        assert set(logical_ids(bucket["BucketEncryption"])) <= set(used.values())


def test_d05_logs_are_kept_as_long_as_the_stage_says(template: Template) -> None:
    """Every log group has the stage's retention; in production more than a year."""
    (settings,) = (s for s in STAGES.values() if s.stage in template.body["Description"])
    groups = template.resources("AWS::Logs::LogGroup")
    for name, group in groups.items():
        assert group["RetentionInDays"] == settings.log_retention_days, name
    assert STAGES["prod"].log_retention_days >= 365


def test_d05_every_function_writes_to_a_log_group_of_its_own(template: Template) -> None:
    """No function makes a log group by itself, which nobody would ever clear."""
    groups = [
        next(logical_ids(function["LoggingConfig"]["LogGroup"]))
        for function in template.functions().values()
    ]
    assert len(set(groups)) == len(groups)
    assert set(groups) <= set(template.resources("AWS::Logs::LogGroup"))


@pytest.mark.parametrize("beginning", ["WorkflowsOutputs", "BillingReports"])
def test_buckets_are_private_and_expire(template: Template, beginning: str) -> None:
    """Each bucket is closed to the public, wants TLS, and forgets."""
    name, bucket = template.only("AWS::S3::Bucket", beginning)
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] >= 30
    _, policy = template.only("AWS::S3::BucketPolicy", beginning)
    assert name in logical_ids(policy["Bucket"])
    assert "aws:SecureTransport" in json.dumps(policy["PolicyDocument"])


def test_who_asked_for_what_is_written_down(protected_template: Template) -> None:
    """By gateway, firewall, CloudFront and every bucket but that of the logs; tokens are not."""
    logs, _ = protected_template.only("AWS::S3::Bucket", "AccessLogs")
    for name, bucket in protected_template.resources("AWS::S3::Bucket").items():
        if name != logs:
            target = bucket["LoggingConfiguration"]["DestinationBucketName"]
            assert list(logical_ids(target)) == [logs], name
    _, distribution = protected_template.only("AWS::CloudFront::Distribution")
    assert logs in logical_ids(distribution["DistributionConfig"]["Logging"])
    _, stage = protected_template.only("AWS::ApiGateway::Stage")
    assert stage["AccessLogSetting"]["DestinationArn"]
    (errors,) = stage["MethodSettings"]
    assert (errors["LoggingLevel"], errors["DataTraceEnabled"]) == ("ERROR", False)
    _, firewall = protected_template.only("AWS::WAFv2::LoggingConfiguration")
    redacted = [field["SingleHeader"]["Name"] for field in firewall["RedactedFields"]]
    assert redacted == ["authorization", "x-origin-proof"]


def test_a_key_is_used_through_the_service_that_it_is_for(protected_template: Template) -> None:
    """No function encrypts or decrypts by itself: DynamoDB and S3 do it in its name."""
    for permission in permissions(protected_template):
        if "kms:Encrypt" in permission.actions and "Dispatch" not in permission.role:
            (through,) = permission.conditions.values()
            assert text_of(through["kms:ViaService"]) in {
                "dynamodb.ap-southeast-1.amazonaws.com",
                "s3.ap-southeast-1.amazonaws.com",
            }


def test_alarms_reach_people_though_they_are_encrypted(protected_template: Template) -> None:
    """CloudWatch may use the topic's key, or no alarm would ever arrive."""
    _, topic = protected_template.only("AWS::SNS::Topic", "ObservabilityAlarms")
    key = protected_template.resources("AWS::KMS::Key")[next(logical_ids(topic["KmsMasterKeyId"]))]
    allowed = [
        statement["Action"]
        for statement in key["KeyPolicy"]["Statement"]
        if statement["Principal"].get("Service") == "cloudwatch.amazonaws.com"
    ]
    assert allowed == [["kms:Decrypt", "kms:GenerateDataKey"]]


def test_signing_keys_cannot_be_exported(template: Template) -> None:
    """Access tokens are signed by a P-256 key that stays in KMS."""
    signing = [
        key
        for key in template.resources("AWS::KMS::Key").values()
        if key.get("KeyUsage") == "SIGN_VERIFY"
    ]
    assert [key["KeySpec"] for key in signing] == ["ECC_NIST_P256"]


def test_tables_are_as_the_adapters_expect(template: Template) -> None:
    """Keys, index, stream and time to live are those that the code is written against."""
    for service, lists in (("Identity", False), ("Billing", True), ("Workflows", True)):
        _, table = template.only(TABLE, service)
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert ("StreamSpecification" in table) == lists
        assert ("TimeToLiveSpecification" in table) == (service == "Identity")
        for index in table.get("GlobalSecondaryIndexes", []):
            assert index["IndexName"] == "by_user"
            assert [key["AttributeName"] for key in index["KeySchema"]] == ["list_key", "listed_at"]
            assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
