"""The reasons why an item stands as it does, in French sentences that anybody can follow. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from .facts import AlikeVersions, Certificate, Doubt, Embedding, Fact, FactStatus, Relation, Standing
from .resolution import Blocked, Derivation, Item, Leaf, Status

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


class RelationWords(NamedTuple):
    """What a source does to its target by a relation: the verb and the rest of the sentence, and one word for all."""

    verb: str
    rest: str
    brief: str

    def __str__(self) -> str:
        return f"{self.verb} {self.rest}"


RELATIONS = {
    Relation.EQUAL: RelationWords("demande", "la même chose que", "égale"),
    Relation.SUPERSET: RelationWords("demande", "au moins autant que", "plus large"),
    Relation.SUBSET: RelationWords("demande", "une partie de ce que demande", "en partie"),
    Relation.INTERSECTS: RelationWords("recoupe", "ce que demande", "recoupe"),
    Relation.NONE: RelationWords("n'a", "rien de commun avec", "rien"),
}
NOTHING: Mapping[str, str] = MappingProxyType({})
OF_ANOTHER = "un fait établi pour le logiciel d'une autre organisation, accepté comme identique à celui-ci"
_OPENINGS = {
    Status.COVERED: "Couverte : rien n'est à fournir.",
    Status.TO_CONFIRM: "Rien n'est à fournir pour l'instant : un vérificateur doit confirmer le réemploi.",
    Status.AWAITING: "En attente : une preuve en cours d'examen pourra servir ici.",
    Status.REQUIRED: "À fournir : aucune preuve déjà connue ne suffit.",
}
_CONFIRM = {
    "partial": "La confirmation est nécessaire parce que l'équivalence n'est que partielle.",
    "policy": "La confirmation est nécessaire parce que la politique de réemploi la demande.",
}
_DOUBTS = {
    Doubt.ABSENT: "n'est pas sur la dernière liste importée de son émetteur",
    Doubt.DIFFERS: "a un autre titulaire ou d'autres dates sur la dernière liste importée de son émetteur",
    Doubt.UNCONFIRMED: "a été saisi sans que son émetteur ni l'agence l'aient confirmé",
}
#: What became of the dossier of a verification, where it is worth saying.
_STANDINGS = {
    Standing.REFUSED: ", dont la candidature a été refusée",
    Standing.WITHDRAWN: ", dont la candidature a été retirée",
    Standing.SUSPENDED: ", suspendue depuis",
    Standing.DELISTED: ", déréférencée depuis",
    Standing.IMPORTED: ", référencée avant ce service",
}
#: Why a fact is of no use: said of a verification, then of a certificate.
_REASONS = {
    "revoked": ("elle a été révoquée", "il a été révoqué"),
    "not_yet": ("elle n'a pas encore pris effet", "il n'a pas encore pris effet"),
    "rejected": ("elle n'a pas été trouvée conforme", "il n'a pas été trouvé conforme"),
    "expired": ("elle n'est plus valide", "il n'est plus valide"),
    "holder_unproven": ("l'agence n'a pas encore confirmé que son NIL est celui de ce logiciel",) * 2,
    "policy_never": ("la politique de réemploi l'exclut dans ce cas",) * 2,
    "too_old": ("elle est trop ancienne", "il est trop ancien"),
}
#: What it would take, by the reason why a fact is of no use: said of a verification, then of a certificate.
_LACKING = {
    "revoked": ("une vérification qui n'ait pas été révoquée", "un certificat qui n'ait pas été révoqué"),
    "rejected": ("une preuve trouvée conforme",) * 2,
    "expired": ("une preuve encore valide", "un certificat encore valide"),
    "holder_unproven": ("la confirmation, par l'agence, que ce NIL est celui de ce logiciel",) * 2,
    "policy_never": ("une politique de réemploi qui l'admette dans ce cas",) * 2,
    "too_old": ("une preuve plus récente", "un certificat plus récent"),
}


def lacking(code: str, fact: Fact, composition: Mapping[str, str]) -> str:
    """The French words for what would make a fact of use, by the code of a reason.

    `composition` is the target's.
    """
    if code == "not_yet":
        return f"attendre le {in_french(fact.day)}, jour où cette preuve prend effet"
    if code.startswith("component:"):
        role = code.removeprefix("component:")
        alone = "le logiciel seul"
        had = alone if isinstance(fact, Certificate) else fact.composition.get(role, alone)
        return (
            f"une preuve obtenue avec le même composant « {role} » "
            f"(celle-ci l'a été avec {had}, la solution embarque {composition.get(role, alone)})"
        )
    return _LACKING[code][isinstance(fact, Certificate)]


def explain(
    item: Item, facts: Mapping[str, Fact], supposed: Mapping[str, str] = NOTHING, opening: str | None = None
) -> list[str]:
    """The sentences in the order of telling; `facts` are those that the reader may know, by id.

    Facts that are not there yet, but were reckoned with, are `supposed`: their words, by id. Another `opening` may take
    the place of what is said of the status.
    """
    sentences = [opening or _OPENINGS[item.status]]
    if item.derivation is not None:
        sentences += _derivation_sentences(item.derivation, facts, supposed)
    visible_facts = [facts[id_] for id_ in item.facts if id_ in facts]
    doubts = [_doubt_sentence(fact, doubt) for fact in visible_facts if (doubt := _doubt(fact))]
    sentences += doubts
    sentences += [_CONFIRM[reason] for reason in item.confirm if reason != "policy" or not doubts]
    visible_blocked = [blocked for blocked in item.blocked if blocked.fact in facts]
    sentences += [_blocked_sentence(blocked, facts) for blocked in visible_blocked]
    if item.status is Status.REQUIRED and not visible_blocked:
        sentences.append("Aucune preuve vérifiée de ce logiciel ne répond à cette exigence.")
    return sentences


def also_helping(also: Sequence[str], facts: Mapping[str, Fact]) -> list[str]:
    """A sentence for each fact that a verifier may look at besides those of the derivation."""
    return [f"Aide aussi, à lire avec le reste : {named(facts[fact])}." for fact in also if fact in facts]


def _doubt(fact: Fact) -> Doubt | None:
    return fact.doubt if isinstance(fact, Certificate) else None


def _doubt_sentence(fact: Fact, doubt: Doubt) -> str:
    return f"La confirmation est nécessaire parce que {named(fact)}, {_DOUBTS[doubt]}."


def _derivation_sentences(
    derivation: Derivation, facts: Mapping[str, Fact], supposed: Mapping[str, str]
) -> Iterator[str]:
    if isinstance(derivation, Leaf):
        fact = facts.get(derivation.fact)
        embedding = derivation.embedding
        of_another = OF_ANOTHER if embedding is None else _of_component(embedding)
        words = named(fact) if fact else supposed.get(derivation.fact, of_another)
        yield f"Pour {derivation.proof} : {words}."
        if words is not of_another:
            yield from map(alike_sentence, derivation.alike)
        if embedding is not None:
            yield embedding_sentence(embedding)
        return
    for source in derivation.sources:
        yield from _derivation_sentences(source, facts, supposed)
    sources = " et ".join(source.proof for source in derivation.sources)
    verb, rest, _ = RELATIONS[Relation(derivation.relation)]
    subject = f"{sources} {verb}" if len(derivation.sources) == 1 else f"Ensemble, {sources} {verb}nt"
    if derivation.clause.startswith("socle:"):
        rule = f"par le socle {derivation.clause.removeprefix('socle:')}"
    else:
        rule = f"selon la correspondance « {derivation.clause} »"
    yield f"{subject} {rest} {derivation.proof} ({rule})."


def alike_sentence(versions: AlikeVersions) -> str:
    """What lets a fact count that was found with another version of a component."""
    first, second = versions.components
    return (
        f"Elle a été obtenue avec une autre version du composant « {versions.role} » ; l'agence a déclaré "
        f"équivalentes, pour ce rôle, les versions {first} et {second} à compter du {in_french(versions.day)} "
        f"(déclaration {versions.id})."
    )


def _of_component(embedding: Embedding) -> str:
    return (
        f"une vérification faite sur le composant « {embedding.component} » lui-même, par un autre dossier que "
        "les vôtres"
    )


def embedding_sentence(embedding: Embedding) -> str:
    """What lets a fact count that was found on a component itself."""
    roles = sorted(embedding.roles)
    named_roles = " et ".join(f"« {role} »" for role in roles)
    filled = f"le rôle {named_roles}" if len(roles) == 1 else f"les rôles {named_roles}"
    these = "ce rôle" if len(roles) == 1 else "ces rôles"
    return (
        f"L'agence a accepté, à compter du {in_french(embedding.day)}, que ce logiciel embarque le composant "
        f"« {embedding.component} » pour {filled} (embarquement {embedding.id}) : ce qui a été vérifié sur lui y vaut, "
        f"pour {these} et rien d'autre."
    )


def _blocked_sentence(blocked: Blocked, facts: Mapping[str, Fact]) -> str:
    fact = facts[blocked.fact]
    reasons = " ; ".join(reason_of(code, fact) for code in blocked.reasons)
    return f"Ne peut servir ici : {named(fact)} — {reasons}."


def reason_of(code: str, fact: Fact) -> str:
    """Why a fact is of no use, by the code of a guard, in a few French words."""
    if code.startswith("component:"):
        return f"le composant « {code.removeprefix('component:')} » n'est pas le même"
    return _REASONS[code][isinstance(fact, Certificate)]


def named(fact: Fact) -> str:
    """A fact in French words."""
    day = in_french(fact.day)
    if isinstance(fact, Certificate):
        return f"le certificat {fact.kind} de {fact.holder}, valable depuis le {day}"
    if fact.status is FactStatus.SUBMITTED:
        return (
            f"la preuve déposée pour {fact.proof} le {day} (solution « {fact.solution} »), en cours d'examen"
        )
    finding = "conforme" if fact.status is FactStatus.VERIFIED else "non conforme"
    solution = f"solution « {fact.solution} »{_STANDINGS.get(fact.standing, '')}"
    taken_over = f", reprise d'un référencement antérieur ({fact.source})" if fact.source else ""
    return f"la vérification de {fact.proof} du {day}, {finding} ({solution}){taken_over}"


def in_french(day: date) -> str:
    """A date as French writes it: « 1er mars 2027 »."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {_MONTHS[day.month - 1]} {day.year}"
