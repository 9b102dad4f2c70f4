"""Voters: who a token's bearer is."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from pydantic_core import to_json


def voter_of(issuer: str, subject: str) -> str:
    """The voter id of a token's bearer: base64url, without padding, of the SHA-256 of the JSON list [issuer, subject], compact."""
    digest = sha256(to_json([issuer, subject])).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
