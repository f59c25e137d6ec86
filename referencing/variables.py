"""Environment variables read as what they mean; what cannot be is collected, each problem naming its variable alone."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

_SIZE = re.compile(r"(\d{1,15})\s*(?:([kmgt])(i)?(?:b|o)?|b|o)?", re.IGNORECASE)
#: As a browser writes it: in small letters, without the port that its scheme has anyway.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?|https?://\[[0-9a-f:]+\](?::\d{1,5})?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
Network = IPv4Network | IPv6Network
#: Characters of a key from which secrets follow.
SHORTEST_KEY = 32
#: Ends the name of a variable that names a file, in which the value stands.
FILE = "_FILE"


class Misconfigured(ValueError):
    """What is wrong with the settings, all of it; no message repeats a value, which may be a secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Variables:
    """An environment; `problems` grow as it is read, and what cannot be read counts as not set."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        """The value, or the content of the file that NAME_FILE names, without its line's end."""
        file = self.environment.get(name + FILE)
        if not file:
            return self.environment.get(name) or None
        if self.environment.get(name):
            self.problems.append(f"{name} and {name}{FILE} are both set: keep one of them")
            return None
        try:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n") or None
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}{FILE} names a file that cannot be read ({type(error).__name__})")
            return None

    def key(self, name: str) -> str | None:
        """Words from which secrets follow: nobody guesses them."""
        value = self.text(name)
        if value is not None and len(value) < SHORTEST_KEY:
            self.problems.append(f"{name} must have {SHORTEST_KEY} characters at least")
            return None
        return value

    def number(self, name: str, default: int, least: int = 0, most: int = 10**9) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"\d{1,12}", value.strip()) or not least <= int(value) <= most:
            self.problems.append(f"{name} must be a whole number from {least} to {most}")
            return default
        return int(value)

    def size(self, name: str, default: int) -> int:
        """Bytes: `10485760`, `10MB`, `10 MiB`; without an i the steps are thousands."""
        value = self.text(name)
        if value is None:
            return default
        written = _SIZE.fullmatch(value.strip())
        if written is None or not int(written[1]):
            self.problems.append(f"{name} must be a size, such as 10485760, 10MB or 10GiB")
            return default
        step = 1024 if written[3] else 1000
        return int(written[1]) * int(step ** _POWERS[(written[2] or "").lower()])

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of these, of which the first is the default."""
        value = self.text(name) or choices[0]
        if value not in choices:
            self.problems.append(f"{name} must be {' or '.join(choices)}")
            return choices[0]
        return value

    def networks(self, name: str) -> tuple[Network, ...]:
        """Networks with commas between: `127.0.0.0/8,fd00::/8`."""
        try:
            return tuple(
                ip_network(each.strip()) for each in (self.text(name) or "").split(",") if each.strip()
            )
        except ValueError:
            self.problems.append(f"{name} must be networks such as 127.0.0.0/8,10.1.0.0/16")
            return ()

    def origins(self, name: str) -> frozenset[str]:
        """Origins of pages with commas between, as browsers name them: `https://tests.example,http://localhost:3000`."""
        given = {each.strip() for each in (self.text(name) or "").split(",") if each.strip()}
        if all(_ORIGIN.fullmatch(each) for each in given):
            return frozenset(given)
        self.problems.append(f"{name} must be origins such as https://tests.example, each without a path")
        return frozenset()

    def place(self, name: str) -> str | None:
        """A host and a port."""
        value = self.text(name)
        if value is None or re.fullmatch(r"\S+:\d{1,5}", value):
            return value
        self.problems.append(f"{name} must be HOST:PORT")
        return None

    def address(
        self, name: str, schemes: tuple[str, ...], also: tuple[str, ...] = (), *, path: bool = False
    ) -> str | None:
        """An address of one of these schemes, or of those that are taken without being named; `path`: or a folder.

        It may name several servers, with commas between them.
        """
        value = self.text(name)
        if value is None or (path and "://" not in value):
            return value
        try:
            parts = urlsplit(value)
            servers = parts.netloc.rpartition("@")[2].split(",")
            has_ports = all(urlsplit(f"//{server}").port != 0 for server in servers)
            right = parts.scheme in {*schemes, *also} and has_ports
        except ValueError:
            right = False
        if right:
            return value
        self.problems.append(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return None

    def beginning(self, prefix: str, spared: frozenset[str] = frozenset()) -> dict[str, str]:
        """Every variable whose name begins so; those that name a file by the name of the value, but for the spared."""
        named = {name for name in self.environment if name.startswith(prefix)}
        files = {name for name in named if name.endswith(FILE) and name not in spared}
        values = {name: self.environment[name] for name in named & spared}
        for name in (named - files - spared) | {file.removesuffix(FILE) for file in files}:
            value = self.text(name)
            if value is not None:
                values[name] = value
        return values
