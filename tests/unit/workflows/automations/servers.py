"""Small servers on this machine that stand in for the internet."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from workflows.automations.website_check.deadline import Deadline


@dataclass
class Server:
    """A server that gives fixed answers by path, and keeps the requests it got."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    def connect(self, _addresses: Sequence[str], _port: int, deadline: Deadline) -> socket.socket:
        """Connect to this server, whatever the addresses."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=deadline.remaining())


@contextmanager
def serving(
    answers: dict[str, Sequence[bytes]], tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Serve the answers; an answer is sent piece by piece, then the connection is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, server, answers, tls), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def _serve(
    listener: socket.socket,
    server: Server,
    answers: dict[str, Sequence[bytes]],
    tls: ssl.SSLContext | None,
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        try:
            with tls.wrap_socket(connection, server_side=True) if tls else connection as secured:
                secured.settimeout(5)
                request = secured.recv(65536)
                server.requests.append(request)
                for piece in answers.get(_path(request), ()):
                    secured.sendall(piece)
        except OSError:
            continue
        finally:
            connection.close()


def _path(request: bytes) -> str:
    return request.partition(b" ")[2].partition(b" ")[0].decode(errors="replace")


@dataclass(frozen=True)
class Authority:
    """A certificate made for a test, and the contexts that use and trust it."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    expires: datetime


def authority(folder: Path, host: str) -> Authority:
    """Make a self-signed certificate for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    certificate = _certificate(key, host, expires)
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Authority(server, ssl.create_default_context(cafile=str(path)), expires)


def _certificate(key: ec.EllipticCurvePrivateKey, host: str, expires: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(expires - timedelta(days=9))
        .not_valid_after(expires)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
