"""What every answer tells a browser not to do with it (OWASP ASVS 5.0, V3.4)."""

from flask import Response, request

#: An answer of the API is data: nothing of it is loaded, run or framed.
DATA = "default-src 'none'; frame-ancestors 'none'"
#: Beside the policy, on every answer.
ALWAYS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}
#: The pages of the API's description come with their own scripts, and load nothing from elsewhere.
DESCRIPTION = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
DESCRIPTION_PAGES = "/api/docs"
#: Seconds: two years, as lists of preloaded hosts ask for.
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def protect(response: Response) -> Response:
    """Add the headers that an answer does not set by itself; HSTS where it travels over TLS."""
    policy = DESCRIPTION if request.path.startswith(DESCRIPTION_PAGES) else DATA
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    return response
