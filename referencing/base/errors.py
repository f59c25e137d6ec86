"""What can go wrong in the domain, as values; one place turns them into problems (RFC 9457).

The sentence given to an error is read by a person, in French, and says what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """`pointer` is a JSON pointer (RFC 6901) into what was sent."""

    pointer: str
    detail: str


class DomainError(Exception):
    """`kind` is the stable last word of the problem's type."""

    status: ClassVar[int] = 400
    kind: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "La demande ne peut pas être traitée"
    members: Mapping[str, Any] = MappingProxyType({})
    #: Seconds after which it may be tried again, where that is known.
    retry_after: int | None = None

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Malformed(DomainError):
    title = "La demande n'est pas lisible"


class Unauthenticated(DomainError):
    status, kind, title = 401, "unauthenticated", "Identifiez-vous"


class Forbidden(DomainError):
    status, kind, title = 403, "forbidden", "Vous n'avez pas ce droit"


class NotFound(DomainError):
    status, kind, title = 404, "not-found", "Introuvable"


class Conflict(DomainError):
    status, kind, title = 409, "conflict", "L'état actuel ne le permet pas"


class UnderWay(DomainError):
    status, kind, title = 409, "under-way", "La même demande est en cours"
    retry_after = 1


class Unconfirmed(DomainError):
    """What is possible once whoever asks says that it is meant; `members` show what would follow."""

    status, kind, title = 409, "unconfirmed", "À confirmer"

    def __init__(
        self,
        detail: str,
        errors: Sequence[FieldError] = (),
        members: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`members` are plain values that the problem carries beside the standard ones, by name."""
        super().__init__(detail, errors)
        self.members = members


def confirm_loss(given: str | None, figures: Mapping[str, Any], loss: str, pointer: str = "/digest") -> None:
    """Have what is lost confirmed by its digest: `figures` have it, and how much is `losing`.

    `loss` says it in French, from « dans » on. Raises Unconfirmed for another digest than `given`, or where none is
    given and something is lost.
    """
    if given == figures["digest"] or (given is None and not figures["losing"]):
        return
    seen = f"Ce n'est pas, ou plus, ce que vous avez vu : {loss}" if given else loss[:1].upper() + loss[1:]
    raise Unconfirmed(
        f"{seen}. Lisez lesquelles, à blanc ; si c'est voulu, confirmez-le.",
        [FieldError(pointer, "Donnez « digest », comme ici et comme l'essai à blanc (« dry_run »).")],
        figures,
    )


class Stale(DomainError):
    status, kind, title = 412, "stale", "La version que vous modifiez a changé"


class Gone(DomainError):
    status, kind, title = 410, "gone", "Cela n'existe plus"


class UnsupportedVersion(DomainError):
    status, kind, title = 412, "unsupported-version", "Cette version du protocole n'est pas prise en charge"


class TooLarge(DomainError):
    status, kind, title = 413, "too-large", "Trop volumineux"


def file_too_large(limit: int) -> TooLarge:
    """`limit` in bytes."""
    return TooLarge(f"Le fichier dépasse {limit} octets : réduisez-le ou envoyez-le en plusieurs.")


class UnsupportedMedia(DomainError):
    status, kind, title = 415, "unsupported-media", "Ce format n'est pas accepté"


class RangeNotSatisfiable(DomainError):
    status, kind, title = 416, "range-not-satisfiable", "Cette plage n'existe pas dans le fichier"


class Invalid(DomainError):
    status, kind, title = 422, "invalid", "Des informations sont à corriger"


def pointer_step(key: str) -> str:
    """A key as a step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def invalid_field(name: str, detail: str) -> Invalid:
    """The error of one field, beside which its sentence stands too."""
    return Invalid(detail, [FieldError(f"/{name}", detail)])


class Locked(DomainError):
    status, kind, title = 423, "locked", "Quelqu'un d'autre s'en sert"


class PreconditionRequired(DomainError):
    status, kind, title = 428, "precondition-required", "Indiquez la version que vous modifiez"


class ChecksumMismatch(DomainError):
    """The status that tus 1.0.0 gives it."""

    status, kind, title = 460, "checksum-mismatch", "Le contenu reçu n'est pas celui annoncé"


class TooMany(DomainError):
    status, kind, title = 429, "too-many-requests", "Trop de demandes"

    def __init__(
        self, detail: str, retry_after: int = 60, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`retry_after` in seconds; `headers` tell the limit that was reached."""
        super().__init__(detail)
        self.retry_after = retry_after
        self.headers = headers


class Unavailable(DomainError):
    status, kind, title = 503, "unavailable", "Le service est momentanément indisponible"


def of_kind(kind: str, detail: str) -> DomainError:
    """An error that was kept as its kind and its sentence."""
    classes = {error.kind: error for error in DomainError.__subclasses__()}
    return classes.get(kind, DomainError)(detail)


def problem_view(error: DomainError) -> dict[str, Any]:
    """A problem (RFC 9457) as plain values."""
    body: dict[str, Any] = {
        "type": f"urn:referencing:problem:{error.kind}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    body |= error.members
    if error.errors:
        body["errors"] = [{"pointer": field.pointer, "detail": field.detail} for field in error.errors]
    return body
