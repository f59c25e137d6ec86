"""Where the parts are wired together, and nowhere else."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Flask
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from referencing.accounts.openid.operations import identify_either
from referencing.accounts.openid.provider import providers as issuers
from referencing.base.jobs import Task
from referencing.base.outgoing.connections import Bounds
from referencing.base.outgoing.replica import Replica
from referencing.base.vault import Vault
from referencing.config import Settings
from referencing.console.wiring import add_console
from referencing.duo.rooms.providers.settings import providers
from referencing.files.reads.downloads import note_sheets
from referencing.heads.notary import Notary
from referencing.mail.relay import Relay
from referencing.observed.routes import observe

from . import registers
from .base import db
from .web import addresses, bodies, headers, idempotency, problems, requests
from .web.answers.digests import refuse_altered
from .web.answers.finishing import finish
from .web.answers.origins import admit_origins
from .web.descriptions import Headers
from .web.openapi.api import DescribedApi
from .web.openapi.operations import Operations
from .web.rates import Rates


def tasks_on(vault: Vault, settings: Settings) -> Mapping[str, Task]:
    """What a job may ask for, by name."""
    parts = {
        "vault": vault,
        "relay": Relay.of(settings.smtp_url, settings.mail_from),
        "notary": Notary.of(settings),
        "providers": providers(settings.duo),
        "public_url": settings.public_url,
        "simulations_kept": settings.simulations_kept,
        "kept": settings.kept,
    }
    return {background.name: background.on(parts) for background in registers.tasks()}


_DESCRIPTION = """Editors file candidatures and see, at any moment, where each one stands; verifiers work the queues.
Requests carry `Authorization: Bearer KEY`, or an access token (RFC 9068) of an issuer that is trusted here; what
anybody may call says so. Problems are
`application/problem+json` (RFC 9457), with a French `detail` that says what to do. Parameters and fields that an
address does not know, and parameters that come twice, are refused. Any request that changes something, but a piece of
an upload, may carry an `Idempotency-Key`: sent again within 72 hours after a lost answer, it does nothing more and
gets the first answer."""


def parts_on(settings: Settings, clock: db.Clock = db.utc_now) -> requests.Parts:
    """What an application works with; nothing of it is in its routes."""
    bounds = Bounds(statement=settings.statement_seconds, pooled=settings.is_pooled)
    engine = db.connect(db.database_url(settings), bounds=bounds)
    direct = engine
    if settings.is_pooled:
        direct = db.connect(db.direct_url(settings), bounds=replace(bounds, pooled=False))
    replica = None
    if settings.database_replica_url:
        standby = db.connect(db.replica_url(settings), bounds=replace(bounds, pooled=False))
        replica = Replica(direct, standby)
    return requests.Parts(
        settings, engine, direct, db.sessions(engine, clock), Vault.of(settings), Rates.of(settings), replica
    )


def create_app(settings: Settings, clock: db.Clock = db.utc_now) -> Flask:
    """The WSGI application on a database that is there and migrated."""
    app = Flask("referencing")
    app.json = requests.Json(app)
    addresses.name_parts(app.url_map)
    app.wsgi_app = bodies.Bodies(app.wsgi_app)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    app.config.update(
        API_TITLE="referencing",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION},
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}],
        },
        MAX_CONTENT_LENGTH=settings.largest_table,
    )
    app.extensions["referencing"] = parts_on(settings, clock)
    if settings.traced:
        from referencing.observed import traces  # noqa: PLC0415 - heavy, and only where it is configured

        traces.follow(app)
    observe(app)
    app.extensions["issuers"] = issuers(settings.oidc)
    admit_origins(app, settings.cors_origins)
    app.before_request(partial(requests.authenticate, partial(identify_either, app.extensions["issuers"])))
    app.before_request(requests.refuse_without_right)
    app.before_request(refuse_altered)
    app.teardown_request(requests.end_asking)
    app.after_request(headers.protect)
    app.after_request(finish)
    app.after_request(note_sheets)
    described = [Operations(idempotency.API), Headers(idempotency.API)]
    api = DescribedApi(app, spec_kwargs={"extra_plugins": described})
    problems.register_errors(app)
    for blueprint in registers.blueprints():
        api.register_blueprint(blueprint)
    description = "api-docs.openapi_json"  # looked for beside the resources, too
    app.add_url_rule(f"{idempotency.API}openapi.json", description, app.view_functions[description])
    idempotency.repeat_changes(app)
    requests.refuse_unread(app, idempotency.API)
    add_console(app, settings)
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/openapi.json"))
    return app
