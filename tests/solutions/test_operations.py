"""Softwares, commercial names and compositions: each organisation its own, each thing once."""

from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.permissions import INSTRUCTION, Actor, Role
from referencing.integrations.operations import allow
from referencing.solutions import queries
from referencing.solutions.models import Configuration, Solution
from referencing.solutions.operations import (
    add_software,
    configure,
    register_software,
    register_solution,
)
from referencing.solutions.ownership import correct_nil
from tests.builders import ALIZE, Asked, draft, person, publish_dsr, solution, statements

OTHER = "Mistral Santé"


@pytest.fixture
def editor(scratch: Session) -> Actor:
    return person(scratch, Role.EDITOR)


@pytest.fixture
def stranger(scratch: Session) -> Actor:
    return person(scratch, Role.EDITOR, OTHER)


@pytest.fixture
def own(scratch: Session, editor: Actor) -> Solution:
    return solution(scratch, editor)


# --- softwares and commercial names --------------------------------------------------------------------------


def test_a_software_is_its_own_technical_core(scratch: Session, editor: Actor) -> None:
    software = register_software(scratch, editor, "Alizé Cabinet", "NIL-1")
    assert software.core_id == software.id


def test_a_nil_is_registered_once_in_an_organisation(scratch: Session, editor: Actor) -> None:
    register_software(scratch, editor, "Alizé Cabinet", "NIL-1")
    with pytest.raises(Conflict, match="NIL-1"):
        register_software(scratch, editor, "Alizé Clinique", "NIL-1")


def test_a_nil_is_not_corrected_to_that_of_another_software_that_looked_alike_already(
    scratch: Session, editor: Actor
) -> None:
    """From the time when NILs were compared letter by letter."""
    assert editor.organisation_id is not None
    digit, letter = (
        add_software(scratch, editor, editor.organisation_id, "Alizé", nil) for nil in ("NIL-0", "NIL-O")
    )
    for software, nil in ((digit, letter.nil), (letter, digit.nil)):
        with pytest.raises(Conflict, match=nil):
            correct_nil(scratch, editor, software.id, nil)


def test_two_organisations_may_name_the_same_nil(scratch: Session, editor: Actor, stranger: Actor) -> None:
    register_software(scratch, editor, "Alizé Cabinet", "NIL-1")
    assert register_software(scratch, stranger, "Alizé Cabinet", "NIL-1").nil == "NIL-1"


def test_a_commercial_name_is_on_a_software_once(scratch: Session, editor: Actor, own: Solution) -> None:
    with pytest.raises(Conflict, match="Alpha"):
        register_solution(scratch, editor, own.software_id, "Alpha")


def test_a_software_may_carry_several_names_and_two_softwares_the_same(
    scratch: Session, editor: Actor, own: Solution
) -> None:
    register_solution(scratch, editor, own.software_id, "Bêta")
    solution(scratch, editor, "Alpha", nil="NIL-2")
    first, second = queries.softwares(scratch, editor, None, 10)
    scratch.refresh(first, ["solutions"])
    assert [one.commercial_name for one in first.solutions] == ["Alpha", "Bêta"]
    assert [one.commercial_name for one in second.solutions] == ["Alpha"]


@pytest.mark.parametrize(
    "written",
    ["  Éditions   du  Cap ", "E\u0301ditions du Cap", "Éditions\u00a0du Cap", "Éditions du\nCap"],
    ids=["spaces", "decomposed accents", "no-break space", "line break"],
)
def test_what_looks_the_same_is_the_same(
    scratch: Session, editor: Actor, own: Solution, written: str
) -> None:
    registered = register_solution(scratch, editor, own.software_id, written)
    assert registered.commercial_name == "Éditions du Cap"
    with pytest.raises(Conflict):
        register_solution(scratch, editor, own.software_id, "Éditions du Cap")


def test_a_nil_is_the_same_whatever_the_spaces_around_it(scratch: Session, editor: Actor) -> None:
    register_software(scratch, editor, "Alizé Cabinet", " NIL-1 ")
    with pytest.raises(Conflict):
        register_software(scratch, editor, "Alizé Clinique", "NIL-1")


def test_a_software_of_another_organisation_does_not_exist(
    scratch: Session, stranger: Actor, own: Solution
) -> None:
    for unknown in (own.software_id, new_id()):
        with pytest.raises(NotFound, match="Ce logiciel n'existe pas"):
            register_solution(scratch, stranger, unknown, "Gamma")
    with pytest.raises(NotFound):
        queries.solution(scratch, stranger, own.id)


