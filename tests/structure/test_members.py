"""Adding a queue, a state of items, a relation or a field of a candidature touches few files.

A file that names more than half of the members of an enumeration is a list of them, which a new member has to join.
The numbers are those that were reached: a list more is a choice to be made, and a list less is written down here.
"""

import re
from collections import Counter
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from referencing.base.permissions import FUNCTIONS, ROLES, Function, Role
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.tasks.names import QUEUES
from referencing.equivalence.engine.facts import Relation

PRODUCT = Path(__file__).parents[2] / "referencing"


@cache
def sources() -> dict[str, str]:
    """Each file of the product with its text, but what others wrote for the browser."""
    paths = [path for path in sorted(PRODUCT.rglob("*")) if path.suffix in {".py", ".html"}]
    return {str(path.relative_to(PRODUCT)): path.read_text() for path in paths}


def lists_of(members: type[StrEnum]) -> list[str]:
    """The files that name more than half of the members, as an attribute or by their value in quotes."""
    named: Counter[str] = Counter()
    for member in members:
        name = re.compile(rf"\b{members.__name__}\.{member.name}\b|\"{member.value}\"")
        named.update(path for path, text in sources().items() if name.search(text))
    return [path for path, number in sorted(named.items()) if 2 * number > len(members)]


@pytest.mark.parametrize(
    ("members", "lists"),
    [
        (
            Queue,
            ["candidatures/tasks/models.py", "candidatures/tasks/names.py", "candidatures/tasks/opening.py"],
        ),
        (
            ItemState,
            [
                "candidatures/record/states.py",
                "candidatures/verdicts/undoing.py",
                "console/dossiers/chart.py",
            ],
        ),
        (
            Relation,
            [
                "bundles/checker.py",  # handed out, so it has nothing but itself
                "equivalence/engine/explanation.py",  # in words
                "equivalence/engine/facts.py",  # what each one means
                "equivalence/exchange/oscal.py",  # in the words of others
            ],
        ),
    ],
)
def test_a_new_member_joins_few_lists(members: type[StrEnum], lists: list[str]) -> None:
    assert lists_of(members) == lists


def test_every_queue_role_and_function_has_a_name_for_people() -> None:
    assert set(QUEUES) == set(Queue)
    assert set(ROLES) == set(Role)
    assert set(FUNCTIONS) == set(Function)


def test_a_field_of_a_candidature_is_named_in_few_files() -> None:
    """`external_reference` of a candidature; `integrations`, `item_schemas`, `tools` say it of an item."""
    word = re.compile(r"(?<!Item\.)\bexternal_reference\b")
    of_items = re.compile(r"integrations/|item_schemas\.py|tools/")
    named = [path for path, text in sources().items() if word.search(text) and not of_items.search(path)]
    assert named == [
        "candidatures/api/schemas.py",
        "candidatures/record/models.py",
        "journal/events/dossiers.py",
    ]
