"""A finding on a component that many embed is revoked: what is sent does not grow with who embeds it."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import undone
from referencing.base.permissions import Role
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.proofs.models import Verification
from referencing.revocations import queries
from referencing.revocations.consequences import AT_ONCE, Effect
from referencing.revocations.impact import digest_of
from referencing.revocations.operations import revoke
from referencing.solutions.models import Embedding
from tests.builders import Story, person, statements
from tests.components.test_over_http import MODULE, As, World
from tests.conftest import parts


def embed(session: Session, world: World, first: int, number: int) -> None:
    """So many more softwares embed the module and gain by it."""
    story = Story(session, "Brise Santé")
    for rank in range(first, first + number):
        solution = story.solution(f"Zéphyr {rank}", f"NIL-Z{rank}")
        dossier = story.draft(solution, "LGC-V2", composition={"mss": MODULE, "dmp": "AUTRE@1"})
        story.submit(dossier, incomplete=True)
        session.add(
            Embedding(
                id=db.new_id(),
                software_id=solution.software_id,
                maker_id=world.module,
                component=MODULE,
                valid_from=db.today(session),
                accepted_by=story.lead.account_id,
                accepted_at=db.now(session),
            )
        )
        session.flush()
        resolve_core(session, solution.software_id)


def test_the_statements_of_a_revocation_do_not_grow_with_those_who_embed(app: Flask, as_: As) -> None:
    world = World(app, as_)
    with db.transaction(parts(app).sessions) as session:
        auditor = person(session, Role.AUDITOR)
        fact = session.scalars(sa.select(Verification)).one()
        costs = []
        for first, number in ((0, AT_ONCE + 2), (AT_ONCE + 2, AT_ONCE)):
            embed(session, world, first, number)
            session.expire_all()
            leaning = queries.leaning(session, fact)
            assert len(leaning) == first + number + 1  # its own item is one
            foreseen = [
                Effect(one.candidature_id, one.item_id, one.code, None, None, None) for one in leaning
            ]
            session.expire_all()
            with undone(session), statements(parts(app).engine) as sent:
                effects = revoke(session, auditor, Verification, fact.id, "Fausse.", digest_of(foreseen))
            assert len(effects) == len(leaning)
            costs.append(len(sent))
        assert costs[1] == costs[0]
