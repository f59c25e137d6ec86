"""What is wrong, doubtful or worth knowing in a rulebook before it is published. Pure.

Errors forbid publication; warnings ask for a deliberate yes. The order of the correspondences changes nothing but the
pointers; the order of the policies is part of what they say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from referencing.base.french import counted
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Requirement
from referencing.equivalence.engine.guards import Glob
from referencing.equivalence.rulebooks.rulebooks import Rules

from .contradictions import contradictions, useless_cycles
from .findings import Finding, Severity, enumerated
from .policies import policy_findings


def findings_of(rules: Rules, known: Sequence[Requirement]) -> list[Finding]:
    """All findings, errors first; `known` are the requirements of the published DSRs."""
    found = {
        *_unknown_codes(rules.correspondences, known),
        *_unknown_covers(rules.certificate_kinds, known),
        *_without_proof(rules.correspondences, known),
        *contradictions(rules.correspondences, known),
        *useless_cycles(rules.correspondences, known),
        *_unreached(rules, known),
        *policy_findings(rules.policies, known),
    }
    order = list(Severity)
    return sorted(found, key=lambda finding: (order.index(finding.severity), finding))


def _unknown_codes(rules: Iterable[Correspondence], known: Iterable[Requirement]) -> Iterator[Finding]:
    """Codes that a published DSR does not have; of DSRs that are not published, how many rules wait for them."""
    dsrs = {one.dsr for one in known}
    codes = {code for one in known for code in (one.full_code, *(proof.code for proof in one.proofs))}
    waiting: Counter[str] = Counter()
    for index, rule in enumerate(rules):
        places = [(f"from/{at}", code) for at, code in enumerate(rule.sources)] + [("to", rule.target)]
        waiting.update({code.partition(":")[0] for _, code in places} - dsrs)
        for place, code in places:
            if code.partition(":")[0] in dsrs and code not in codes:
                detail = (
                    f"« {rule.id} » : {code} n'existe pas dans le DSR publié, et cette règle ne montre donc rien. "
                    "Vérifiez ce code."
                )
                yield Finding(f"/correspondences/{index}/{place}", "unknown_code", Severity.WARNING, detail)
    for dsr, count in waiting.items():
        detail = f"{counted(count, 'règle ne joue', 'règles ne jouent')} pas tant que le DSR {dsr} n'est pas publié."
        yield Finding("/correspondences", "unpublished_dsr", Severity.INFO, detail)


def _unknown_covers(kinds: Iterable[CertificateKind], known: Iterable[Requirement]) -> Iterator[Finding]:
    """Covers of certificates on DSRs that are not published: they show nothing until one is."""
    dsrs = {one.dsr for one in known}
    for index, kind in enumerate(kinds):
        for at, cover in enumerate(kind.covers):
            named = cover.get("dsr")
            if named is not None and not Glob((named,))(dsrs):
                detail = f"« {kind.kind} » ne montre rien tant qu'aucun DSR « {named} » n'est publié."
                yield Finding(
                    f"/certificate_kinds/{index}/covers/{at}", "unpublished_dsr", Severity.INFO, detail
                )


def _without_proof(rules: Iterable[Correspondence], known: Iterable[Requirement]) -> Iterator[Finding]:
    """Rules from or to a requirement that asks for no proof: they can show nothing."""
    empty = {requirement.full_code for requirement in known if not requirement.proofs}
    for index, rule in enumerate(rules):
        silent = sorted(empty.intersection((*rule.sources, rule.target)))
        if silent and rule.relation.meets:
            detail = (
                f"« {rule.id} » ne peut rien montrer : aucune preuve n'est attendue pour {enumerated(silent)}. "
                "Corrigez ce code, ou retirez la règle."
            )
            yield Finding(f"/correspondences/{index}", "shows_nothing", Severity.WARNING, detail)


def _unreached(rules: Rules, known: Sequence[Requirement]) -> Iterator[Finding]:
    """Requirements for which only a proof of their own counts, by DSR."""
    targets = {rule.target for rule in rules.correspondences if rule.relation.meets}
    sharing = Counter(one.socle for one in known)
    covered = _covered(rules.certificate_kinds, known)
    alone: dict[str, list[str]] = defaultdict(list)
    for one in known:
        proofs = {proof.code for proof in one.proofs}
        shared = one.socle is not None and sharing[one.socle] > 1
        if proofs and not shared and targets.isdisjoint({one.full_code, *proofs}) and not proofs & covered:
            alone[one.dsr].append(one.code)
    for dsr, codes in alone.items():
        detail = f"{dsr} : aucune règle ne mène à {counted(len(codes), 'exigence')} : {enumerated(codes)}."
        yield Finding("/correspondences", "unreached_requirements", Severity.INFO, detail)


def _covered(kinds: Iterable[CertificateKind], known: Sequence[Requirement]) -> set[str]:
    found: set[str] = set()
    for kind in kinds:
        for cover in kind.covers:
            globs = {key: Glob((glob,)) for key, glob in cover.items()}
            found.update(
                proof.code
                for requirement in known
                for proof in requirement.proofs
                if all(glob((getattr(proof, key),)) for key, glob in globs.items())
            )
    return found
