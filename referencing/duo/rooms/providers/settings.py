"""Which providers there are, in the order in which they are tried: environment variables say so, and only they."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from referencing.base.outgoing.client import base_address

from .bigbluebutton import BigBlueButton
from .jitsi import Jitsi
from .port import RoomProvider
from .visio import Visio

#: A shorter secret can be guessed from one token: RFC 7518, 3.2 asks for as many bits as the digest has.
SHORTEST_SECRET = 32


def providers(settings: Mapping[str, str]) -> tuple[RoomProvider, ...]:
    """From `DUO_ROOMS=visio,bigbluebutton,jitsi` and what each of these needs. Raises ValueError, without any value."""
    named = [one.strip() for one in settings.get("DUO_ROOMS", "").split(",") if one.strip()]
    if len(set(named)) < len(named):
        raise ValueError("DUO_ROOMS names a provider twice")
    unknown = sorted(set(named) - set(_KINDS))
    if unknown:
        raise ValueError(f"DUO_ROOMS may name {', '.join(_KINDS)}: not {', '.join(unknown)}")
    return tuple(_KINDS[one](settings) for one in named)


def _needed(settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name)
    if not value:
        raise ValueError(f"{name} is not set")
    return value


def _address(settings: Mapping[str, str], name: str) -> str:
    return base_address(name, _needed(settings, name))


def _jitsi(settings: Mapping[str, str]) -> RoomProvider:
    address = _address(settings, "DUO_JITSI_URL")
    file = settings.get("DUO_JITSI_KEY_FILE")
    return Jitsi(
        address,
        _needed(settings, "DUO_JITSI_APP_ID"),
        settings.get("DUO_JITSI_AUDIENCE") or "jitsi",
        settings.get("DUO_JITSI_SUBJECT") or str(urlsplit(address).hostname),
        _private_key(file) if file else _shared_secret(_needed(settings, "DUO_JITSI_SECRET")),
        _needed(settings, "DUO_JITSI_KEY_ID") if file else None,
    )


def _private_key(file: str) -> RSAKey:
    try:
        key = RSAKey.import_key(Path(file).read_bytes())
    except (OSError, ValueError, JoseError):
        raise ValueError("DUO_JITSI_KEY_FILE is not a readable RSA key (PEM)") from None
    if not key.is_private:
        raise ValueError("DUO_JITSI_KEY_FILE must hold the private key")
    return key


def _shared_secret(secret: str) -> OctKey:
    if len(secret.encode()) < SHORTEST_SECRET:
        raise ValueError(f"DUO_JITSI_SECRET must have {SHORTEST_SECRET} bytes at least")
    return OctKey.import_key(secret)


def _bigbluebutton(settings: Mapping[str, str]) -> RoomProvider:
    return BigBlueButton(
        _address(settings, "DUO_BIGBLUEBUTTON_URL"),
        _needed(settings, "DUO_BIGBLUEBUTTON_SECRET"),
        settings.get("DUO_BIGBLUEBUTTON_RECORD") == "true",
    )


def _visio(settings: Mapping[str, str]) -> RoomProvider:
    access = settings.get("DUO_VISIO_ACCESS") or "trusted"
    if access not in {"public", "trusted", "restricted"}:
        raise ValueError("DUO_VISIO_ACCESS must be public, trusted or restricted")
    return Visio(
        _address(settings, "DUO_VISIO_URL"),
        _needed(settings, "DUO_VISIO_CLIENT_ID"),
        _needed(settings, "DUO_VISIO_CLIENT_SECRET"),
        _needed(settings, "DUO_VISIO_ACCOUNT"),
        access,
    )


_KINDS: dict[str, Callable[[Mapping[str, str]], RoomProvider]] = {
    "visio": _visio,
    "bigbluebutton": _bigbluebutton,
    "jitsi": _jitsi,
}
