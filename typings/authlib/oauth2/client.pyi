from typing import Any

class OAuth2Client:
    def __init__(
        self,
        session: object,
        client_id: str | None = None,
        *,
        scope: str | None = None,
        redirect_uri: str | None = None,
        code_challenge_method: str | None = None,
    ) -> None: ...
    def create_authorization_url(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: str
    ) -> tuple[str, str]: ...
    def fetch_token(self, url: str | None = None, **kwargs: Any) -> dict[str, Any]: ...
