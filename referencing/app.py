"""Where the parts are wired together, and nowhere else."""

from datetime import timedelta
from functools import partial

from flask import Flask
from flask_smorest import Blueprint
from flask_swagger_ui import get_swaggerui_blueprint

from referencing import db, http, problems
from referencing.accounts.routes import blueprint as accounts
from referencing.audits.routes import blueprint as audits
from referencing.candidatures import tasks
from referencing.candidatures.rounds import remind_editor, remind_editors
from referencing.candidatures.routes import blueprint as candidatures
from referencing.catalogue.routes import blueprint as catalogue
from referencing.config import Settings
from referencing.dead_letters.routes import blueprint as dead_letters
from referencing.equivalence.editing_routes import blueprint as rulebook_entries
from referencing.equivalence.operations import supersede_rulebooks
from referencing.equivalence.routes import blueprint as rulebooks
from referencing.equivalence.workbench_routes import blueprint as workbench
from referencing.health import blueprint as health
from referencing.integrations.routes import blueprint as integrations
from referencing.jobs import Task
from referencing.messages.routes import blueprint as messages
from referencing.proofs.routes import blueprint as proofs
from referencing.reviews.bulk_routes import blueprint as bulk
from referencing.reviews.crew import release_absent
from referencing.reviews.expert_routes import blueprint as experts
from referencing.reviews.experts import remind
from referencing.reviews.routes import blueprint as reviews
from referencing.reviews.second_reading_routes import blueprint as second_reading
from referencing.reviews.steering_routes import blueprint as steering
from referencing.reviews.template_routes import blueprint as templates
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
    candidatures,
    proofs,
    uploads,
    messages,
    reviews,
    integrations,
    steering,
    audits,
    figures,
    second_reading,
    experts,
    templates,
    bulk,
    dead_letters,
)

#: What is done every so often without anybody asking.
PERIODIC = {
    "check_contents": timedelta(hours=1),
    "resolve_open_candidatures": timedelta(hours=6),  # what begins or expires is noticed on its day
    "scan_contents": timedelta(minutes=10),
    "expire_uploads": timedelta(minutes=10),
    "order_queues": timedelta(minutes=10),
    "release_absent": timedelta(minutes=10),
    "remind_experts": timedelta(hours=1),
    "remind_editors": timedelta(hours=1),
    "supersede_rulebooks": timedelta(minutes=10),
}


def tasks_on(vault: Vault) -> dict[str, Task]:
    """What a job may ask for, by name."""
    return {
        "resolve_open_candidatures": tasks.resolve_open_candidatures,
        "resolve_software": tasks.resolve_software,
        "order_queues": tasks.order_queues,
        "release_absent": release_absent,
        "remind_experts": remind,
        "remind_editors": remind_editors,
        "remind_editor": remind_editor,
        "supersede_rulebooks": supersede_rulebooks,
        "scan_content": partial(tasks.scan_content, vault=vault),
        "scan_contents": partial(tasks.scan_contents, vault=vault),
        "check_contents": partial(tasks.check_contents, vault=vault),
        "finish_upload": partial(upload_tasks.finish_upload, vault=vault),
        "discard_upload": partial(upload_tasks.discard_upload, vault=vault),
        "expire_uploads": upload_tasks.expire_uploads,
    }


_DESCRIPTION = """Editors file candidatures and see, at any moment, where each one stands; verifiers work the queues.
Every request carries `Authorization: Bearer KEY`. Problems are `application/problem+json` (RFC 9457), with a French
`detail` that says what to do."""


def create_app(settings: Settings, clock: db.Clock = db.utc_now) -> Flask:
    """The WSGI application on a database that is there and migrated."""
    app = Flask("referencing")
    app.json = http.Json(app)
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
    engine = db.connect(db.database_url(settings))
    sessions = db.sessions(engine, clock)
    app.extensions["referencing"] = http.Parts(settings, engine, sessions, Vault.of(settings))
    app.before_request(http.authenticate)
    api = problems.ProblemApi(app)
    problems.register_errors(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/openapi.json"))
    return app
