"""A key means one thing on a page: what a page has of its own is no key of the head that the same reader sees."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from referencing import console
from referencing.base.permissions import EVERYONE, MAY, Right, Role
from referencing.console.pages import ENTRIES, Entry

TEMPLATES = Path(console.__file__).parent / "templates"
#: The template whose keys are those of the head.
HEAD = "layout.html"
#: Letters of a page that the head has too, for other readers: the right without which nobody sees them on the page.
SHARED = {("live/verdict.html", "b"): Right.CONDUCT_SESSIONS}

_ATTRIBUTE = re.compile(r'data-key="([^"]*)"')


def own_keys() -> Iterator[tuple[str, str]]:
    """Each template with each key that it gives: in an attribute, to a macro, or in the rows of a loop."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        template, source = path.relative_to(TEMPLATES).as_posix(), path.read_text()
        if template == HEAD:
            continue
        tree = Environment().parse(source)
        written = set(_ATTRIBUTE.findall(source)) - {"{{ key }}"}
        for key in sorted(written | _to_macros(tree) | _of_rows(tree)):
            yield template, key


def _to_macros(tree: nodes.Template) -> set[str]:
    given = [word.value for call in tree.find_all(nodes.Call) for word in call.kwargs if word.key == "key"]
    return {value.as_const() for value in given if not isinstance(value, nodes.Name)}


def _of_rows(tree: nodes.Template) -> set[str]:
    """From `for value, label, key in (("conform", "Conforme", "c"), ...)`."""
    keys = set()
    for loop in tree.find_all(nodes.For):
        names = [name.name for name in loop.target.find_all(nodes.Name)]
        writes = any("data-key=" in words.data for words in loop.find_all(nodes.TemplateData))
        if writes and "key" in names:
            rows = [row for row in loop.iter.find_all(nodes.Tuple) if len(row.items) == len(names)]
            rows = [row for row in rows if all(isinstance(item, nodes.Const) for item in row.items)]
            assert rows
            keys |= {row.items[names.index("key")].as_const() for row in rows}
    return keys


def readers(entry: Entry) -> frozenset[Role]:
    return EVERYONE if entry.right is None else MAY[entry.right]


def test_every_way_to_give_a_key_is_read() -> None:
    keys = set(own_keys())
    assert {("live/minutes.html", "y"), ("rulebooks/list.html", "n"), ("tasks/verdict.html", "k")} <= keys
    assert all(len(key) == 1 for _, key in keys)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_no_key_of_the_head_is_a_page_s_own_for_the_same_reader(entry: Entry) -> None:
    for template, key in own_keys():
        if key == entry.key:
            there = MAY[SHARED[template, key]] if (template, key) in SHARED else EVERYONE
            assert not there & readers(entry), f"{template}: {key} is {entry.name}"


@pytest.mark.parametrize("role", Role)
def test_the_keys_of_the_head_differ_for_each_reader(role: Role) -> None:
    keys = [entry.key for entry in ENTRIES if role in readers(entry)]
    assert len(keys) == len(set(keys))


def test_the_list_of_shared_letters_names_nothing_that_is_gone() -> None:
    assert set(own_keys()) >= SHARED.keys()
    assert {entry.key for entry in ENTRIES} >= {key for _, key in SHARED}
