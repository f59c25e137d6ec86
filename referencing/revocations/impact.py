"""The impact of a revocation: what its reader is told of it, and the digest that confirms it when something is lost."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import FieldError, Unconfirmed, confirm_loss
from referencing.base.french import counted
from referencing.base.permissions import Actor
from referencing.candidatures.record.queries import readable_among

from .consequences import Effect, by_jobs
from .models import Fate

PENDING = "pending"
#: What an item loses by, in a summary; what is left to a job may be lost.
LOSSES = (Fate.REOPENED.value, Fate.FLAGGED.value, PENDING)


@dataclass(frozen=True, slots=True)
class Impact:
    """The effects of something that was done, or only asked for (`dry_run`), as somebody may read them.

    `summary` counts the items of all `dossiers` by fate, those among them that are not the reader's to know too.
    """

    dry_run: bool
    effects: Sequence[Effect]
    summary: Counter[str]
    dossiers: int
    digest: str


def impact_of(session: Session, actor: Actor, effects: Sequence[Effect], *, dry_run: bool) -> Impact:
    """The impact of these effects, as the actor may read it."""
    visible = readable_dossiers(session, actor, effects)
    return impact_for(actor, effects, visible, dry_run=dry_run)


def readable_dossiers(session: Session, actor: Actor, effects: Sequence[Effect]) -> frozenset[UUID]:
    """The dossiers of these effects that the actor may read: no draft of others, and none in a conflict of interest."""
    return frozenset(readable_among(session, actor, {effect.candidature for effect in effects}))


def impact_for(
    actor: Actor, effects: Sequence[Effect], visible: Collection[UUID], *, dry_run: bool = True
) -> Impact:
    """The impact of these effects for who may read the dossiers `visible`.

    The agency is told how many others there are, and what covers an item instead; an organisation is not, nor does its
    digest tell: what covers may be another's.
    """
    told = [effect for effect in effects if effect.candidature in visible]
    if not actor.of_agency:
        told = [replace(effect, derivation=None) for effect in told]
    counted = effects if actor.of_agency else told
    return Impact(
        dry_run=dry_run,
        effects=told,
        summary=Counter(effect.fate.value if effect.fate else PENDING for effect in counted),
        dossiers=len({effect.candidature for effect in counted}),
        digest=digest_of(counted, of_agency=actor.of_agency),
    )


def digest_of(counted: Sequence[Effect], *, of_agency: bool = True) -> str:
    """SHA-256 (hexadecimal) of `ITEM FATE`, a line for each, in order; of the items alone where jobs give the fates.

    Others' dossiers count in leaving fates to jobs, which an organisation does not learn: its digest is of items alone.
    """
    with_fates = of_agency and not by_jobs(effect.candidature for effect in counted)
    lines = sorted(f"{effect.item} {effect.fate if with_fates else ''}" for effect in counted)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def confirmed(
    session: Session, actor: Actor, effects: Sequence[Effect], digest: str | None
) -> Sequence[Effect]:
    """The effects of what was just done, which the error undoes with its transaction.

    Raises Unconfirmed for another digest than theirs, or for none when the actor may know that something is lost. Each
    item of an organisation counts as one that may lose: what others' dossiers leave to jobs does not show.
    """
    impact = impact_of(session, actor, effects, dry_run=False)
    losing = sum(impact.summary[fate] for fate in LOSSES) if actor.of_agency else len(impact.effects)
    confirm_loss(
        digest,
        {"digest": impact.digest, "dossiers": impact.dossiers, "losing": losing},
        "dans "
        + counted(
            impact.dossiers, "candidature en cours ou référencée", "candidatures en cours ou référencées"
        )
        + ", "
        + counted(
            losing,
            "preuve attendue perd ou peut perdre ce qui l'établit",
            "preuves attendues perdent ou peuvent perdre ce qui les établit",
        )
        + " ; les dossiers en préparation comptent, sans être nommés",
    )
    return effects


def confirmed_gains(session: Session, actor: Actor, effects: Sequence[Effect], digest: str | None) -> None:
    """Raises Unconfirmed when items gain by a declaration and `digest` does not name these effects.

    What it lets through nobody looks at: it is meant, item by item.
    """
    impact = impact_of(session, actor, effects, dry_run=False)
    if digest == impact.digest or (digest is None and not effects):
        return
    items = sum(impact.summary.values())
    raise Unconfirmed(
        f"Cette déclaration change {counted(items, 'preuve attendue', 'preuves attendues')} dans "
        f"{counted(impact.dossiers, 'candidature')} en cours. "
        "Lisez lesquelles, à blanc ; si c'est voulu, confirmez-le.",
        [FieldError("/digest", "Donnez « digest », comme ici et comme l'essai à blanc (« dry_run »).")],
        {"digest": impact.digest, "dossiers": impact.dossiers, "losing": 0},
    )
