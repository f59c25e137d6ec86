#!/usr/bin/env python3
"""Push a folder of proofs, or of certificates, to a référencement: what is not there yet, and nothing twice.

    REFERENCING_API=https://...  REFERENCING_KEY=...  python3 push.py FOLDER --candidature ID

One file, Python 3.9 or later, its standard library alone. What the folder has is compared with what is there by
SHA-256; what misses is sent, and goes on where it was after a cut or a kill. It is safe to run again.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import http.client
import json
import mimetypes
import os
import re
import secrets
import ssl
import sys
import time
import unicodedata
import urllib.request
import uuid
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Callable, NamedTuple
from urllib.parse import quote, unquote, urlsplit

VERSION = "1"
DONE, SOME_REFUSED, USAGE, INTERRUPTED, REFUSED = 0, 1, 2, 3, 4
BLOCK = 256 * 1024  # bytes held of a file
LARGEST_ANSWER = 64 * 1024**2
#: Seconds a line may be silent. The last byte of a large file is answered once the file was looked at.
SILENCE = 120
#: Answers after which the same request may well be taken.
PASSING = frozenset({408, 423, 425, 429, 500, 502, 503, 504})
TUS = {"Tus-Resumable": "1.0.0"}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OF_THE_SYSTEM = frozenset({"thumbs.db", "desktop.ini"})
OUTCOMES = {
    "sent": "envoyé",
    "would_send": "à envoyer",
    "unchanged": "déjà là",
    "kept": "laissé",
    "refused": "refusé",
    "unknown": "inconnu",
    "ambiguous": "ambigu",
}
WELL = frozenset({"sent", "would_send", "unchanged", "kept"})


class Stop(Exception):
    """Nothing more can be done now: an exit code, and a sentence that says what to do."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Refused(Exception):
    """One line cannot be sent: why, in French. `outcome` is its word in the report."""

    def __init__(self, sentence: str, outcome: str = "refused") -> None:
        super().__init__(sentence)
        self.outcome = outcome


