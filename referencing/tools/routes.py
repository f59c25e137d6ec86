"""Programs for those who push from a machine, served as they are, each with its digest."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response
from flask_smorest import Blueprint

from referencing.web.descriptions import asks_no_key

blueprint = Blueprint("tools", __name__, url_prefix="/api/v1", description="Programs to call this API with")

_PUSH = Path(__file__).with_name("push.py")
_PROGRAM = {"Content-Disposition": 'attachment; filename="push.py"', "Cache-Control": "public, no-cache"}
_TEXT = {"type": "string"}


@cache
def _program() -> bytes:
    return _PUSH.read_bytes()


@blueprint.route("/tools/push.py")
@asks_no_key()
@blueprint.response(200, _TEXT, content_type="text/x-python")
def read_push() -> Response:
    """The command line that pushes a folder of proofs, or of certificates: Python 3.9, its standard library alone."""
    return Response(_program(), headers=_PROGRAM, content_type="text/x-python; charset=utf-8")


@blueprint.route("/tools/push.py.sha256")
@asks_no_key()
@blueprint.response(200, _TEXT, content_type="text/plain")
def read_digest() -> Response:
    """The SHA-256 of that program, as `sha256sum --check` reads it."""
    line = f"{sha256(_program()).hexdigest()}  push.py\n"
    return Response(line, content_type="text/plain; charset=utf-8")
