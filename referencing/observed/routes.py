"""Each request counted, timed and logged, with an id that its sender may give; and `/metrics`."""

import ipaddress
import logging
import re
import secrets
from collections.abc import Iterable
from hmac import compare_digest
from time import perf_counter
from typing import cast

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, g, has_request_context, request
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from referencing.base.db import transaction
from referencing.base.errors import NotFound
from referencing.web.descriptions import asks_no_key
from referencing.web.requests import parts

from .meters import Meters
from .queries import levels

log = logging.getLogger(__name__)

blueprint = Blueprint("observed", __name__)

REQUEST_ID = "X-Request-Id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED = ("X-Forwarded-For", "Forwarded")


def observe(app: Flask) -> None:
    """Before all else that an application does with a request."""
    meters = app.extensions["meters"] = Meters()
    engine = app.extensions["referencing"].engine
    meters.watch_pool(engine)
    sa.event.listen(engine, "before_cursor_execute", _count_statement)
    app.before_request(_begin)
    app.after_request(_end)
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
@asks_no_key()
def metrics() -> Response:
    """What is counted, for Prometheus: by the token, or from this machine itself where none is set."""
    _refuse_strangers(parts().settings.metrics_token)
    meters: Meters = current_app.extensions["meters"]
    return Response(generate_latest(meters.with_others(_Levels())), content_type=CONTENT_TYPE_LATEST)


def _refuse_strangers(token: str | None) -> None:
    """Raises NotFound."""
    if token is not None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        admitted = compare_digest(given.encode(), token.encode())
    else:
        forwarded = any(name in request.headers for name in _FORWARDED)
        admitted = not forwarded and _is_here(request.remote_addr or "")
    if not admitted:
        raise NotFound("Cette adresse n'existe pas.")


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class _Levels(Collector):
    def collect(self) -> Iterable[Metric]:
        """What waits; of a database that does not answer, only that."""
        families: dict[str, GaugeMetricFamily] = {}
        up = GaugeMetricFamily("database_up", "Whether the database answers", value=1)
        try:
            with transaction(parts().sessions) as session:
                for level in levels(session):
                    family = families.setdefault(
                        level.name, GaugeMetricFamily(level.name, "What waits", labels=["kind"])
                    )
                    family.add_metric([level.kind], level.value)
        except sa.exc.SQLAlchemyError:
            up = GaugeMetricFamily("database_up", "Whether the database answers", value=0)
        return [up, *families.values()]


def method_and_route() -> tuple[str, str]:
    """What is told of a request's address: none of its ids, nor a method that is nobody's."""
    method = request.method if request.method in _METHODS else "other"
    return method, request.url_rule.rule if request.url_rule else "none"


def _count_statement(*_: object) -> None:
    if has_request_context():
        g.statements = g.get("statements", 0) + 1


def _begin() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    g.began = perf_counter()


def _end(response: Response) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    seconds, statements = perf_counter() - g.began, cast("int", g.get("statements", 0))
    labels = method_and_route()
    meters: Meters = current_app.extensions["meters"]
    meters.requests.labels(*labels, response.status_code).inc()
    meters.seconds.labels(*labels).observe(seconds)
    meters.statements.labels(*labels).inc(statements)
    meters.received.labels(*labels).inc(request.content_length or 0)
    told = {
        "method": labels[0],
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "statements": statements,
    }
    log.info("request", extra={"fields": told})
    return response
