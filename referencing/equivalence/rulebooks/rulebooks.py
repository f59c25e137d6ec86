"""Rules as data: plain values, their digest, their check, and the rows of the correspondences CSV. Pure."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from referencing.base.errors import FieldError, Invalid, pointer_step
from referencing.catalogue.imports.text import clean_code
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Policy, Relation

CODE = re.compile(r"[^\s:#]+:[^\s:#]+(?:#[^\s:#]+)?")
#: What a policy may look at, by its key in the rules, and what people call it.
POLICY_KEYS = {
    "dispositif": "Dispositif",
    "vague": "Vague",
    "guichet": "Guichet",
    "chapter": "Chapitre",
    "requirement": "Exigence",
    "kind": "Sorte de preuve",
    "source_guichet": "Guichet du fait d'origine",
    "mode": "Mode de vérification d'origine",
    "standing": "Suite du dossier d'origine",
    "case": "Cas de réemploi",
}
COVER_KEYS = frozenset({"dsr", "requirement", "chapter"})
EVOLUTIONS = {"Inchangée": Relation.EQUAL, "Modifiée": Relation.INTERSECTS}


@dataclass(frozen=True, slots=True)
class Rules:
    correspondences: tuple[Correspondence, ...]
    certificate_kinds: tuple[CertificateKind, ...]
    policies: tuple[Policy, ...]


NO_RULES = Rules((), (), ())


def rule_name(rule: Correspondence | Policy) -> str:
    """What a rule is called from one rulebook to the next: what it says, whatever its id, its place or its dates."""
    if isinstance(rule, Policy):
        kind, said = "policy", plain_policy(rule)
        said["when"] = {key: sorted(set(globs)) for key, globs in rule.when.items()}
    else:
        kind = "correspondence"
        said = {"from": sorted(set(rule.sources)), "to": rule.target, "relation": rule.relation.value}
    return f"{kind}:{_sha256(said)[:32]}"


@dataclass(frozen=True, slots=True)
class RuleNames:
    """The lasting names of the rules of a rulebook: of correspondences by their ids, of policies by their places."""

    correspondences: Mapping[str, str] = field(default_factory=dict)
    policies: Sequence[str] = ()

    @classmethod
    def of(cls, rules: Rules) -> "RuleNames":
        return cls(
            {rule.id: rule_name(rule) for rule in rules.correspondences},
            [rule_name(rule) for rule in rules.policies],
        )

    def behind(self, clauses: Iterable[str], policies: Iterable[int]) -> list[str]:
        """The names of correspondences, of policies by their places, and of socles as clauses name them."""
        named = {self.correspondences.get(clause, clause) for clause in clauses}
        return sorted(named | {self.policies[place] for place in policies})


NO_NAMES = RuleNames()


def plain(rules: Rules) -> dict[str, list[dict[str, Any]]]:
    """The rules as they are read and written over HTTP."""
    return {
        "correspondences": [plain_correspondence(rule) for rule in rules.correspondences],
        "certificate_kinds": [plain_kind(rule) for rule in rules.certificate_kinds],
        "policies": [plain_policy(rule) for rule in rules.policies],
    }


def plain_correspondence(rule: Correspondence) -> dict[str, Any]:
    return {
        "id": rule.id,
        "from": list(rule.sources),
        "to": rule.target,
        "relation": rule.relation.value,
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_until": rule.valid_until and rule.valid_until.isoformat(),
    }


def plain_kind(rule: CertificateKind) -> dict[str, Any]:
    return {"kind": rule.kind, "covers": [dict(cover) for cover in rule.covers]}


def plain_policy(rule: Policy) -> dict[str, Any]:
    return {
        "when": {key: list(globs) for key, globs in rule.when.items()},
        "then": {"reuse": rule.reuse.value, "max_age_days": rule.max_age_days},
    }


def digest(rules: Rules) -> str:
    """SHA-256 (hexadecimal) of the rules, whatever the order of correspondences and kinds, which means nothing."""
    words = plain(rules)
    words["correspondences"].sort(key=lambda rule: str(rule["id"]))
    words["certificate_kinds"].sort(key=lambda rule: str(rule["kind"]))
    return _sha256(words)


def _sha256(words: Any) -> str:
    canonical = json.dumps(words, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def check(rules: Rules) -> None:
    """Raises Invalid, with a pointer to each rule that is not right."""
    errors: list[FieldError] = []
    _check_correspondences(rules.correspondences, errors)
    _check_kinds(rules.certificate_kinds, errors)
    _check_policies(rules.policies, errors)
    if errors:
        raise Invalid("Corrigez les règles indiquées et envoyez de nouveau le référentiel de règles.", errors)


def _check_correspondences(rules: Sequence[Correspondence], errors: list[FieldError]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        at = f"/correspondences/{index}"
        if rule.id in seen:
            errors.append(FieldError(f"{at}/id", f"L'identifiant « {rule.id} » est donné deux fois."))
        seen.add(rule.id)
        if not rule.sources:
            errors.append(FieldError(f"{at}/from", "Donnez au moins une exigence ou une preuve."))
        codes = [*((f"from/{place}", code) for place, code in enumerate(rule.sources)), ("to", rule.target)]
        errors += [
            FieldError(
                f"{at}/{where}", f"« {code} » ne désigne rien : écrivez DSR:EXIGENCE ou DSR:EXIGENCE#PREUVE."
            )
            for where, code in codes
            if not CODE.fullmatch(code)
        ]
        if rule.valid_from and rule.valid_until and rule.valid_until <= rule.valid_from:
            errors.append(FieldError(f"{at}/valid_until", "La fin de validité vient après son début."))


def _check_kinds(rules: Sequence[CertificateKind], errors: list[FieldError]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.kind in seen:
            errors.append(
                FieldError(f"/certificate_kinds/{index}/kind", f"« {rule.kind} » est donné deux fois.")
            )
        seen.add(rule.kind)
        for place, cover in enumerate(rule.covers):
            errors += _unknown_keys(f"/certificate_kinds/{index}/covers/{place}", cover, COVER_KEYS)


def _check_policies(rules: Sequence[Policy], errors: list[FieldError]) -> None:
    for index, rule in enumerate(rules):
        errors += _unknown_keys(f"/policies/{index}/when", rule.when, POLICY_KEYS)
        if rule.max_age_days is not None and rule.max_age_days < 0:
            errors.append(FieldError(f"/policies/{index}/then/max_age_days", "Donnez un nombre de jours."))


def _unknown_keys(at: str, given: Iterable[str], known: Collection[str]) -> Iterator[FieldError]:
    """An error at each key that is none of those that are known."""
    for key in given:
        if key not in known:
            words = f"Clé inconnue « {key} » : {', '.join(sorted(known))}."
            yield FieldError(f"{at}/{pointer_step(key)}", words)


def of_row(row: Mapping[str, str]) -> Correspondence:
    """The correspondence of a row of the CSV (one vague to the next). Raises ValueError with a French sentence."""
    relation = EVOLUTIONS.get(row["evolution"])
    if relation is None:
        raise ValueError(f"« {row['evolution']} » n'est pas une évolution connue : Inchangée ou Modifiée.")
    source_dsr = f"{row['dispositif_source']}-V{row['vague_source']}"
    codes = map(clean_code, row["exigences_source"].split(";"))
    sources = [f"{source_dsr}:{code}" for code in codes if code]
    target = f"{row['dispositif_cible']}-V{row['vague_cible']}:{clean_code(row['exigence_cible'])}"
    wrong = [code for code in (*sources, target) if not CODE.fullmatch(code)]
    if not sources or wrong:
        raise ValueError("Il manque une exigence, ou son code n'est pas lisible.")
    # The id is made of what the rule says, so that the same row read twice is the same rule.
    return Correspondence(f"{'+'.join(sources)} → {target}", tuple(sources), target, relation)
