"""One rule of a draft as its form says it: a correspondence, a policy, or what a kind of certificate covers."""

from collections.abc import Mapping, Sequence

from flask import request

from referencing.base.errors import FieldError, Invalid, Malformed
from referencing.console import wording
from referencing.console.typed import lines, load, number, words
from referencing.equivalence.engine import explanation, facts
from referencing.equivalence.rulebooks import schemas
from referencing.equivalence.rulebooks.rulebooks import POLICY_KEYS
from referencing.equivalence.rulebooks.views import correspondence_of_words, policy_of_words

#: What a policy may look at, as its form asks for it.
CONDITIONS = POLICY_KEYS
#: The values that a condition may have, where these are few, and what people call them.
VALUES: Mapping[str, Mapping[str, str]] = {
    "guichet": wording.GUICHETS,
    "kind": wording.KINDS,
    "source_guichet": wording.GUICHETS,
    "mode": {"async": "sur pièces", "duo": "en séance DUO"},
    "standing": {
        facts.Standing.OPEN: "en cours",
        facts.Standing.REFERENCED: "référencé",
        facts.Standing.REFUSED: "refusé",
        facts.Standing.WITHDRAWN: "retiré",
        facts.Standing.SUSPENDED: "suspendu",
        facts.Standing.DELISTED: "déréférencé",
        facts.Standing.IMPORTED: "référencé avant ce service",
    },
    "case": {
        "same_dsr": "même DSR",
        "inter_vague": "autre vague",
        "inter_dispositif": "autre dispositif",
        "certificate": "certificat",
        "commercial_name": "autre nom commercial",
        "component": "autre composition",
        "embedded": "composant vérifié pour lui-même",
    },
}
REUSES = {
    facts.Reuse.AUTO: "sans confirmation",
    facts.Reuse.CONFIRM: "à confirmer par un vérificateur",
    facts.Reuse.NEVER: "jamais",
}
#: What the sources of a correspondence do to its target, between their codes and its own.
RELATIONS = {relation: str(words) for relation, words in explanation.RELATIONS.items()}
_COVER = ("dsr", "requirement", "chapter")


def value(condition: str, said: str) -> str:
    """What people call a value of a condition; a glob that is no value stands as it is."""
    return VALUES.get(condition, {}).get(said, said)


def revision() -> int:
    """The revision of the draft that the form was made from. Raises Malformed."""
    known = request.form.get("revision", type=int)
    if known is None:
        raise Malformed("Ce formulaire n'est pas entier : rouvrez la page des règles.")
    return known


def correspondence() -> facts.Correspondence:
    """A correspondence; without an id it is named by what it says. Raises Invalid."""
    said = load(
        schemas.CorrespondenceEdit(),
        {"from": lines("from"), **words("to", "relation", "valid_from", "valid_until")},
    )
    named = f"{'+'.join(said['sources'])} → {said['target']}"
    return correspondence_of_words(request.form.get("id") or named, said)


def policy() -> facts.Policy:
    """A policy; a condition left empty does not matter, several values are separated by commas. Raises Invalid."""
    conditions = zip(CONDITIONS, words(*(f"when/{name}" for name in CONDITIONS)).values(), strict=True)
    when = {
        name: values
        for name, text in conditions
        if (values := [value.strip() for value in text.split(",") if value.strip()])
    }
    reuse, age = words("then/reuse", "then/max_age_days").values()
    then = {"reuse": reuse, "max_age_days": number(age) if age else None}
    return policy_of_words(load(schemas.PolicySchema(), {"when": when, "then": then}))


def kind() -> facts.CertificateKind:
    """What a kind of certificate covers: a line for each, of a DSR, a requirement and a chapter. Raises Invalid."""
    named = load(schemas.CertificateKindSchema(only=("kind",)), words("kind"))["kind"]
    covers = [_cover(line) for line in lines("covers")]
    if not covers:
        raise Invalid(
            "Dites ce que ce type de certificat couvre.",
            [FieldError("/covers", "Donnez au moins une ligne.")],
        )
    return facts.CertificateKind(named, tuple(covers))


def _cover(line: str) -> dict[str, str]:
    values = [value.strip() for value in line.split(";")]
    if len(values) > len(_COVER):
        raise Invalid(
            "Une ligne a un DSR, une exigence et un chapitre, pas plus.",
            [FieldError("/covers", f"« {line} » a plus de trois parties.")],
        )
    return {key: value for key, value in zip(_COVER, values, strict=False) if value not in {"", "*"}}


def cover_lines(covers: Sequence[Mapping[str, str]]) -> str:
    """What a kind covers, as its form says it."""
    return "\n".join(" ; ".join(cover.get(key, "*") for key in _COVER) for cover in covers)