class File(NamedTuple):
    path: Path
    name: str  # below the folder, with slashes, in one Unicode form
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        return self.name.rpartition("/")[2]

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` on, as many as were announced. Raises Refused when it is shorter now, or gone."""
        left = self.size - start
        with suppress(OSError), self.path.open("rb") as content:
            content.seek(start)
            while left and (block := content.read(min(BLOCK, left))):
                left -= len(block)
                yield block
        if left:
            raise Refused(f"« {self.name} » a changé pendant l'envoi : relancez.")


#: What a request brings, made anew each time that it is sent.
Body = Callable[[], Iterator[bytes]]


class Answer(NamedTuple):
    status: int
    headers: Any
    content: bytes

    @property
    def is_passing(self) -> bool:
        """Whether the same request may well be taken later: also where a run at the same time sends it (409)."""
        return self.status in PASSING or (self.status == 409 and "Retry-After" in self.headers)

    @property
    def words(self) -> Any:
        """The JSON that came. Raises Stop for anything else: a proxy's page, an address that is not the API's."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise Stop(
                REFUSED,
                f"La réponse ({self.status}) n'est pas celle de l'API : vérifiez l'adresse (REFERENCING_API).",
            ) from None

    @property
    def detail(self) -> str:
        """Why it was refused, as the API says it."""
        problem = self.words
        if not isinstance(problem, dict) or "detail" not in problem:
            raise Stop(REFUSED, f"Réponse inattendue ({self.status}) : vérifiez l'adresse (REFERENCING_API).")
        beside = [one.get("detail", "") for one in problem.get("errors") or ()]
        return " ".join(dict.fromkeys([problem["detail"], *beside]))


class Patience:
    """Waits between tries, longer and longer, and gives up when nothing has moved for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.moved()

    def moved(self) -> None:
        self.until: float | None = None
        self.pause = 0.5

    def wait(self, answer: Answer | None) -> None:
        """Wait as long as the answer asks (Retry-After), or else a while. Raises Stop when that is too long."""
        asked = _seconds(answer.headers.get("Retry-After")) if answer else None
        self.pause = min(self.pause * 2, 30)
        pause = self.pause * secrets.SystemRandom().uniform(0.5, 1) if asked is None else asked
        self.until = self.until or time.monotonic() + self.seconds
        if time.monotonic() + pause > self.until:
            why = f"le service répond {answer.status}" if answer else "le service ne répond pas"
            raise Stop(INTERRUPTED, f"Arrêt : {why}. Relancez plus tard, l'envoi reprendra où il en est.")
        time.sleep(pause)


def _seconds(value: str | None) -> float | None:
    """A Retry-After in seconds from now: a number, or a moment (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    try:
        return max(float(value), 0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max((moment - datetime.now(timezone.utc)).total_seconds(), 0)


class Api:
    """What is asked of one address with one key, over TLS that is verified; no redirection is followed."""

    def __init__(self, address: str, key: str, trusted: str | None, patience: float) -> None:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK):
            raise Stop(
                USAGE, "REFERENCING_API doit être une adresse en https:// : la clé ne voyage pas en clair."
            )
        self.host, self.port, self.tls = parts.hostname, parts.port, parts.scheme == "https"
        path = parts.path.rstrip("/")
        self.path = path if path.endswith("/api/v1") else f"{path}/api/v1"
        self.headers = {"Authorization": f"Bearer {key}", "User-Agent": f"referencing-push/{VERSION}"}
        self.trust = ssl.create_default_context(cafile=trusted)
        self.patience = patience

    def once(
        self, method: str, path: str, headers: dict[str, str], body: Body | None = None
    ) -> Answer | None:
        """The answer to one request, None when the line was cut. A refused certificate raises Stop."""
        connection = self._connection()
        try:
            connection.putrequest(method, self.path + path, skip_accept_encoding=True)
            for name, value in {**self.headers, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            try:
                for block in body() if body else ():
                    connection.send(block)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may have answered before it had read all
            answer = connection.getresponse()
            answered = Answer(answer.status, answer.headers, answer.read(LARGEST_ANSWER))
        except ssl.SSLCertVerificationError as error:
            raise Stop(
                USAGE, f"Le certificat TLS de {self.host} n'est pas reconnu : {error.verify_message}."
            ) from error
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answered.status == 401:
            raise Stop(REFUSED, answered.detail)
        return answered

    def _connection(self) -> http.client.HTTPConnection:
        """A line to the service, through the proxy that the environment names (HTTPS_PROXY, NO_PROXY)."""
        if not self.tls:
            return http.client.HTTPConnection(self.host, self.port, timeout=SILENCE)
        proxy = urllib.request.getproxies().get("https")
        if not proxy or urllib.request.proxy_bypass(self.host):
            return http.client.HTTPSConnection(self.host, self.port, timeout=SILENCE, context=self.trust)
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        line = http.client.HTTPSConnection(
            via.hostname or "", via.port or 3128, timeout=SILENCE, context=self.trust
        )
        credentials = f"{unquote(via.username or '')}:{unquote(via.password or '')}".encode()
        headers = {"Proxy-Authorization": f"Basic {b64encode(credentials).decode()}"} if via.username else {}
        line.set_tunnel(self.host, self.port or 443, headers)
        return line

    def ask(self, method: str, path: str, headers: dict[str, str], body: Body | None = None) -> Answer:
        """The answer to what may be asked again: tried until it is no passing one. Raises Stop when that takes long."""
        patience = Patience(self.patience)
        while True:
            answer = self.once(method, path, headers, body)
            if answer is not None and not answer.is_passing:
                return answer
            patience.wait(answer)

    def read(self, path: str) -> Any:
        """A reading without which nothing goes on. Raises Stop when it is refused."""
        answer = self.ask("GET", path, {})
        if answer.status != 200:
            raise Stop(REFUSED, answer.detail)
        return answer.words

    def every(self, path: str) -> Iterator[Any]:
        """All pages of a list."""
        following: str | None = ""
        while following is not None:
            page = self.read(f"{path}&cursor={quote(following)}" if following else path)
            yield from page["items"]
            following = page["next"]

    def form(self, path: str, words: dict[str, Any] | None, files: Sequence[File], key: str) -> Answer:
        """What is answered to a form with files, sent again under one key as often as it takes. Raises Refused."""
        mark = f"push-{os.urandom(16).hex()}"
        first = _head(mark, "certificate") + json.dumps(words).encode() + b"\r\n" if words else b""
        heads = [_head(mark, "file", file.filename) for file in files]
        end = f"--{mark}--\r\n".encode()

        def body() -> Iterator[bytes]:
            yield first
            for head, file in zip(heads, files):
                yield head
                yield from file.blocks()
                yield b"\r\n"
            yield end

        length = sum(map(len, [first, *heads, end])) + sum(file.size + 2 for file in files)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(length),
            "Idempotency-Key": key,
        }
        answer = self.ask("POST", path, headers, body)
        if answer.status not in {200, 201}:
            raise Refused(answer.detail)
        return answer


def _head(mark: str, field: str, filename: str | None = None) -> bytes:
    """What stands before a part of a form, in UTF-8 as browsers write it; a part without a file's name is JSON."""
    named, kind = "", "application/json"
    if filename is not None:
        quoted = filename.replace("\\", "\\\\").replace('"', '\\"')
        named, kind = f'; filename="{quoted}"', _media_type(filename)
    return (
        f'--{mark}\r\nContent-Disposition: form-data; name="{field}"{named}\r\nContent-Type: {kind}\r\n\r\n'
    ).encode()


def _media_type(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


class Report:
    """A line for each proof, certificate or stray file as soon as it is known; for people, or as JSON."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.counts: Counter[str] = Counter()

    def line(self, outcome: str, what: str, files: Sequence[str] = (), detail: str = "", **more: Any) -> None:
        """`what` is the proof's code, or the certificate; empty for a file that is of none."""
        self.counts[outcome] += 1
        if self.as_json:
            return self.say({"outcome": outcome, "for": what, "files": [*files], "detail": detail, **more})
        words = [what, ", ".join(files), f"({detail})" if detail else ""]
        print(f"{OUTCOMES[outcome]:<10}", "  ".join(word for word in words if word), flush=True)
        return None

    @contextmanager
    def refusing(self, what: str, files: Sequence[str]) -> Iterator[None]:
        """What is refused inside is a line, and ends nothing else."""
        try:
            yield
        except Refused as refusal:
            self.line(refusal.outcome, what, files, str(refusal))

    def say(self, words: Mapping[str, Any]) -> None:
        print(json.dumps(words), flush=True)

    def end(self) -> int:
        """The last line; answers the exit code."""
        code = DONE if WELL.issuperset(self.counts) else SOME_REFUSED
        if self.as_json:
            self.say({"counts": dict(self.counts), "exit": code})
        else:
            print(", ".join(f"{OUTCOMES[one]} : {count}" for one, count in sorted(self.counts.items())))
        return code


def words_of(text: str) -> tuple[str, ...]:
    """A name without case, accents and separators: `INS/va1.02#01.01` and `ins_VA1-02 01.01` are one."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return tuple(re.findall(r"[^\W_]+", "".join(char for char in plain if not unicodedata.combining(char))))


