"""What is chosen as in doubt among all certificates is what is in doubt when it is read."""

from datetime import UTC, date, datetime, time
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.permissions import Actor, Role
from referencing.certificates.models import Issuer, IssuerKind, IssuerList, ListedCertificate
from referencing.certificates.queries import certificates
from referencing.certificates.standing import Check, Match, Standing, standing
from referencing.solutions.models import Certificate, Solution
from tests.builders import person, solution

LISTED_ON = date(2026, 2, 1)
START, END = date(2026, 1, 1), date(2027, 1, 1)
OTHER_DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("as_of", "match", "found"),
    [
        (None, None, (Standing.NO_LIST, ())),
        (START, None, (Standing.ABSENT, ())),
        (date(2025, 12, 31), None, (Standing.TOO_RECENT, ())),
        (date(2025, 12, 31), Match(True, True, True), (Standing.LISTED, ())),
        (LISTED_ON, Match(True, False, True), (Standing.DIFFERS, ("valid_from",))),
        (LISTED_ON, Match(False, True, False), (Standing.DIFFERS, ("holder", "valid_until"))),
    ],
)
def test_how_a_certificate_stands(as_of: date | None, match: Match | None, found: Any) -> None:
    assert standing(START, as_of, match) == found


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


@pytest.fixture
def own(scratch: Session) -> Solution:
    return solution(scratch, person(scratch, Role.EDITOR))


def certificate(
    owner: Solution, kind: str, number: str, start: date, end: date | None, *, confirmed: bool = True
) -> Certificate:
    software = owner.software
    return Certificate(
        id=new_id(),
        software_id=software.id,
        core_id=software.core_id,
        kind=kind,
        holder=software.nil,
        number=number,
        valid_from=start,
        valid_until=end,
        confirmed_at=datetime.combine(start, time(), UTC) if confirmed else None,
    )


def test_the_list_of_doubts_is_that_of_the_certificates_that_say_so(
    scratch: Session, own: Solution, lead: Actor
) -> None:
    issuer = Issuer(id=new_id(), code="X", name="X", kinds=[IssuerKind(kind="K")])
    listed = IssuerList(
        id=new_id(), issuer_id=issuer.id, number=1, as_of=LISTED_ON, kinds=["K"], rows=0, entries=0, sha256="",
        imported_at=now(scratch), imported_by=lead.account_id,
    )  # fmt: skip
    scratch.add(issuer)
    scratch.flush()
    scratch.add(listed)
    scratch.flush()
    entries = product((None, "nil-1", "NIL-2"), (None, START, OTHER_DAY), (None, END, OTHER_DAY))
    for at, (holder, start, end) in enumerate(entries):
        for suffix, kind, begins, ends, confirmed in (
            ("a", "K", START, END, True),
            ("b", "K", OTHER_DAY, None, True),
            ("c", "AUTRE", START, END, True),
            ("d", "K", START, END, False),
            ("e", "AUTRE", START, END, False),
        ):
            scratch.add(certificate(own, kind, f"N-{at}{suffix}", begins, ends, confirmed=confirmed))
            if holder is not None:
                scratch.add(
                    ListedCertificate(
                        list_id=listed.id,
                        kind="K",
                        number=f"n-{at}{suffix}",
                        holder=holder,
                        valid_from=start,
                        valid_until=end,
                    )
                )
    scratch.flush()

    def read(*, in_doubt: bool | None = None) -> dict[str, Check]:
        return {
            one.certificate.number: one.check
            for one in certificates(scratch, lead, None, 500, in_doubt=in_doubt)
        }

    everything = read()
    assert {check.standing for check in everything.values()} == {*Standing}
    doubts = {number for number, check in everything.items() if check.in_doubt}
    assert {everything[number].confirmed for number in doubts} == {True, False}
    assert read(in_doubt=True).keys() == doubts
    assert read(in_doubt=False).keys() == everything.keys() - doubts
    assert scratch.scalar(sa.select(sa.func.count()).select_from(Certificate)) == len(everything)


def test_of_several_lines_of_one_number_the_most_alike_counts(
    scratch: Session, own: Solution, lead: Actor
) -> None:
    scratch.add(Issuer(id=(issuer := new_id()), code="Y", name="Y", kinds=[IssuerKind(kind="K2")]))
    scratch.flush()
    listed = IssuerList(
        id=new_id(), issuer_id=issuer, number=1, as_of=LISTED_ON, kinds=["K2"], rows=0, entries=0, sha256="",
        imported_at=now(scratch), imported_by=lead.account_id,
    )  # fmt: skip
    scratch.add(listed)
    scratch.flush()
    for holder, start in (("NIL-2", START), ("NIL-1", OTHER_DAY), ("NIL-1", START)):
        scratch.add(
            ListedCertificate(list_id=listed.id, kind="K2", number="1", holder=holder, valid_from=start)
        )
    scratch.add(certificate(own, "K2", "1", START, END))
    scratch.flush()
    (found,) = certificates(scratch, lead, None, 10, kind="K2")
    assert found.check.standing is Standing.LISTED
