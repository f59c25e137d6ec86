"""What a grant stands on, as the database itself keeps it: original facts of one technical core, nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import new_id
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.equivalence.engine.facts import Certificate as HeldCertificate
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.equivalence.grants.models import Grant, GrantSource
from referencing.proofs.models import Verification
from referencing.solutions.models import Certificate, Software, Solution
from tests.builders import Asked, Story, equal, grants, publish_dsr, publish_rules, state, verification_of
from tests.conftest import Time

TABLES = ("candidature", "item", "proof", "verification", "certificate", "equivalence_grant", "grant_source")


@dataclass
class Two:
    """Two softwares; each has a verification, a certificate, and a dossier that reuses its verification."""

    story: Story
    session: Session
    first: Solution
    second: Solution
    dossiers: dict[Solution, Candidature]

    def grant(self, solution: Solution) -> Grant:
        return next(one for one in grants(self.session) if one.core_id == solution.software.core_id)

    def verification(self, solution: Solution) -> Verification:
        found = sa.select(Verification).where(Verification.software_id == solution.software_id)
        return self.session.scalars(found).one()

    def certificate(self, solution: Solution) -> Certificate:
        found = sa.select(Certificate).where(Certificate.software_id == solution.software_id)
        return self.session.scalars(found).one()


@pytest.fixture(scope="module")
def prepared(shared: sa.Engine) -> Iterator[Two]:
    with db.sessions(shared, Time())() as session:
        yield two_softwares(session)


@pytest.fixture
def two(prepared: Two) -> Iterator[Two]:
    with db.undone(prepared.session):
        yield prepared


def two_softwares(session: Session) -> Two:
    publish_dsr(session, "LGC-V1", Asked("INS.01"))
    publish_dsr(session, "LGC-V2", Asked("INS/va1.01"))
    publish_rules(session, equal("LGC-V1:INS.01", "LGC-V2:INS/va1.01"))
    story = Story(session)
    first, second = story.solution(nil="NIL-1"), story.solution(nil="NIL-2")
    dossiers = {}
    for solution in (first, second):
        story.verified(solution, "LGC-V1")
        dossiers[solution] = story.draft(solution, "LGC-V2")
        story.certificate(solution, "DMP", holder=solution.software.nil)
    return Two(story, session, first, second, dossiers)


@contextmanager
def refused(session: Session, constraint: str) -> Iterator[None]:
    """What is done inside is refused by that constraint of the database, and undone."""
    with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
        yield


def source(grant: Grant, core: Solution, **fact: object) -> GrantSource:
    return GrantSource(id=new_id(), grant_id=grant.id, core_id=core.software.core_id, **fact)


def test_a_source_must_be_a_fact_that_exists(two: Two) -> None:
    with refused(two.session, "fk_grant_source_verification_id"):
        two.session.add(source(two.grant(two.first), two.first, verification_id=new_id()))


def test_a_verification_of_another_core_is_no_source(two: Two) -> None:
    verification = two.verification(two.second)
    with refused(two.session, "fk_grant_source_verification_id"):
        two.session.add(source(two.grant(two.first), two.first, verification_id=verification.id))


def test_a_certificate_of_another_core_is_no_source(two: Two) -> None:
    certificate = two.certificate(two.second)
    with refused(two.session, "fk_grant_source_certificate_id"):
        two.session.add(source(two.grant(two.first), two.first, certificate_id=certificate.id))


def test_a_source_cannot_pretend_to_be_of_another_core_than_its_grant(two: Two) -> None:
    verification = two.verification(two.second)
    with refused(two.session, "fk_grant_source_grant_id"):
        two.session.add(source(two.grant(two.first), two.second, verification_id=verification.id))


def test_an_item_does_not_stand_on_a_grant_of_another_core(two: Two) -> None:
    of_first = sa.update(Item).where(Item.candidature_id == two.dossiers[two.first].id)
    with refused(two.session, "fk_item_grant_id"):
        two.session.execute(of_first.values(grant_id=two.grant(two.second).id))


def test_a_grant_is_not_for_a_dossier_of_another_core(two: Two) -> None:
    other = two.dossiers[two.second].id
    with refused(two.session, "fk_equivalence_grant_candidature_id"):
        two.session.execute(
            sa.update(Grant).where(Grant.id == two.grant(two.first).id).values(candidature_id=other)
        )


@pytest.mark.parametrize("both", [True, False], ids=["both", "none"])
def test_a_source_is_one_fact(two: Two, both: bool) -> None:
    facts = {
        "verification_id": two.verification(two.first).id,
        "certificate_id": two.certificate(two.first).id,
    }
    with refused(two.session, "ck_grant_source_one_fact"):
        two.session.add(source(two.grant(two.first), two.first, **facts if both else {}))


def test_a_fact_is_a_source_once(two: Two) -> None:
    verification = two.verification(two.first)
    with refused(two.session, "uq_grant_source"):
        two.session.add(source(two.grant(two.first), two.first, verification_id=verification.id))


def test_nothing_but_a_verification_or_a_certificate_can_be_a_source() -> None:
    table = GrantSource.metadata.tables[GrantSource.__tablename__]
    assert {
        (key.column_keys[0], key.referred_table.name)
        for key in table.constraints
        if isinstance(key, sa.ForeignKeyConstraint)
    } == {
        ("grant_id", "equivalence_grant"),
        ("verification_id", "verification"),
        ("certificate_id", "certificate"),
        ("embedding_id", "embedding"),  # by which a verification of a component counts
    }


def test_what_was_reused_is_reused_further_from_the_original_fact(two: Two) -> None:
    publish_dsr(two.session, "LGC-V3", Asked("INS/va2.01"))
    publish_rules(
        two.session,
        equal("LGC-V1:INS.01", "LGC-V2:INS/va1.01"),
        equal("LGC-V2:INS/va1.01", "LGC-V3:INS/va2.01"),
    )
    third = two.story.draft(two.first, "LGC-V3")
    assert state(two.session, third) is ItemState.COVERED
    (source,) = grants(two.session)[-1].sources
    assert source.verification_id == two.verification(two.first).id


def move(session: Session, solution: Solution, core: Solution) -> None:
    """Declare the software of a solution to be of the core of another's."""
    session.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
    session.execute(
        sa.update(Software).where(Software.id == solution.software_id).values(core_id=core.software_id)
    )
    session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.expire_all()