class Names:
    """What each name stands for: several things, where their names are alike."""

    def __init__(self) -> None:
        self._of: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)

    def add(self, name: str, what: str) -> None:
        if words_of(name):
            self._of[words_of(name)].add(what)

    def named(self, name: str) -> str:
        return self._only(self._of.get(words_of(name), set()), f"« {name} »")

    def of_file(self, path: str) -> str:
        """What a file is for: its name, or that of a folder above it, begins with the name; the longest one counts."""
        parts = path.split("/")
        longest = 0
        things: set[str] = set()
        for start in range(len(parts)):
            words = words_of(" ".join(parts[start:]))
            length = next((n for n in range(len(words), 0, -1) if words[:n] in self._of), 0)
            if length and length >= longest:
                alike = self._of[words[:length]]
                longest, things = length, (things | alike if length == longest else set(alike))
        return self._only(things, "ce nom")

    def _only(self, things: set[str], name: str) -> str:
        if not things:
            raise Refused(f"rien ici ne correspond à {name}", "unknown")
        if len(things) > 1:
            raise Refused(
                f"{name} correspond à {' et '.join(sorted(things))} : précisez dans le CSV", "ambiguous"
            )
        return min(things)


class Folder:
    """The files below a folder, by name; hidden ones and those of the system are passed over."""

    def __init__(self, root: Path, table: Path) -> None:
        files: dict[str, Path] = {}
        for place, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(place, name)
                if name.startswith((".", "~$")) or name.lower() in OF_THE_SYSTEM:
                    continue
                if path.resolve() != table.resolve():
                    files[path.relative_to(root).as_posix()] = path
        plain = {shown: unicodedata.normalize("NFC", shown) for shown in files}
        self.paths = {shown if plain[shown] in files else plain[shown]: path for shown, path in files.items()}

    def file(self, name: str) -> File:
        """A file with its digest, read once. Raises Refused for what cannot be sent."""
        path = self.paths.get(name)
        if path is None:
            raise Refused(f"« {name} » n'est pas dans le dossier")
        if path.is_symlink() or not path.is_file():
            raise Refused(f"« {name} » est un lien, ou un fichier particulier : copiez le fichier lui-même")
        if not _is_text(name):
            raise Refused("ce nom n'est pas lisible : renommez le fichier")
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as content:
                while block := content.read(BLOCK):
                    digest.update(block)
                    size += len(block)
        except OSError as error:
            raise Refused(f"« {name} » ne se lit pas : {error.strerror}") from error
        if not size:
            raise Refused(f"« {name} » est vide (0 octet)")
        return File(path, name, size, digest.hexdigest())


