"""Dossiers, items and proofs as the API shows them: plain values, made in one pass."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.candidatures.filing import pentests
from referencing.candidatures.record.confidentiality import veiled_derivation
from referencing.candidatures.record.states import (
    ENDED,
    ITEM_STATES,
    ON_EQUIVALENCE,
    SETTLED,
    STATES,
    ItemState,
    State,
    expected_next,
)
from referencing.candidatures.tasks.holders import Clock
from referencing.candidatures.tasks.queries import Awaited
from referencing.catalogue.proposals import ProofKind
from referencing.equivalence.engine.explanation import explain, in_french
from referencing.equivalence.engine.facts import Fact
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Resolution
from referencing.equivalence.grants.queries import Reuse
from referencing.equivalence.grants.schemas import answer_view, derivation_view
from referencing.journal.disclosure import disclosed
from referencing.journal.models import Entry
from referencing.journal.schemas import EventOut
from referencing.proofs.models import Proof
from referencing.proofs.views import proof_view

from .item_schemas import ItemActsOut, ItemRowOut, VerdictOut
from .queries import Dossier, ItemView, undeclared
from .schemas import AwaitedOut, CandidatureRowOut

REVOKED = "La vérification qui l'a trouvée conforme, le {found}, a été révoquée le {revoked}."
UNCHANGED = "Répond au complément par un fichier déjà fourni, inchangé : {names}."
UNSETTLED = (
    "Cette preuve attendue est restée « {item} » : la candidature est {dossier}, plus rien n'y est attendu."
)
_event = shape(EventOut)
_candidature = shape(CandidatureRowOut)
_awaited = shape(AwaitedOut)
_item = shape(ItemRowOut)
_acts = shape(ItemActsOut)
_verdict = shape(VerdictOut)


def candidature_view(
    dossier: Dossier, clock: Clock, awaited: Sequence[Awaited], reader: Actor
) -> dict[str, Any]:
    """An integration is not told of third parties: it sees its own proofs alone."""
    candidature, counts = dossier.candidature, dossier.counts
    following = expected_next(candidature.state, clock.holder, clock.due_on)
    return {
        **_candidature(candidature, reader),
        "progress": {state.value: counts.get(state, 0) for state in ItemState},
        "missing_counts": dossier.missing,
        "holder": clock.holder,
        "working_days_used": clock.used,
        "due_on": clock.due_on,
        "expected_next": asdict(following) if following else None,
        "third_parties": [] if reader.by_permission else [_awaited(waited) for waited in awaited],
    }


def item_view(view: ItemView, reader: Actor) -> dict[str, Any]:
    """An integration sees what is asked and how it stands; of what was given for it, its own proofs alone."""
    item = view.item
    whole = not reader.by_permission
    proof = view.proof if view.proof and (whole or view.proof.supplied_by == reader.account_id) else None
    on_proof = {one.id for one in proof.verifications} if proof else set()
    verdict = view.verdict if view.verdict and (whole or view.verdict.verification_id in on_proof) else None
    asked_again = item.state is ItemState.COMPLEMENT
    return {
        **_item(item),
        **_acts(view, reader),
        "may_be_supplied": view.not_supplied_because is None,
        "not_supplied_because": view.not_supplied_because,
        "awaits_second_reading": view.second_reading and whole,
        "reason": item.reason if whole else None,
        "expert_asked_at": view.expert_since if whole else None,
        "third_party": _awaited(view.third_party) if view.third_party and whole else None,
        "due_on": verdict.due_on if verdict and asked_again else None,
        "verdict": _verdict(verdict) if verdict else None,
        "remarks": _remarks(view, proof),
        "proof": proof_view(proof, view.stale) if proof else None,
        "reuse": grant_view(view.grant, reader) if view.grant and whole else None,
    }


def _remarks(view: ItemView, proof: Proof | None) -> list[str]:
    """What to know besides the files: the age of an intrusion test, what answers a complement unchanged, what was
    revoked since, and what Pro Santé Connect was not told.
    """
    asked, dossier = view.item.expected_proof, view.dossier
    found = []
    if proof is not None and view.item.state is ItemState.CONFORM:
        found.append(_revoked(proof))
    if proof is not None and asked.kind is ProofKind.PENTEST:
        found.append(pentests.remark(proof.performed_on, dossier.deposited_on, view.today))
    if proof is not None and view.unchanged:
        found.append(UNCHANGED.format(names=", ".join(view.unchanged)))
    return [*(one for one in found if one), *undeclared(view)]


def _revoked(proof: Proof) -> str | None:
    """That the last verification of a proof was revoked."""
    last = max(proof.verifications, key=lambda one: one.id, default=None)
    if last is None or last.revoked_on is None:
        return None
    return REVOKED.format(found=in_french(last.found_on), revoked=in_french(last.revoked_on))


def grant_view(grant: Reuse, reader: Actor) -> dict[str, Any]:
    """An editor is not told which facts are another organisation's."""
    others = () if reader.of_agency else grant.of_others
    return {
        "state": grant.state,
        "strength": grant.strength,
        "cases": grant.cases,
        "confirm": grant.confirm,
        "derivation": derivation_view(veiled_derivation(grant.derivation, [*map(str, others)])),
        "facts": [fact for fact in (*grant.verifications, *grant.certificates) if fact not in others],
    }


def resolution_view(
    dossier: State, resolution: Resolution, facts: Mapping[str, Fact], states: Mapping[str, ItemState]
) -> dict[str, Any]:
    """What equivalence shows for a dossier in a state; `states` tells how its items stand, by code, whatever
    equivalence shows of them.
    """
    return {
        "items": [
            {
                **answer_view(answer),
                "state": states[answer.proof],
                "explanation": _explanation(dossier, answer, facts, states[answer.proof]),
            }
            for answer in resolution.items
        ],
        "summary": resolution.summary,
    }


def _explanation(dossier: State, answer: Answer, facts: Mapping[str, Fact], state: ItemState) -> list[str]:
    """Why the item stands as it does: by equivalence, by what was supplied or decided in the dossier itself, or
    because that ended first.
    """
    if dossier in ENDED and state not in SETTLED:
        return [UNSETTLED.format(item=ITEM_STATES[state], dossier=STATES[dossier])]
    if state.value == answer.status.value:
        return explain(answer, facts)
    stands = f"Dans cette candidature, cette preuve attendue est « {ITEM_STATES[state]} »"
    if state in ON_EQUIVALENCE:
        return [
            f"{stands}, par décision d'un vérificateur ou par les règles d'alors.",
            *explain(answer, facts)[1:],
        ]
    return [f"{stands} : ce qui y a été fourni et décidé compte, et non l'équivalence."]


def act_view(entry: Entry, reader: Actor) -> dict[str, Any]:
    """The receipt of an act on a dossier: its entry as the timeline tells it, with its place and its seal."""
    return {
        **_event(disclosed(entry, reader)),
        "candidature": entry.stream.partition(":")[2],
        "digest": entry.digest,
    }
