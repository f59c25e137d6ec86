"""The cookie that carries a browser's session."""

from flask import request
from werkzeug.wrappers import Response

from .guard import cookie_name, secure


def give(response: Response, token: str) -> Response:
    """Set a cookie, which ends with the browser, or with its session: which comes first."""
    response.set_cookie(cookie_name(), token, httponly=True, samesite="Lax", secure=secure(), path="/")
    return response


def take_back(response: Response) -> Response:
    """Remove the cookie, and the files and pages that the browser keeps: who sits down next finds nothing."""
    response.headers["Clear-Site-Data"] = '"cache"'
    response.delete_cookie(cookie_name(), httponly=True, samesite="Lax", secure=secure(), path="/")
    return response


def carried() -> str | None:
    return request.cookies.get(cookie_name())
