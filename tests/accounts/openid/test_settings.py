"""What the environment says of issuers, and what the claims of a person become by it."""

from typing import Any

import pytest

from referencing.accounts.openid.claims import Identity, identity
from referencing.accounts.openid.provider import FRESH, LONGEST, SPARED, Kept
from referencing.accounts.openid.settings import Issuer, Post, issuers
from referencing.base.errors import Unavailable
from referencing.base.permissions import Function, Role
from referencing.config import Settings

AGENCE = {
    "OIDC_ISSUERS": "agence",
    "OIDC_AGENCE_URL": "https://agence.example",
    "OIDC_AGENCE_CLIENT_ID": "referencing",
}
SIREN = "732829320"


def agence(**said: str) -> Issuer:
    (issuer,) = issuers({**AGENCE, **{f"OIDC_AGENCE_{name}": value for name, value in said.items()}})
    return issuer


def test_with_nothing_said_nobody_is_trusted() -> None:
    assert issuers({}) == ()


def test_an_issuer_is_what_its_variables_say(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the file\n")
    environment = {
        **AGENCE,
        "OIDC_AGENCE_CLIENT_SECRET_FILE": str(secret),
        "OIDC_AGENCE_ACR": "eidas2 eidas3",
        "OIDC_AGENCE_ROLES": "pilotes=lead, mandataires=editor:mandataire",
    }
    (issuer,) = issuers(Settings.from_environment(environment).oidc)
    assert issuer.client_secret == "of the file"
    assert "of the file" not in repr(issuer)
    assert issuer.acr == ("eidas2", "eidas3")
    assert issuer.roles == {
        "pilotes": Post(Role.LEAD),
        "mandataires": Post(Role.EDITOR, Function.MANDATAIRE),
    }


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        ({"OIDC_ISSUERS": "agence,agence"}, "OIDC_ISSUERS"),
        ({"OIDC_ISSUERS": "agence/.."}, "OIDC_ISSUERS"),
        ({"OIDC_AGENCE_URL": ""}, "OIDC_AGENCE_URL"),
        ({"OIDC_AGENCE_URL": "http://agence.example"}, "OIDC_AGENCE_URL"),
        ({"OIDC_AGENCE_ROLES": "pilotes=admiral"}, "OIDC_AGENCE_ROLES"),
        ({"OIDC_AGENCE_ROLES": "pilotes=lead:mandataire"}, "OIDC_AGENCE_ROLES"),
        ({"OIDC_AGENCE_ROLES": "lead"}, "OIDC_AGENCE_ROLES"),
        ({"OIDC_AGENCE_USERINFO": "perhaps"}, "OIDC_AGENCE_USERINFO"),
        ({"OIDC_AGENCE_RSA_BITS": "512"}, "OIDC_AGENCE_RSA_BITS"),
        ({"OIDC_CLOCK_SKEW": "3600"}, "OIDC_CLOCK_SKEW"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(said: dict[str, str], variable: str) -> None:
    with pytest.raises(ValueError, match=variable):
        issuers({**AGENCE, **said})


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Inès  Morel"}, "Inès Morel"),
        ({"given_name": "Inès", "usual_name": "Morel"}, "Inès Morel"),
        ({"given_name": "Inès", "family_name": "Morel", "usual_name": 3}, "Inès Morel"),
        ({}, "42"),
    ],
)
def test_a_name_is_what_the_issuer_has_of_it(claims: dict[str, Any], name: str) -> None:
    assert identity(agence(), {"sub": "42", **claims}).name == name


@pytest.mark.parametrize(
    ("value", "siren"),
    [
        (SIREN, SIREN),
        ("732 829 320 00074", SIREN),
        ("732829321", None),
        ("7328", None),
        (7, None),
        (None, None),
    ],
)
def test_a_siret_says_the_siren(value: Any, siren: str | None) -> None:
    issuer = agence(ORGANISATION_CLAIM="organisation.siret")
    assert identity(issuer, {"sub": "42", "organisation": {"siret": value}}).siren == siren


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("pilotes", Role.LEAD),
        (["x", "audit"], Role.AUDITOR),
        ("x audit", Role.AUDITOR),
        ("x", None),
        (None, None),
    ],
)
def test_a_value_of_the_settings_gives_a_role_and_no_other_does(value: Any, role: Role | None) -> None:
    issuer = agence(ROLES_CLAIM="roles", ROLES="pilotes=lead,audit=auditor")
    who: Identity = identity(issuer, {"sub": "42", "roles": value})
    assert (who.post and who.post.role) == role


class Published:
    """What somebody publishes, and how often it was fetched."""

    def __init__(self) -> None:
        self.moment, self.fetched, self.there = 0.0, 0, True
        self.kept = Kept(self.fetch, lambda: self.moment)

    def fetch(self) -> int:
        self.fetched += 1
        if not self.there:
            raise Unavailable("")
        return self.fetched


def test_what_is_unknown_has_it_fetched_anew_but_not_at_every_request() -> None:
    published = Published()
    assert published.kept.get() == 1
    assert [published.kept.get(anew=True) for _ in range(100)] == [1] * 100
    published.moment += SPARED
    assert [published.kept.get(anew=True) for _ in range(100)] == [2] * 100
    published.moment += FRESH
    assert published.kept.get() == 3


def test_what_was_fetched_serves_for_a_while_when_the_issuer_is_silent() -> None:
    published = Published()
    published.kept.get()
    published.there, published.moment = False, LONGEST - 1
    assert published.kept.get() == 1
    published.moment = LONGEST + SPARED
    with pytest.raises(Unavailable):
        published.kept.get()
    with pytest.raises(Unavailable):
        published.kept.get()
    assert published.fetched == 3
