"""Two softwares declared and accepted as one: both histories count, until the identity is taken back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.permissions import Actor
from referencing.candidatures.record.states import Action, ItemState
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.verdicts import instruction
from referencing.equivalence.grants.models import GrantSource
from referencing.identities.acceptance import accept, what_if_accepted
from referencing.identities.models import Declaration
from referencing.identities.operations import declare, refuse, what_if_withdrawn, withdraw
from referencing.identities.separation import revoke_identity, what_if_revoked
from referencing.identities.states import DeclarationState
from referencing.revocations.consequences import Effect
from referencing.revocations.impact import impact_of
from referencing.revocations.models import Fate, Flag
from tests.builders import VAULT, Story, entries, perform_jobs, state, verification_of
from tests.conftest import Time
from tests.identities.worlds import ATTESTATION, NEW, OLD, accepted, core, declared
from tests.revocations.worlds import confirmed


def told(effects: Sequence[Effect]) -> list[tuple[UUID, str, Fate | None, ItemState | None]]:
    return [(one.candidature, one.code, one.fate, one.state) for one in effects]


def give_up(*words: Any) -> Sequence[Effect]:
    """The identity is revoked by an auditor who has seen what it does."""
    return confirmed(revoke_identity, what_if_revoked, *words)


def test_the_history_of_one_counts_for_the_other_from_acceptance_on(alize: Story, brise: Story) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    alize.verified(ours, "LGC-V1")
    dossier = brise.draft(theirs, "LGC-V2")
    first = declared(alize, ours, theirs)
    declared(brise, theirs, ours)
    assert state(session, dossier) is ItemState.REQUIRED

    asked = what_if_accepted(session, alize.lead, VAULT, first.id)
    assert state(session, dossier) is ItemState.REQUIRED
    assert core(session, ours) != core(session, theirs)
    done = accept(session, alize.lead, VAULT, first.id)
    session.expire_all()

    assert told(asked) == told(done) == [(dossier.id, NEW, Fate.GAINED, ItemState.COVERED)]
    assert state(session, dossier) is ItemState.COVERED
    assert core(session, ours) == core(session, theirs) == min(ours.software_id, theirs.software_id)
    later = brise.draft(theirs, "LGC-V2", composition={"mss": "Boîte@1"})
    assert state(session, later) is ItemState.COVERED


def test_what_is_verified_later_serves_both(alize: Story, brise: Story) -> None:
    ours, theirs = alize.solution(), brise.solution("Zéphyr", "NIL-2")
    accepted(alize.lead, (alize, ours), (brise, theirs))
    dossier = alize.draft(ours, "LGC-V2")
    brise.verified(theirs, "LGC-V1")
    assert state(alize.session, dossier) is ItemState.COVERED


def test_in_the_timeline_of_one_nobody_of_the_other_is_named(alize: Story, brise: Story) -> None:
    ours, theirs = alize.solution(), brise.solution("Zéphyr", "NIL-2")
    accepted(alize.lead, (alize, ours), (brise, theirs))
    dossier = alize.draft(ours, "LGC-V2")
    brise.submitted(theirs, "LGC-V1")
    assert state(alize.session, dossier) is ItemState.AWAITING
    assert brise.editor.name not in {one.actor for one in entries(alize.session, dossier)}


def test_a_certificate_held_by_one_serves_both(alize: Story, brise: Story) -> None:
    from referencing.equivalence.engine.facts import CertificateKind  # noqa: PLC0415
    from tests.builders import publish_rules  # noqa: PLC0415

    publish_rules(alize.session, kinds=[CertificateKind("DMN", ({"requirement": "INS.1"},))])
    ours, theirs = alize.solution(), brise.solution("Zéphyr", "NIL-2")
    alize.certificate(ours, "DMN")
    dossier = brise.draft(theirs, "LGC-V2")
    assert state(alize.session, dossier) is ItemState.REQUIRED
    accepted(alize.lead, (alize, ours), (brise, theirs))
    assert state(alize.session, dossier) is ItemState.COVERED


@pytest.mark.parametrize("by_editor", [True, False])
def test_taken_back_what_stood_on_the_other_falls_and_the_own_stays(
    alize: Story, brise: Story, auditor: Actor, by_editor: bool
) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    alize.verified(ours, "LGC-V1")
    own = alize.draft(ours, "LGC-V2")
    identity = accepted(alize.lead, (alize, ours), (brise, theirs))
    open_one = brise.draft(theirs, "LGC-V2")
    listed = brise.draft(theirs, "LGC-V2", composition={"mss": "Boîte@1"})
    brise.submit(listed)
    brise.admit(listed)
    instruction.decide(session, alize.lead, listed.id, action=Action.REFERENCE, comment="")
    session.flush()
    session.expire_all()

    expected = [
        (open_one.id, NEW, Fate.REOPENED, ItemState.REQUIRED),
        (listed.id, NEW, Fate.FLAGGED, ItemState.COVERED),
    ]
    assert told(what_if_revoked(session, auditor, identity.id, "Audit.")) == expected
    assert [state(session, one) for one in (own, open_one)] == [ItemState.COVERED] * 2
    if by_editor:
        words = session, brise.editor, _of(session, theirs.software_id).id
        impact = impact_of(session, brise.editor, what_if_withdrawn(*words), dry_run=True)
        withdraw(*words, impact.digest)
    else:
        assert told(give_up(session, auditor, identity.id, "Audit.")) == expected
    session.expire_all()
    perform_jobs(session)

    assert [state(session, one) for one in (own, open_one, listed)] == [
        ItemState.COVERED,
        ItemState.REQUIRED,
        ItemState.COVERED,
    ]
    assert core(session, ours) != core(session, theirs)
    assert session.scalars(sa.select(Flag.item_id)).all() != []
    (entry,) = [one for one in entries(session, listed) if one.action == "candidature.flagged"]
    assert entry.detail["items"] == {NEW: "flagged"}
    assert "reason" not in entry.detail
    assert [one.state for one in session.scalars(sa.select(Declaration))] == [DeclarationState.WITHDRAWN] * 2
    with pytest.raises(Conflict):
        revoke_identity(session, auditor, identity.id, "Encore.")


def _of(session: Session, software: UUID) -> Declaration:
    return session.scalars(sa.select(Declaration).where(Declaration.software_id == software)).one()


def test_three_in_a_row_part_where_the_chain_is_cut(alize: Story, brise: Story, auditor: Actor) -> None:
    session, first = alize.session, alize.solution()
    second, third = brise.solution("Zéphyr", "NIL-2"), brise.solution("Autan", "NIL-3")
    left = accepted(alize.lead, (alize, first), (brise, second))
    accepted(alize.lead, (brise, second), (brise, third))
    assert {core(session, one) for one in (first, second, third)} == {first.software_id}
    alize.verified(first, "LGC-V1")
    far, near = brise.draft(third, "LGC-V2"), alize.draft(first, "LGC-V2")
    assert state(session, far) is state(session, near) is ItemState.COVERED

    give_up(session, auditor, left.id, "Ils ont divergé.")
    session.expire_all()

    assert [core(session, one) for one in (first, second, third)] == [
        first.software_id,
        second.software_id,
        second.software_id,
    ]
    assert state(session, far) is ItemState.REQUIRED
    assert state(session, near) is ItemState.COVERED


def test_where_another_way_joins_them_nothing_falls(alize: Story, brise: Story, auditor: Actor) -> None:
    session, first = alize.session, alize.solution()
    second, third = alize.solution("Autan", "NIL-3"), alize.solution("Zéphyr", "NIL-2")
    one, *_ = [
        accepted(alize.lead, (alize, left), (alize, right))
        for left, right in ((first, second), (second, third), (third, first))
    ]
    alize.verified(first, "LGC-V1")
    dossier = alize.draft(second, "LGC-V2")
    assert revoke_identity(session, auditor, one.id, "Erreur de saisie.") == []
    session.expire_all()
    assert state(session, dossier) is ItemState.COVERED
    assert {core(session, each) for each in (first, second, third)} == {first.software_id}


def test_parted_and_joined_again_it_counts_again(alize: Story, brise: Story, auditor: Actor) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    alize.verified(ours, "LGC-V1")
    identity = accepted(alize.lead, (alize, ours), (brise, theirs))
    dossier = brise.draft(theirs, "LGC-V2")
    give_up(session, auditor, identity.id, "Audit.")
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).where(GrantSource.core_id.is_(None))) == 1
    accepted(alize.lead, (alize, ours), (brise, theirs))
    assert state(session, dossier) is ItemState.COVERED


def test_of_another_organisation_both_declare_and_only_then_a_lead_accepts(
    alize: Story, brise: Story
) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    first = declared(alize, ours, theirs)
    with pytest.raises(Conflict, match="déclaré de son côté"):
        accept(session, alize.lead, VAULT, first.id)
    with pytest.raises(Forbidden):
        accept(session, brise.editor, VAULT, first.id)
    second = declared(brise, theirs, ours)
    withdraw(session, alize.editor, first.id)
    with pytest.raises(Conflict, match="attendez"):
        accept(session, alize.lead, VAULT, second.id)
    again = declared(alize, ours, theirs)
    accept(session, alize.lead, VAULT, second.id)
    with pytest.raises(Conflict, match="déjà sa réponse"):
        accept(session, alize.lead, VAULT, again.id)


def test_one_declares_its_own_once_of_another_with_an_attestation(alize: Story, brise: Story) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    with pytest.raises(NotFound):
        declare(session, brise.editor, VAULT, ours.software_id, theirs.software_id, "", [ATTESTATION])
    with pytest.raises(Invalid, match="attestation"):
        declare(session, alize.editor, VAULT, ours.software_id, theirs.software_id, "", [])
    with pytest.raises(Invalid, match="lui-même"):
        declare(session, alize.editor, VAULT, ours.software_id, ours.software_id, "", [ATTESTATION])
    declare(session, alize.editor, VAULT, ours.software_id, uuid4(), "", [ATTESTATION])
    declared(alize, ours, theirs)
    with pytest.raises(Conflict, match="déjà déclaré"):
        declared(alize, ours, theirs)


def test_refused_it_may_be_declared_anew(alize: Story, brise: Story) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    first = declared(alize, ours, theirs)
    assert refuse(session, alize.lead, first.id, "Attestation illisible.").state is DeclarationState.REFUSED
    with pytest.raises(Conflict, match="refusée"):
        refuse(session, alize.lead, first.id, "Encore.")
    assert declared(alize, ours, theirs).state is DeclarationState.DECLARED


def test_a_dossier_whose_fact_has_just_fallen_is_not_decided_on(
    alize: Story, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts changed; the job that sees to the dossiers has yet to come."""
    from referencing.proofs.models import Verification  # noqa: PLC0415
    from referencing.revocations import consequences, operations  # noqa: PLC0415

    monkeypatch.setattr(consequences, "AT_ONCE", 0)
    session, solution = alize.session, alize.solution()
    first = alize.verified(solution, "LGC-V1")
    instruction.decide(session, alize.lead, first.id, action=Action.REFERENCE, comment="")
    dossier = alize.in_review(solution, "LGC-V2")
    assert state(session, dossier) is ItemState.COVERED
    words = (session, auditor, Verification, verification_of(session, OLD).id, "Audit.")
    effects = confirmed(operations.revoke, operations.what_if_revoked, *words)
    assert {one.fate for one in effects} == {None}
    session.flush()
    assert state(session, dossier) is ItemState.COVERED
    with pytest.raises(Conflict, match="en instruction"):
        instruction.decide(session, alize.lead, dossier.id, action=Action.REFERENCE, comment="")


def test_a_closed_dossier_is_told_with_the_core_of_its_last_day(
    alize: Story, brise: Story, auditor: Actor, time: Time
) -> None:
    session, ours, theirs = alize.session, alize.solution(), brise.solution("Zéphyr", "NIL-2")
    alize.verified(ours, "LGC-V1")
    before = brise.draft(theirs, "LGC-V2")
    brise.withdraw(before)
    time.pass_days(1)
    identity = accepted(alize.lead, (alize, ours), (brise, theirs))
    between = brise.draft(theirs, "LGC-V2")
    time.pass_days(1)
    brise.withdraw(between)
    for _ in range(2):
        told_now = [as_it_stands(session, dossier)[0].items[0].status.value for dossier in (before, between)]
        assert told_now == ["required", "covered"]
        time.pass_days(1)
        if identity.withdrawn_at is None:
            give_up(session, auditor, identity.id, "Audit.")
            session.expire_all()
