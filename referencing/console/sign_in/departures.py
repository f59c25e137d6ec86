"""What a browser takes with it to an issuer and brings back: a cookie of a few minutes, used once.

It holds the state, the nonce and the verifier of one sign-in; the token of the invitation that it accepts, where there
is one; and the account that who signs in again goes on with. They are the browser's own: whoever starts a sign-in in
another browser has others, and its answer is refused in this one.
"""

import secrets
from dataclasses import asdict, dataclass

import orjson
from flask import request
from werkzeug.wrappers import Response

from referencing.console.guard import secure

#: Seconds that somebody may take at the issuer.
_LASTS = 900


@dataclass(frozen=True, slots=True)
class Departure:
    issuer: str
    state: str
    nonce: str
    verifier: str
    onward: str
    invitation: str = ""
    account: str = ""


def depart(issuer: str, onward: str, invitation: str, account: str = "") -> Departure:
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    return Departure(issuer, state, nonce, verifier, onward[:1000], invitation[:100], account)


def give(response: Response, departure: Departure) -> Response:
    """The cookie comes back with the issuer's redirection, which is a visit from another site: so Lax."""
    words = orjson.dumps(asdict(departure)).hex()
    response.set_cookie(
        _name(), words, max_age=_LASTS, httponly=True, samesite="Lax", secure=secure(), path="/"
    )
    return response


def take_back(response: Response) -> Response:
    response.delete_cookie(_name(), httponly=True, samesite="Lax", secure=secure(), path="/")
    return response


def returned(issuer: str) -> Departure | None:
    """The sign-in that this browser began at the issuer, when the answer in the address is to it."""
    try:
        words = orjson.loads(bytes.fromhex(request.cookies.get(_name(), "")))
        departure = Departure(**{name: str(value) for name, value in words.items()})
    except (ValueError, TypeError, AttributeError):
        return None
    same = secrets.compare_digest(departure.state.encode(), request.args.get("state", "").encode())
    return departure if same and departure.issuer == issuer else None


def _name() -> str:
    return "__Host-departure" if secure() else "departure"