def listed_name(written: str) -> str:
    """A file's name as a folder lists it, however a CSV writes it: with slashes, in one Unicode form."""
    return unicodedata.normalize("NFC", written.strip().replace("\\", "/"))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def rows_of(table: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """The lines of a CSV by their columns, in UTF-8 or Windows-1252, with `;`, `,` or tabs. Raises Stop."""
    try:
        content = table.read_bytes()
    except OSError as error:
        raise Stop(USAGE, f"{table} ne se lit pas : {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    lines = text.splitlines()
    delimiter = max(";,\t", key=(lines or [""])[0].count)
    columns = ["".join(words_of(cell)) for cell in next(csv.reader(lines[:1], delimiter=delimiter), [])]
    if not set(needed) <= set(columns):
        raise Stop(
            USAGE, f"{table.name} doit avoir les colonnes {', '.join(needed)} : complétez sa première ligne."
        )
    rows = csv.DictReader(lines[1:], columns, restkey="", restval="", delimiter=delimiter)
    return [{key: value.strip() for key, value in row.items() if key} for row in rows]


def day_of(text: str) -> date:
    """A day as people write it (31/12/2026), or as machines do. Raises Refused."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    try:
        day, month, year = numbers if "/" in text else reversed(numbers)
        return date(year, month, day)
    except ValueError:
        raise Refused(f"« {text} » n'est pas une date : écrivez 31/12/2026") from None


def key_of(*words: Any) -> str:
    """An Idempotency-Key for one content in one place: sent by two runs at once, it is taken once."""
    return "push-" + hashlib.sha256(json.dumps(words).encode()).hexdigest()


class Proofs:
    """A folder against the proofs of a candidature: for each expected one, the files that are its next version."""

    TABLE = "preuves.csv"

    def __init__(self, api: Api, candidature: str, over_reuse: bool) -> None:
        self.api = api
        self.candidature = candidature
        self.over_reuse = over_reuse
        self.path = f"/candidatures/{candidature}"

    def push(self, folder: Folder, table: Path | None, report: Report, dry: bool) -> None:
        items = {item["code"]: item for item in self.api.every(f"{self.path}/items?limit=200")}
        names = Names()
        for code, item in items.items():
            for name in (code, code.partition(":")[2], item["external_reference"] or ""):
                names.add(name, code)
        chosen, days = _chosen(names, folder, table, report)
        self.under_way = {} if dry else self._under_way()
        for code, item in items.items():
            if code not in chosen:
                continue
            with report.refusing(code, chosen[code]):
                files = [folder.file(name) for name in chosen[code]]
                day = day_of(days[code]).isoformat() if days[code] else None
                outcome, detail, more = self._pushed(item, files, day, dry)
                report.line(outcome, code, chosen[code], detail, **more)

    def _pushed(
        self, item: Any, files: Sequence[File], day: str | None, dry: bool
    ) -> tuple[str, str, dict[str, Any]]:
        proof = item["proof"]
        if proof and _digests(proof) == sorted(file.sha256 for file in files):
            if day and day != proof["performed_on"] and not dry:
                self._date(proof, day)
            return "unchanged", f"version {proof['number']}", {"proof": proof["id"]}
        if not item["may_be_supplied"]:
            settled = item["state"] in {"covered", "conform", "not_applicable"}
            return "kept" if settled else "refused", item["not_supplied_because"], {}
        if item["state"] in {"to_confirm", "awaiting"} and not self.over_reuse:
            return "kept", "une équivalence est proposée ; --over-reuse fournit la preuve à sa place", {}
        if dry:
            return "would_send", "", {}
        receipt = self._upload(item, files[0], day) if len(files) == 1 else self._form(item, files, day)
        remarks = [remark for file in receipt["files"] for remark in file["remarks"]]
        return "sent", "; ".join([f"version {receipt['number']}", *remarks]), {"proof": receipt["id"]}

    def _date(self, proof: Any, day: str) -> None:
        content = json.dumps({"performed_on": day}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        answer = self.api.ask("PUT", f"/proofs/{proof['id']}/performed-on", headers, lambda: iter([content]))
        if answer.status != 200:
            raise Refused(answer.detail)

    def _form(self, item: Any, files: Sequence[File], day: str | None) -> Any:
        """Several files are one version: they go in one request."""
        path = f"{self.path}/items/{item['id']}/proofs" + (f"?performed_on={day}" if day else "")
        there = item["proof"]["id"] if item["proof"] else None
        sums = [[file.filename, file.sha256] for file in files]
        answer = self.api.form(path, None, files, key_of(path, there, item["state"], sums))
        if "Idempotent-Replayed" in answer.headers:  # by a run that was cut, or before another version came
            last = self.api.read(f"{self.path}/items/{item['id']}")["proof"]
            if last is None or _digests(last) != _digests(answer.words):
                answer = self.api.form(path, None, files, key_of(uuid.uuid4().hex))
        if _digests(answer.words) != sorted(file.sha256 for file in files):
            raise Refused("un fichier a changé pendant l'envoi : relancez")
        return answer.words

    def _under_way(self) -> dict[tuple[str, str], str]:
        """The uploads of this key that were cut, by item and digest."""
        begun = self.api.every(f"/uploads?limit=200&candidature={self.candidature}")
        return {(one["item"], one["sha256"]): f"/uploads/{one['id']}" for one in begun if one["sha256"]}

    def _upload(self, item: Any, file: File, day: str | None) -> Any:
        """The receipt of a file that goes by tus, from where it is, however often the line is cut."""
        place, offset = self.under_way.get((item["id"], file.sha256)), None
        if place is None:
            place, offset = self._begun(item, file, day), 0
        patience, reached = Patience(self.api.patience), -1
        while True:
            offset = self._offset(place, file) if offset is None else offset
            if offset >= file.size:
                return self._settled(place)
            if offset > reached:
                patience.moved()
                reached = offset
            answer = self._written(place, file, offset)
            if answer and 400 <= answer.status < 500 and answer.status not in PASSING | {409}:
                return self._settled(place)
            offset = int(answer.headers["Upload-Offset"]) if answer and answer.status == 204 else None
            if offset is None:
                patience.wait(answer)

    def _offset(self, place: str, file: File) -> int:
        """The byte from which an upload goes on: the end, too, of one that goes on no more."""
        head = self.api.ask("HEAD", place, TUS)
        return int(head.headers["Upload-Offset"]) if head.status == 200 else file.size

    def _written(self, place: str, file: File, offset: int) -> Answer | None:
        headers = {
            **TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(file.size - offset),
        }
        return self.api.once("PATCH", place, headers, lambda: file.blocks(offset))

    def _begun(self, item: Any, file: File, day: str | None) -> str:
        """Where a new upload goes; where the answer was lost, the one that was begun is looked for."""
        said = {
            "candidature": self.candidature,
            "item": item["id"],
            "filename": file.filename,
            "filetype": _media_type(file.filename),
            "sha256": file.sha256,
            **({"performed_on": day} if day else {}),
        }
        pairs = [f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items()]
        headers = {
            **TUS,
            "Upload-Length": str(file.size),
            "Upload-Metadata": ",".join(pairs),
            "Content-Length": "0",
        }
        patience = Patience(self.api.patience)
        while True:
            answer = self.api.once("POST", "/uploads", headers)
            if answer and answer.status == 201:
                return "/uploads/" + str(answer.headers["Location"]).rpartition("/")[2]
            if answer and not answer.is_passing:
                raise Refused(answer.detail)
            patience.wait(answer)
            place = self._under_way().get((item["id"], file.sha256))
            if place:
                return place

    def _settled(self, place: str) -> Any:
        """The receipt of an upload that is whole, or Refused with why it is no proof."""
        patience = Patience(self.api.patience)
        while True:
            shown = self.api.read(place)
            if shown["state"] == "kept":
                return shown["receipt"]
            if shown["state"] != "received":
                refusal = shown["refusal"] or {"detail": "l'envoi n'a pas abouti : relancez"}
                raise Refused(refusal["detail"])
            patience.wait(None)


def _digests(proof: Any) -> list[str]:
    return sorted(file["sha256"] for file in proof["files"])


def _chosen(
    names: Names, folder: Folder, table: Path | None, report: Report
) -> tuple[dict[str, list[str]], defaultdict[str, str]]:
    """The files for each code, and the days of tests: as the CSV says, else by their names."""
    chosen: defaultdict[str, list[str]] = defaultdict(list)
    days: defaultdict[str, str] = defaultdict(str)
    left = dict.fromkeys(folder.paths)
    for row in rows_of(table, ["fichier", "preuve"]) if table else ():
        name = listed_name(row["fichier"])
        left.pop(name, None)
        with report.refusing("", [name]):
            code = names.named(re.sub(r"^ref:", "", row["preuve"]))
            if name not in chosen[code]:
                chosen[code].append(name)
            days[code] = days[code] or row.get("date", "")
    for name in left:
        with report.refusing("", [name]):
            chosen[names.of_file(name)].append(name)
    return chosen, days


class Certificates:
    """The lines of a CSV, with their files, against the certificates of a software."""

    TABLE = "certificats.csv"
    COLUMNS = ("type", "numero", "debut")

    def __init__(self, api: Api, software: str) -> None:
        self.api = api
        self.software = software

    def push(self, folder: Folder, table: Path | None, report: Report, dry: bool) -> None:
        if table is None:
            raise Stop(
                USAGE,
                f"Décrivez les certificats dans {self.TABLE} ({', '.join(self.COLUMNS)}…), ou --map CSV.",
            )
        rows, names = rows_of(table, self.COLUMNS), Names()
        listed = self.api.every(f"/certificates?limit=200&software={self.software}")
        there = [one for one in listed if one["revoked_on"] is None]
        chosen = [
            [listed_name(name) for name in row.get("fichiers", "").split("|") if name.strip()] for row in rows
        ]
        lines = {
            f"{row['type']} n° {row['numero']} du {row['debut']}": place for place, row in enumerate(rows)
        }
        for line, place in lines.items():
            names.add(rows[place]["numero"], line)
        for name in sorted(folder.paths.keys() - {name for files in chosen for name in files}):
            with report.refusing("", [name]):
                chosen[lines[names.of_file(name)]].append(name)
        for row, files in zip(rows, chosen):
            what = f"{row['type']} n° {row['numero']}"
            with report.refusing(what, files):
                outcome, detail, more = self._pushed(row, [folder.file(name) for name in files], there, dry)
                report.line(outcome, what, files, detail, **more)

    def _pushed(
        self, row: Mapping[str, str], files: Sequence[File], there: Sequence[Any], dry: bool
    ) -> tuple[str, str, dict[str, Any]]:
        last = row.get("dernierjour", "")
        words = {
            "kind": row["type"],
            "number": row["numero"],
            "holder": row.get("titulaire", "") or self.software,
            "valid_from": day_of(row["debut"]).isoformat(),
            "valid_until": (day_of(last) + timedelta(days=1)).isoformat() if last else None,
        }
        same = next((one for one in there if self._is(one, words)), None)
        known = {file["sha256"] for file in same["files"]} if same else set()
        missing = [file for file in files if file.sha256 not in known]
        if same and not missing:
            return "unchanged", "", {"certificate": same["id"]}
        if dry:
            return "would_send", "", {}
        sums = [file.sha256 for file in missing]
        if same:
            path = f"/certificates/{same['id']}/files"
            entered = self.api.form(path, None, missing, key_of(path, sums)).words
        else:
            path = f"/softwares/{self.software}/certificates"
            entered = self.api.form(path, words, missing, key_of(path, words, sums)).words
        return "sent", " ; ".join(entered["remarks"]), {"certificate": entered["id"]}

    def _is(self, one: Any, words: Mapping[str, Any]) -> bool:
        """Whether a certificate that stands is the one that a line describes."""
        own = words["holder"] == self.software and one["held_by"] == "software"
        return (
            (own or words_of(one["holder"]) == words_of(words["holder"]))
            and all(words_of(one[key]) == words_of(words[key]) for key in ("kind", "number"))
            and all(one[key] == words[key] for key in ("valid_from", "valid_until"))
        )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="push.py",
        description="Envoie un dossier de preuves, ou de certificats : ce qui manque, et rien deux fois.",
        epilog="REFERENCING_API est l'adresse du service, REFERENCING_KEY la clé. Code de sortie : 0 tout y est ; "
        "1 des lignes sont refusées ou inconnues ; 2 commande à corriger ; 3 interrompu, relancez ; 4 accès refusé.",
    )
    parser.add_argument("folder", type=Path, metavar="DOSSIER")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--candidature", type=uuid.UUID, metavar="ID", help="envoyer les preuves de cette candidature"
    )
    what.add_argument(
        "--software", type=uuid.UUID, metavar="ID", help="envoyer les certificats de ce logiciel"
    )
    parser.add_argument(
        "--map", type=Path, metavar="CSV", help="preuves.csv ou certificats.csv du dossier sinon"
    )
    parser.add_argument(
        "--over-reuse", action="store_true", help="fournir aussi à la place d'une équivalence proposée"
    )
    parser.add_argument("--dry-run", action="store_true", help="comparer seulement")
    parser.add_argument("--json", action="store_true", help="une ligne de JSON par résultat")
    parser.add_argument(
        "--patience", type=float, default=600, metavar="S", help="secondes sans progrès (600)"
    )
    parser.add_argument("--trust", metavar="PEM", help="autorités de certification à reconnaître")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser.parse_args()


def _push(asked: argparse.Namespace, report: Report) -> int:
    address, key = (os.environ.get(name, "").strip() for name in ("REFERENCING_API", "REFERENCING_KEY"))
    if not address or not key or not (key.isascii() and key.isprintable()):
        raise Stop(
            USAGE, "Mettez l'adresse dans REFERENCING_API et la clé dans REFERENCING_KEY (environnement)."
        )
    if not asked.folder.is_dir():
        raise Stop(USAGE, f"{asked.folder} n'est pas un dossier.")
    api = Api(address, key, asked.trust, asked.patience)
    pushed: Proofs | Certificates
    if asked.candidature:
        pushed = Proofs(api, str(asked.candidature), asked.over_reuse)
    else:
        pushed = Certificates(api, str(asked.software))
    usual = asked.folder / pushed.TABLE
    table = asked.map or (usual if usual.is_file() else None)
    folder = Folder(asked.folder, table or usual)
    if not folder.paths and table is None:
        raise Stop(USAGE, f"Aucun fichier dans {asked.folder} : vérifiez le dossier.")
    pushed.push(folder, table, report, asked.dry_run)
    return report.end()


def main() -> int:
    asked = _asked()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    report = Report(asked.json)
    try:
        return _push(asked, report)
    except Stop as stop:
        if asked.json:
            report.say({"error": str(stop), "counts": dict(report.counts), "exit": stop.code})
        print(stop, file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        print("Interrompu : relancez, l'envoi reprendra où il en est.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
