"""The kept counts of open tasks come to what there is, nobody waits for them, and their rows stay few."""

import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.tasks import counts
from referencing.candidatures.tasks.models import OpenCount, OpenDayCount, Queue, Task
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.reviews.recount import kept, recounted


def test_a_dossiers_life_is_counted_as_it_goes(people: People, dossier: Dossier) -> None:
    def both_agree() -> None:
        with people.parts.sessions() as session:
            assert kept(session) == recounted(session)

    both_agree()
    dossier.find(OLD_IDENTITY)
    both_agree()
    people.submitted("LGC-V1", people.solution("Bêta"))
    both_agree()
    with people.parts.sessions.begin() as session:
        session.execute(sa.delete(Task).where(Task.queue == Queue.ADMISSIBILITY))
    both_agree()


def test_nobody_waits_for_a_counter(people: People, dossier: Dossier) -> None:
    """Three at once on tasks of one organisation and one queue: the first has not ended when the others have."""
    sessions = people.parts.sessions
    with sessions() as first:
        tasks = first.scalars(sa.select(Task.id).where(Task.closed_at.is_(None)).order_by(Task.id)).all()
        first.execute(_closing(tasks[0]))
        with db.transaction(sessions) as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            second.execute(_closing(tasks[1]))
        with db.transaction(sessions) as third:
            third.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            counts.add_up(third)
            assert kept(third) == recounted(third)
        first.commit()
        assert kept(first) == recounted(first)


def test_two_who_add_up_at_once_wait_for_nothing(people: People, dossier: Dossier) -> None:
    sessions = people.parts.sessions
    with sessions() as first:
        counts.add_up(first)
        with db.transaction(sessions) as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            counts.add_up(second)
        first.commit()
        assert kept(first) == recounted(first)


def test_added_up_they_are_one_row_of_a_kind_and_none_of_what_is_gone(
    people: People, dossier: Dossier
) -> None:
    with db.transaction(people.parts.sessions) as session:
        session.execute(_closing(session.scalars(sa.select(Task.id).where(Task.closed_at.is_(None))).first()))
        counts.add_up(session)
        assert kept(session) == recounted(session)
        rows = [
            session.scalars(sa.select(sa.func.count()).select_from(table)).one()
            for table in (OpenCount, OpenDayCount)
        ]
        of_organisation = {kind for kind in recounted(session) if kind[0] == "with_agency"}
        assert rows[0] == len(of_organisation)
        session.execute(sa.update(Task).values(closed_at=sa.func.now()).where(Task.closed_at.is_(None)))
        counts.add_up(session)
        assert kept(session) == {}
        assert session.scalars(sa.select(OpenCount.id)).all() == []


def _closing(task: object) -> sa.Update:
    return sa.update(Task).where(Task.id == task).values(closed_at=sa.func.now(), outcome="conform")
