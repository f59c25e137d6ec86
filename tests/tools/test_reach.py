"""The key goes to the service alone: over TLS that is verified, and through a proxy that cannot read it."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.candidatures.dossiers import People
from tests.contents import picture
from tests.loopback import served
from tests.tools.conftest import Program, filled
from tests.tools.relay import Relay


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate for loopback that nothing on this machine vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité de l'établissement")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path / "authority.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def api(people: People, authority: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with served(people.app, context) as address:
        yield address


def test_a_certificate_is_verified_and_a_proxy_sees_no_key(
    people: People, program: Program, api: str, authority: Path, tmp_path: Path
) -> None:
    dossier, key = people.draft(), people.editor.key
    folder = filled(tmp_path / "files", {"PSC.01#01.01.png": picture(b"psc")})
    asked = folder, "--candidature", dossier.id
    refused = program(api, key, *asked)
    assert (refused.code, "certificat TLS" in refused.told) == (2, True)
    assert not any(item["proof"] for item in dossier.items())
    with Relay(int(api.rpartition(":")[2]), is_proxy=True) as proxy:
        variables = {"HTTPS_PROXY": f"http://banc:secret@127.0.0.1:{proxy.port}"}
        sent = program(api, key, *asked, "--trust", authority, **variables)
    assert (sent.code, [line[0] for line in sent.lines]) == (0, ["sent"])
    assert proxy.seen.startswith(b"CONNECT 127.0.0.1:")
    assert b"Proxy-Authorization: Basic YmFuYzpzZWNyZXQ=" in proxy.seen
    assert key.encode() not in proxy.seen
