"""An authority of a run's own, and the certificates that the front can show.

Runs in the emulator's virtual environment. Keys never leave the process, but for the moment in
which TLS reads them from a file of its own.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
RIGHT, UNKNOWN, NAMELESS, EXPIRED, NONE = "right", "unknown-authority", "wrong-name", "expired", "none"
KINDS = (RIGHT, UNKNOWN, NAMELESS, EXPIRED, NONE)
DAY = datetime.timedelta(days=1)


class Authority:
    """Signs certificates for some days."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        ids = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
        usage |= {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
        builder = _builder(self._name, self._name, self._key).add_extension(ids, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(x509.KeyUsage(**usage, encipher_only=False, decipher_only=False), critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> str:
        """Its own certificate, for who shall trust it."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, names: Sequence[x509.GeneralName], days: int = 7) -> ssl.SSLContext:
        """What a server shows that has these names, for so many days (it ended if negative)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "premises")])
        builder = _builder(subject, self._name, key, days).add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
        chain = certificate.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            (file := Path(folder) / "chain.pem").write_bytes(chain)
            context.load_cert_chain(file)
        return context


def contexts() -> tuple[str, dict[str, ssl.SSLContext]]:
    """The PEM of the authority to trust, and what the front shows of each kind but NONE."""
    ours, others = Authority("Sluice local premises"), Authority("Somebody else")
    here = [x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName("localhost")]
    return ours.pem, {
        RIGHT: ours.context(here),
        UNKNOWN: others.context(here),
        NAMELESS: ours.context([x509.DNSName("database.example.com")]),
        EXPIRED: ours.context(here, days=-1),
    }


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 7
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - 3 * DAY).not_valid_after(now + days * DAY)
