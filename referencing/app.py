"""Where the parts are wired together, and nowhere else."""

from datetime import timedelta
from functools import partial

from flask import Flask
from flask_smorest import Blueprint
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from referencing import db, http, problems
from referencing.accounts.routes import blueprint as accounts
from referencing.audits.expiries import (
    notice_expired_certificate,
    notice_expired_rule,
    notice_expiries,
    notice_replaced_finding,
)
from referencing.audits.inquiry_routes import blueprint as inquiries
from referencing.audits.plan_routes import blueprint as nonconformities
from referencing.audits.plans import remind as remind_audited
from referencing.audits.plans import remind_all as remind_all_audited
from referencing.audits.routes import blueprint as audits
from referencing.audits.tasks import follow_revocation
from referencing.candidatures import tasks
from referencing.candidatures.rounds import remind_editor, remind_editors
from referencing.candidatures.routes import blueprint as candidatures
from referencing.catalogue.routes import blueprint as catalogue
from referencing.certificates.declaration_routes import blueprint as declarations
from referencing.certificates.embedding import follow_original
from referencing.certificates.embedding_routes import blueprint as embeddings
from referencing.certificates.issuer_routes import blueprint as issuers
from referencing.certificates.routes import blueprint as certificates
from referencing.config import Settings
from referencing.dead_letters.routes import blueprint as dead_letters
from referencing.duo.ending import follow_agendas
from referencing.duo.figures_routes import blueprint as duo_figures
from referencing.duo.letters import remind as remind_sessions
from referencing.duo.minutes_routes import blueprint as duo_minutes
from referencing.duo.replacing import notice_hindrances
from referencing.duo.room_operations import close_room, open_room, tend_rooms
from referencing.duo.room_routes import blueprint as duo_rooms
from referencing.duo.rooms.settings import providers
from referencing.duo.routes import blueprint as duo
from referencing.duo.slots_routes import blueprint as duo_slots
from referencing.equivalence.editing_routes import blueprint as rulebook_entries
from referencing.equivalence.operations import supersede_rulebooks
from referencing.equivalence.routes import blueprint as rulebooks
from referencing.equivalence.workbench_routes import blueprint as workbench
from referencing.health import blueprint as health
from referencing.identities.routes import blueprint as identities
from referencing.integrations.routes import blueprint as integrations
from referencing.jobs import Task
from referencing.mail.operations import send_letter
from referencing.mail.relay import Relay
from referencing.mail.routes import blueprint as mail
from referencing.messages.routes import blueprint as messages
from referencing.proofs.routes import blueprint as proofs
from referencing.register.routes import blueprint as register
from referencing.reviews.bulk_routes import blueprint as bulk
from referencing.reviews.crew import release_absent
from referencing.reviews.expert_routes import blueprint as experts
from referencing.reviews.experts import remind
from referencing.reviews.routes import blueprint as reviews
from referencing.reviews.second_reading_routes import blueprint as second_reading
from referencing.reviews.steering_routes import blueprint as steering
from referencing.reviews.template_routes import blueprint as templates
from referencing.reviews.third_parties import remind as remind_third_parties
from referencing.reviews.third_parties import remind_of as remind_third_party
from referencing.reviews.third_party_routes import blueprint as third_parties
from referencing.signals.routes import blueprint as signals
from referencing.signals.throttle import forget_sources
from referencing.simulations.forgetting import forget_simulations
from referencing.simulations.routes import blueprint as simulations
from referencing.simulations.running import simulate
from referencing.solutions.routes import blueprint as solutions
from referencing.steering.routes import blueprint as figures
from referencing.uploads import tasks as upload_tasks
from referencing.uploads.routes import blueprint as uploads
from referencing.vault import Vault

BLUEPRINTS: tuple[Blueprint, ...] = (
    health,
    accounts,
    catalogue,
    rulebooks,
    rulebook_entries,
    workbench,
    solutions,
    certificates,
    issuers,
    declarations,
    embeddings,
    candidatures,
    proofs,
    uploads,
    messages,
    reviews,
    integrations,
    steering,
    audits,
    identities,
    figures,
    simulations,
    second_reading,
    experts,
    third_parties,
    templates,
    bulk,
    duo,
    duo_slots,
    dead_letters,
    signals,
    inquiries,
    nonconformities,
    register,
    mail,
    duo_rooms,
    duo_minutes,
    duo_figures,
)