def test_an_integration_sees_by_permission_alone_whatever_its_organisation(
    scratch: Session, editor: Actor, own: Solution
) -> None:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    permitted_on = draft(scratch, editor, own, "LGC-V1")
    for organisation in (ALIZE, OTHER):
        machine = person(scratch, Role.INTEGRATION, organisation)
        with pytest.raises(NotFound):
            queries.software(scratch, machine, own.software_id)
        allow(scratch, editor, permitted_on.id, machine.account_id)
        assert queries.software(scratch, machine, own.software_id).id == own.software_id


@pytest.mark.parametrize("role", sorted(INSTRUCTION - {Role.EXPERT}))
def test_the_agency_sees_every_organisation(
    scratch: Session, stranger: Actor, own: Solution, role: Role
) -> None:
    reader = person(scratch, role)
    for software_id in (own.software_id, solution(scratch, stranger).software_id):
        assert queries.software(scratch, reader, software_id).id == software_id


def test_an_organisation_lists_its_own_softwares_and_the_agency_all(
    scratch: Session, editor: Actor, stranger: Actor, own: Solution
) -> None:
    other = solution(scratch, stranger)
    lead = person(scratch, Role.LEAD)
    assert [one.id for one in queries.softwares(scratch, editor, None, 10)] == [own.software_id]
    assert [one.id for one in queries.softwares(scratch, lead, None, 10)] == [
        own.software_id,
        other.software_id,
    ]


def test_an_organisation_lists_its_own_solutions_and_the_agency_all(
    scratch: Session, editor: Actor, stranger: Actor, own: Solution
) -> None:
    other = solution(scratch, stranger)
    lead = person(scratch, Role.LEAD)
    assert queries.solutions(scratch, editor, None, 10) == [own]
    assert queries.solutions(scratch, stranger, None, 10) == [other]
    assert queries.solutions(scratch, lead, None, 10) == [own, other]


def test_a_page_of_solutions_is_one_statement_however_many_softwares(scratch: Session, editor: Actor) -> None:
    names = [solution(scratch, editor, nil=f"NIL-{number}").commercial_name for number in range(5)]
    scratch.expire_all()
    with statements(scratch.get_bind()) as sent:  # type: ignore[arg-type]
        page = queries.solutions(scratch, editor, None, 10)
        assert [(one.commercial_name, one.software.nil) for one in page] == [
            (name, f"NIL-{number}") for number, name in enumerate(names)
        ]
    assert len(sent) == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.EDITOR}))
def test_only_an_editor_registers(scratch: Session, own: Solution, role: Role) -> None:
    actor = person(scratch, role)
    with pytest.raises(Forbidden):
        register_software(scratch, actor, "Alizé Cabinet", "NIL-2")
    with pytest.raises(Forbidden):
        register_solution(scratch, actor, own.software_id, "Bêta")


# --- compositions -------------------------------------------------------------------------------------------


def test_a_composition_says_which_component_fills_which_role(scratch: Session, own: Solution) -> None:
    kept = configure(scratch, own, " 1.0 ", [("mss", "messagerie@1.0"), ("dmp", " NIL-77  Pro@4 ")])
    assert kept.composition == {"mss": "messagerie@1.0", "dmp": "NIL-77 Pro@4"}
    assert kept.software_version == "1.0"


@pytest.mark.parametrize(
    ("composition", "pointers"),
    [
        ([("mss", "messagerie")], ["/composition/0/component"]),
        ([("mss", "@1.0")], ["/composition/0/component"]),
        ([("mss", "a@1@2")], ["/composition/0/component"]),
        ([("MSS", "a@1")], ["/composition/0/role"]),
        ([("m s", "a@1")], ["/composition/0/role"]),
        ([("mss", "a@1"), ("mss", "a@1")], ["/composition/1/role"]),
        ([("", ""), ("mss", "a@1"), ("dmp", "a")], ["/composition/0/role", "/composition/0/component",
                                                   "/composition/2/component"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_composition_is_pointed_at(
    scratch: Session, own: Solution, composition: Iterable[tuple[str, str]], pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        configure(scratch, own, "1.0", composition)
    assert [error.pointer for error in refusal.value.errors] == pointers
    assert scratch.scalar(sa.select(sa.func.count()).select_from(Configuration)) == 0
