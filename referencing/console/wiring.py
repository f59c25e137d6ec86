"""The console put into an application: its rooms, its guard, its words, and the folder that a deployer lays over it."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

import orjson
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    request,
    send_from_directory,
    url_for,
)
from jinja2 import FileSystemLoader

from referencing.base.french import counted
from referencing.base.permissions import may
from referencing.config import Settings
from referencing.console.dossiers.chart import LOOKS
from referencing.files.downloads import may_be_shown

from . import guard, pages, wording
from .account.routes import blueprint as account
from .alike.routes import blueprint as alike
from .audits.evidence_routes import blueprint as audit_files
from .audits.routes import blueprint as audits
from .bundles.routes import blueprint as bundles
from .catalogue.estimate_routes import blueprint as estimates
from .catalogue.routes import blueprint as catalogue
from .components.routes import blueprint as components
from .dossiers.message_routes import blueprint as messages
from .dossiers.routes import blueprint as dossiers
from .files.routes import blueprint as files
from .items.routes import blueprint as items
from .live.line_routes import blueprint as live_lines
from .live.routes import blueprint as live
from .opinions.routes import blueprint as opinions
from .outreach.routes import blueprint as outreach
from .people.invitation_routes import blueprint as invitations
from .people.key_routes import blueprint as keys
from .people.newcomer_routes import blueprint as newcomers
from .people.nil_routes import blueprint as nils
from .people.personal_data_routes import blueprint as personal_data
from .people.routes import blueprint as people
from .plans.routes import blueprint as plans
from .platforms.routes import blueprint as platforms
from .prepare.draft_routes import blueprint as drafts
from .prepare.opening_routes import blueprint as opening
from .prepare.routes import blueprint as prepare
from .reads.routes import blueprint as reads
from .register.routes import blueprint as register
from .reporting.routes import blueprint as reporting
from .revocations.foresight_routes import blueprint as foresight
from .revocations.routes import blueprint as revocations
from .rulebooks.confirmation_routes import blueprint as confirmations
from .rulebooks.entry_routes import blueprint as rulebook_edits
from .rulebooks.proposal_routes import blueprint as proposals
from .rulebooks.publication_routes import blueprint as publications
from .rulebooks.record_routes import blueprint as rule_records
from .rulebooks.routes import blueprint as rulebooks
from .rulebooks.safeguard_routes import blueprint as safeguards
from .rulebooks.simulation_routes import blueprint as simulations
from .sign_in.invited_routes import blueprint as invited
from .sign_in.issuer_routes import blueprint as issuers
from .sign_in.routes import blueprint as sign_in
from .signals.routes import blueprint as signals
from .slots.booking_routes import blueprint as booking
from .slots.routes import blueprint as slots
from .steering.admissibility_routes import blueprint as admissibility
from .steering.assignment_routes import blueprint as assignments
from .steering.forecast_routes import blueprint as forecasts
from .steering.routes import blueprint as steering
from .steering.team_routes import blueprint as team
from .takeovers.routes import blueprint as takeovers
from .tasks.asking_routes import blueprint as asking
from .tasks.routes import blueprint as tasks
from .typed import BLANK
from .uploads.routes import blueprint as uploads
from .webhooks.routes import blueprint as webhooks
from .work.routes import blueprint as work

ROOMS = (
    *(sign_in, issuers, invited, people, newcomers, invitations, nils, keys, webhooks, personal_data),
    *(work, files, tasks, asking, opinions),
    *(dossiers, messages, items, prepare, drafts, uploads, opening, plans, alike, components),
    *(register, platforms, reads, reporting, steering, account, signals, catalogue, estimates, takeovers),
    *(audits, audit_files, revocations, foresight),
    *(live, live_lines, slots, booking),
    *(rulebooks, rulebook_edits, proposals, confirmations, simulations, publications),
    *(rule_records, safeguards, bundles),
    *(forecasts, admissibility, assignments, team, outreach),
)
STATIC = Path(__file__).parent / "static"
#: Names of the theme's folder.
SHEET, TEMPLATES = "theme.css", "templates"
_FOREVER = "public, max-age=31536000, immutable"


def add_console(app: Flask, settings: Settings) -> None:
    """Every page of the console, on an application that authenticates."""
    console = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/console"
    )
    watch_over(console)
    for room in ROOMS:
        console.register_blueprint(room)
    console.add_url_rule("/accessibilite", "declaration", lambda: pages.page("declaration.html"))
    theme = settings.console_theme
    if theme is not None:
        _lay_over(app, console, theme)
    app.register_blueprint(console)
    app.after_request(_tell_unknown_address)
    themed = theme is not None and (theme / SHEET).is_file()
    app.jinja_env.globals.update(asset=asset, themed=themed)
    for word in ("day", "weekday", "moment", "hour", "decimal", "size", "left", "small", "capital"):
        app.jinja_env.filters[word] = getattr(wording, word)
    app.jinja_env.globals.update(
        wording=wording,
        counted=counted,
        may=may,
        item_looks=LOOKS,
        may_be_shown=may_be_shown,
        blank=BLANK,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def watch_over(blueprint: Blueprint) -> None:
    """Let only a signed-in person pass, send security headers with every answer, and tell errors as pages."""
    blueprint.before_request(guard.admit)
    blueprint.after_request(_finish)


def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return url_for("console.static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _tell_unknown_address(response: Response) -> Response:
    """An address that there is not, asked for by a browser: a page, below `/api` as elsewhere a problem."""
    wants_page = request.accept_mimetypes.best_match(["application/problem+json", "text/html"]) == "text/html"
    if request.endpoint is not None or not wants_page or request.path.startswith("/api"):
        return response
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in guard.SAFE:
        return guard.protect(Response(status=303, headers={"Location": _page_above(request.path)}))
    guard.recognise()
    return _finish(response)


def _page_above(path: str) -> str:
    """The page on which the form stands that is sent to an address: who types that address, or reloads it, has it."""
    addresses = current_app.url_map.bind("")
    while path := path.rpartition("/")[0]:
        if addresses.test(path, "GET"):
            return path
    return "/"


def _reads_pages() -> bool:
    """Whether who asks reads pages: a script of ours may say that it reads problems."""
    return request.headers.get("Accept") != "application/problem+json"


def _finish(response: Response) -> Response:
    """A problem is told as a page; a static file's address changes with its content, so a browser keeps it."""
    if response.mimetype == "application/problem+json" and _reads_pages():
        response = pages.refusal(orjson.loads(response.get_data()))
    if request.endpoint == "console.static":
        response.headers["Cache-Control"] = _FOREVER
    return guard.protect(response)


def _lay_over(app: Flask, console: Blueprint, theme: Path) -> None:
    """The application's own templates come before those of its blueprints."""
    app.jinja_loader = FileSystemLoader(theme / TEMPLATES)

    @console.get("/console-theme/<path:name>", endpoint="theme")
    def show_theme(name: str) -> Response:
        if name.startswith(TEMPLATES):
            abort(404)
        return send_from_directory(theme, name)
