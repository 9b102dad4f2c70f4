"""`python -m tools.local_cloud.issuer_process DESCRIPTOR`: an OpenID Connect issuer for one run.

Started by tools.local_cloud.issuer, which bound the socket, in the emulator's virtual environment.
Its key is made at its start and never leaves the process. Anybody here may read what verifies a
token; who has the run's token may have one signed.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud.front import Front, Message, Receive, Send, answer
from tools.local_cloud.serving import serve

CONFIGURATION = "/.well-known/openid-configuration"
KEYS = "/.well-known/jwks.json"
SIGN = "/_sign"
KEY_ID = "run"
KEY_BITS, EXPONENT = 2048, 65537
MOST_BYTES = 65_536


class Issuer:
    """An ASGI application that answers as an issuer at `address`."""

    def __init__(self, address: str) -> None:
        self._key = rsa.generate_private_key(EXPONENT, KEY_BITS)
        numbers = self._key.public_key().public_numbers()
        named = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID}
        self._answers: dict[str, dict[str, Any]] = {
            CONFIGURATION: {"issuer": address, "jwks_uri": f"{address}{KEYS}"},
            KEYS: {"keys": [named | {"n": _number(numbers.n), "e": _number(numbers.e)}]},
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; nothing but HTTP is spoken."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["method"] == "GET" and scope["path"] in self._answers:
            await answer(send, 200, json.dumps(self._answers[scope["path"]]))
        elif scope["method"] == "POST" and scope["path"] == SIGN:
            await self._signed(receive, send)
        else:
            await answer(send, 404, json.dumps({"message": f"there is only {CONFIGURATION}, {KEYS} and {SIGN}"}))

    async def _signed(self, receive: Receive, send: Send) -> None:
        """Sign the claims in the body."""
        body = bytearray()
        while True:
            part = await receive()
            body += part.get("body", b"")
            if len(body) > MOST_BYTES or not part.get("more_body"):
                break
        try:
            claims = json.loads(body)
        except ValueError:
            claims = None
        if len(body) > MOST_BYTES or not isinstance(claims, dict):
            why = f"the body must be a JSON object of claims, {MOST_BYTES} bytes at most"
            await answer(send, 400, json.dumps({"message": why}))
            return
        said = f"{_encoded({'alg': 'RS256', 'typ': 'JWT', 'kid': KEY_ID})}.{_encoded(claims)}"
        signature = self._key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
        await answer(send, 200, json.dumps({"token": f"{said}.{_text(signature)}"}))


async def _live(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _encoded(part: dict[str, Any]) -> str:
    return _text(json.dumps(part, separators=(",", ":")).encode())


def _number(number: int) -> str:
    return _text(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def main(descriptor: int, port: int) -> None:
    """Serve until stopped."""
    front = Front(os.environ.pop(TOKEN_VARIABLE), re.compile(r"(?!)"), re.compile(re.escape(SIGN)))
    serve(front, Issuer(f"http://127.0.0.1:{port}"), descriptor)


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[1]))
