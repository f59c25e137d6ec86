from collections.abc import Mapping
from typing import Any

class JWTAccessTokenClaims(dict[str, Any]):
    def __init__(
        self,
        claims: Mapping[str, Any],
        header: Mapping[str, Any],
        options: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
    ) -> None: ...
    def validate(self, *, now: int | None = None, leeway: int = 0) -> None: ...
