"""The one place where errors become problems (RFC 9457), in answers and in the description of the API."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import marshmallow as ma
import orjson
from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestTimeout, UnprocessableEntity

from referencing.base import errors
from referencing.base.errors import problem_view
from referencing.base.schemas import optional
from referencing.web.addresses import lost, on_codes
from storage.port import TooLarge, Unavailable

log = logging.getLogger(__name__)


class FieldErrorOut(ma.Schema):
    """One place in what was sent, and what to do there."""

    pointer = ma.fields.String(
        metadata={"description": "RFC 6901: into the body, or under `/query` and `/headers`"}
    )
    detail = ma.fields.String(metadata={"description": "in French, what to do"})


class ProblemSchema(ma.Schema):
    """RFC 9457; `errors` points into what was sent."""

    type = ma.fields.String(metadata={"description": "stable identifier of the kind of problem"})
    title = ma.fields.String(metadata={"description": "the kind of problem, in French"})
    status = ma.fields.Integer(metadata={"description": "the HTTP status"})
    detail = ma.fields.String(metadata={"description": "in French, what to do"})
    errors = optional(ma.fields.List(ma.fields.Nested(FieldErrorOut)))


class TaskInHandOut(ma.Schema):
    """A task that whoever asks for one more has already."""

    task = ma.fields.UUID()
    code = ma.fields.String(allow_none=True)
    queue = ma.fields.String()
    candidature = ma.fields.UUID()


class ConfirmationSchema(ProblemSchema):
    """A problem that may ask to confirm what would follow, and then tells it."""

    missing = optional(
        ma.fields.Dict(
            keys=ma.fields.String(),
            values=ma.fields.List(ma.fields.String()),
            metadata={"description": "of a filing that is to be confirmed: what misses, codes by guichet"},
        )
    )
    nonconform_items = optional(
        ma.fields.List(
            ma.fields.String(),
            metadata={"description": "of a decision that is to be confirmed: codes of items"},
        )
    )
    pending = optional(
        ma.fields.List(
            ma.fields.String(),
            metadata={"description": "of a closing that is to be confirmed: codes of items"},
        )
    )
    in_hand = optional(
        ma.fields.List(
            ma.fields.Nested(TaskInHandOut),
            metadata={"description": "of one more task that is to be confirmed: those that one has"},
        )
    )
    digest = optional(
        ma.fields.String(
            metadata={"description": "of a change of rules, or a revocation, that is to be confirmed by it"}
        )
    )
    dossiers = optional(
        ma.fields.Integer(metadata={"description": "of such a change: candidatures that it alters"})
    )
    losing = optional(ma.fields.Integer(metadata={"description": "of such a change: items that lose by it"}))
    gaining = optional(ma.fields.Integer(metadata={"description": "of such a change: items that gain it"}))
    otherwise = optional(
        ma.fields.Integer(
            metadata={"description": "of such a change: items of the same status, by another derivation"}
        )
    )


def problem(error: errors.DomainError) -> Response:
    view = problem_view(error)
    for field_error in view.get("errors", ()):
        field_error["pointer"] = _in_address(field_error["pointer"])
    dumped = orjson.dumps(view, option=orjson.OPT_UTC_Z)
    response = Response(dumped, status=error.status, content_type="application/problem+json")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.TooMany):
        response.headers.update(error.headers)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="referencing"'
    return response


def _in_address(pointer: str) -> str:
    """A pointer into what this request carries: to what stands in its address, where it does, else in its body."""
    name = pointer.partition("/")[2].partition("/")[0]
    asked_by_address = request.method in {"GET", "HEAD"} or name in request.args
    return f"/query{pointer}" if asked_by_address and name not in {"query", "headers"} else pointer


#: Title and what to do, of what is refused before it reaches us.
UPSTREAM = {
    400: ("La demande n'est pas lisible", "La demande n'est pas lisible : vérifiez sa forme."),
    405: (
        "Méthode non prévue",
        "Cette méthode n'est pas prévue à cette adresse : voyez la description de l'API (/api/docs).",
    ),
    408: ("Demande arrivée trop tard", "La demande n'est pas arrivée à temps : envoyez-la de nouveau."),
    411: ("Longueur attendue", "Dites la longueur de la demande (Content-Length) et envoyez-la de nouveau."),
    413: ("Demande trop volumineuse", "La demande est trop volumineuse."),
    414: (
        "Adresse trop longue",
        "L'adresse est trop longue : mettez dans le corps de la demande ce qui ne tient pas dans l'adresse.",
    ),
    431: (
        "En-têtes trop volumineux",
        "Les en-têtes de la demande sont trop longs ou trop nombreux : retirez ceux qui ne servent pas.",
    ),
    415: (
        "Format non accepté",
        "Ce format n'est pas accepté ici : envoyez du JSON (application/json), ou un formulaire pour un fichier.",
    ),
    500: (
        "Erreur de notre côté",
        "Une erreur est survenue de notre côté ; rien n'a été enregistré. Réessayez, puis signalez-la.",
    ),
}
#: What to do where only the status is known.
_REFUSED = "La demande n'est pas acceptée sous cette forme : voyez la description de l'API (/api/docs)."


def of_http(error: HTTPException) -> Response:
    """The problem of what HTTP refuses before the domain is asked."""
    code = error.code or 500
    if isinstance(error, UnprocessableEntity) and isinstance(getattr(error, "data", None), dict):
        return problem(invalid(error.data["messages"]))  # type: ignore[attr-defined]
    if request.routing_exception is error and code == HTTPStatus.NOT_FOUND:
        return problem(lost(current_app.url_map))
    view = http_view(code)
    if request.routing_exception is error and code == HTTPStatus.METHOD_NOT_ALLOWED:
        view["detail"] += on_codes(current_app.url_map)
    response = problem(errors.DomainError(view["detail"]))
    response.status_code = code
    response.data = orjson.dumps(view)
    for name in ("Allow", "Retry-After"):
        if name in error.get_response().headers:
            response.headers[name] = error.get_response().headers[name]
    return response


def http_view(code: int) -> dict[str, Any]:
    """A problem that is HTTP's own, not the domain's, as plain values."""
    title, detail = UPSTREAM.get(code, ("Demande refusée", _REFUSED))
    return {
        "type": f"urn:referencing:problem:http-{code}",
        "title": title,
        "status": code,
        "detail": detail,
    }


def invalid(messages: Mapping[str, Any]) -> errors.Invalid:
    """The error for what marshmallow refuses. `messages` are by place: `json` is the body itself."""
    field_errors = [
        errors.FieldError(pointer, detail)
        for location, value in messages.items()
        for pointer, detail in _pointers("" if location == "json" else f"/{location}", value)
    ]
    return errors.Invalid("Corrigez les champs indiqués et envoyez de nouveau.", field_errors)


def _pointers(at: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _pointers(at if key == "_schema" else f"{at}/{errors.pointer_step(str(key))}", inside)
    elif isinstance(value, (list, tuple)):
        for inside in value:
            yield from _pointers(at, inside)
    else:
        yield at, str(value)


def _log_failure(exc_info: Any) -> None:
    """Flask's own line has the address, which may hold the link of an invitation or the receipt of a signal."""
    route = request.url_rule.rule if request.url_rule else "no route"
    log.error("%s %s failed", request.method, route, exc_info=exc_info)