#: What is done every so often without anybody asking.
PERIODIC = {
    "check_contents": timedelta(hours=1),
    "resolve_open_candidatures": timedelta(hours=6),  # what begins is noticed on its day
    "notice_expiries": timedelta(minutes=10),
    "scan_contents": timedelta(minutes=10),
    "expire_uploads": timedelta(minutes=10),
    "order_queues": timedelta(minutes=10),
    "release_absent": timedelta(minutes=10),
    "remind_experts": timedelta(hours=1),
    "remind_editors": timedelta(hours=1),
    "remind_third_parties": timedelta(hours=1),
    "supersede_rulebooks": timedelta(minutes=10),
    "forget_signal_sources": timedelta(hours=1),
    "forget_simulations": timedelta(hours=1),
    "remind_all_audited": timedelta(hours=1),
    "tend_rooms": timedelta(minutes=5),
    "remind_sessions": timedelta(minutes=10),
}


def tasks_on(vault: Vault, settings: Settings) -> dict[str, Task]:
    """What a job may ask for, by name."""
    relay = Relay.of(settings.smtp_url, settings.mail_from)
    rooms = providers(settings.duo)
    return {
        "resolve_open_candidatures": tasks.resolve_open_candidatures,
        "resolve_software": tasks.resolve_software,
        "order_queues": tasks.order_queues,
        "release_absent": release_absent,
        "follow_agendas": follow_agendas,
        "notice_hindrances": notice_hindrances,
        "remind_experts": remind,
        "remind_editors": remind_editors,
        "remind_editor": remind_editor,
        "remind_third_parties": remind_third_parties,
        "remind_third_party": remind_third_party,
        "supersede_rulebooks": supersede_rulebooks,
        "follow_revocation": follow_revocation,
        "follow_original": follow_original,
        "forget_simulations": partial(forget_simulations, days=settings.simulations_kept),
        "notice_expiries": notice_expiries,
        "notice_expired_certificate": notice_expired_certificate,
        "notice_expired_rule": notice_expired_rule,
        "notice_replaced_finding": notice_replaced_finding,
        "forget_signal_sources": forget_sources,
        "remind_all_audited": remind_all_audited,
        "remind_audited": remind_audited,
        "simulate": simulate,
        "scan_content": partial(tasks.scan_content, vault=vault),
        "scan_contents": partial(tasks.scan_contents, vault=vault),
        "check_contents": partial(tasks.check_contents, vault=vault),
        "finish_upload": partial(upload_tasks.finish_upload, vault=vault),
        "discard_upload": partial(upload_tasks.discard_upload, vault=vault),
        "expire_uploads": upload_tasks.expire_uploads,
        "send_letter": partial(send_letter, relay=relay),
        "remind_sessions": remind_sessions,
        "tend_rooms": partial(tend_rooms, providers=rooms),
        "open_room": partial(open_room, providers=rooms),
        "close_room": partial(close_room, providers=rooms),
    }


_DESCRIPTION = """Editors file candidatures and see, at any moment, where each one stands; verifiers work the queues.
Requests carry `Authorization: Bearer KEY`; signals and the public register need none. Problems are
`application/problem+json` (RFC 9457), with a French `detail` that says what to do."""


def parts_on(settings: Settings, clock: db.Clock = db.utc_now) -> http.Parts:
    """What an application works with; nothing of it is in its routes."""
    engine = db.connect(db.database_url(settings))
    return http.Parts(settings, engine, db.sessions(engine, clock), Vault.of(settings))


def create_app(settings: Settings, clock: db.Clock = db.utc_now) -> Flask:
    """The WSGI application on a database that is there and migrated."""
    app = Flask("referencing")
    app.json = http.Json(app)
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
    app.before_request(http.authenticate)
    api = problems.ProblemApi(app)
    problems.register_errors(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/openapi.json"))
    return app
