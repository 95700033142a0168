"""TLS: a service is believed only with a certificate for its name, of a known authority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kernel.aws import connections, json_api
from kernel.aws.json_api import AwsUnreachableError
from tests.unit.kernel.http_service import Service, serving
from tests.unit.kernel.test_json_api import client_of


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Serve, without pauses between attempts, and with TLS settings of its own."""
    monkeypatch.setattr(json_api, "_CAP_SECONDS", 0)
    connections.tls_context.cache_clear()
    with serving() as server:
        yield server
    connections.tls_context.cache_clear()


def certified(folder: Path, *names: x509.GeneralName) -> tuple[str, str]:
    """Make a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(paths[0]), str(paths[1])


def test_a_service_with_a_certificate_is_called(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an authority that the environment names, calls go over TLS and share a connection."""
    certificate, key = certified(tmp_path, x509.DNSName("localhost"))
    service.encrypt(certificate, key)
    monkeypatch.setenv("AWS_CA_BUNDLE", certificate)
    api = client_of(service.url)
    for _ in range(3):
        assert api.call("Get", {}) == {}
    assert len(service.connections) == 1


def test_an_unknown_authority_gets_no_request(service: Service, tmp_path: Path) -> None:
    """Given a certificate that nobody vouches for, nothing is sent."""
    service.encrypt(*certified(tmp_path, x509.DNSName("localhost")))
    with pytest.raises(AwsUnreachableError, match="SSLCertVerificationError"):
        client_of(service.url).call("Get", {})
    assert service.requests == []


def test_a_certificate_for_another_name_gets_no_request(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a known authority but another host's certificate, nothing is sent."""
    certificate, key = certified(
        tmp_path, x509.DNSName("other.example.com"), x509.IPAddress(ip_address("192.0.2.1"))
    )
    service.encrypt(certificate, key)
    monkeypatch.setenv("AWS_CA_BUNDLE", certificate)
    with pytest.raises(AwsUnreachableError, match="SSLCertVerificationError"):
        client_of(service.url).call("Get", {})
    assert service.requests == []