def register_errors(app: Flask) -> None:
    app.log_exception = _log_failure  # type: ignore[method-assign]
    app.register_error_handler(errors.DomainError, problem)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(
        Unavailable,
        lambda _: problem(errors.Unavailable("Le stockage des fichiers ne répond pas : réessayez bientôt.")),
    )
    app.register_error_handler(TooLarge, lambda error: problem(errors.file_too_large(error.limit)))
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(PoolTimeout, _of_database)
    app.register_error_handler(TimeoutError, lambda _: of_http(RequestTimeout()))
    app.register_error_handler(IntegrityError, _of_constraint)
    app.register_error_handler(DataError, _of_value)


def _of_database(error: OperationalError | PoolTimeout) -> Response:
    log.error("database: %s", type(getattr(error, "orig", error)).__name__)
    return problem(errors.Unavailable("La base de données ne répond pas ou est occupée : réessayez bientôt."))


def _of_constraint(error: IntegrityError) -> Response:
    """Two requests raced past the same check; the database let one through."""
    log.warning("constraint: %s", getattr(getattr(error.orig, "diag", None), "constraint_name", "?"))
    return problem(errors.Conflict("Une autre demande vient de changer ceci : relisez-le et recommencez."))


def _of_value(error: DataError) -> Response:
    """The database refuses a value, such as a NUL in an address or a number that no column holds."""
    log.warning("value: %s", type(error.orig).__name__)
    return problem(
        errors.Malformed(
            "Une valeur envoyée ne peut pas être enregistrée : "
            "retirez les caractères de contrôle et les nombres démesurés."
        )
    )