def test_one_update_moves_all_that_hangs_on_a_core(two: Two) -> None:
    move(two.session, two.second, two.first)
    for table in TABLES:
        cores = two.session.scalars(sa.text(f"SELECT DISTINCT core_id FROM {table}")).all()
        assert cores == [two.first.software_id], table


@pytest.fixture
def standing_across(two: Two) -> Candidature:
    """A dossier of the second software that stands on a verification of the first, after they became one."""
    publish_dsr(two.session, "DPI-V2", Asked("INS.09"))
    publish_rules(two.session, equal("DPI-V2:INS.09", "LGC-V2:INS/va1.01"))
    two.story.verified(two.first, "DPI-V2")
    move(two.session, two.second, two.first)
    resolve_core(two.session, two.first.software_id)
    two.session.expire_all()
    return two.dossiers[two.second]


def test_softwares_that_are_one_core_share_their_facts(two: Two, standing_across: Candidature) -> None:
    assert state(two.session, standing_across) is ItemState.COVERED
    grant = next(one for one in reversed(grants(two.session)) if one.candidature_id == standing_across.id)
    (source,) = grant.sources
    assert source.verification_id == verification_of(two.session, "DPI-V2:INS.09#01.01").id


@pytest.mark.parametrize("by", ["NIL", "id"])
def test_a_certificate_of_one_of_them_is_one_of_the_core(two: Two, by: str) -> None:
    held_by = two.second.software.nil if by == "NIL" else str(two.second.software_id)
    two.certificate(two.second).holder = held_by
    move(two.session, two.second, two.first)
    known = facts_of(two.session, two.first.software_id, {}).facts
    assert [fact.holder for fact in known if isinstance(fact, HeldCertificate)] == [
        str(two.first.software_id)
    ] * 2


def test_softwares_are_not_parted_while_one_stands_on_the_other(
    two: Two, standing_across: Candidature
) -> None:
    with refused(two.session, "fk_grant_source"):
        move(two.session, two.second, two.second)


def test_softwares_are_parted_again_when_neither_stands_on_the_other(two: Two) -> None:
    move(two.session, two.second, two.first)
    move(two.session, two.second, two.second)
    assert two.dossiers[two.second].core_id == two.second.software_id
