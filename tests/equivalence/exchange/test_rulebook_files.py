"""A rulebook leaves as a file and comes back the same; what others write is read in part; what changed between two."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.base.errors import Invalid
from referencing.base.sheets import FORMULA, csv_lines
from referencing.base.workdays import FIRST_DAY, LAST_DAY
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Policy, Relation, Reuse
from referencing.equivalence.exchange.oscal import NS, RELATIONSHIPS, read_oscal, write_oscal
from referencing.equivalence.exchange.sheets import HEADINGS, read_sheets, write_sheets
from referencing.equivalence.rulebooks.differences import diff
from referencing.equivalence.rulebooks.rulebooks import COVER_KEYS, POLICY_KEYS, Rules, digest
from tests.conftest import SHARED

Json = dict[str, Any]

BOOK = UUID(int=7)
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "=1+1",
            "'",
            "''=",
            "-",
            "@",
            "\t",
            "\n",
            "\r\n",
            "\\",
            "\\n",
            "\\0",
            "\0",
            '"',
            ",;",
            " é ",
            ";=1",
            "\t+1",
            "; @",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
SOME = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
CODES = st.from_regex(r"[A-Z=+@'-]{1,3}-V[12]:[A-Z/.;]{1,4}[0-9](#[0-9.]{1,5})?", fullmatch=True)
DAYS = st.none() | st.dates(FIRST_DAY, LAST_DAY)
LINKS = st.builds(
    Correspondence,
    TEXTS,
    st.lists(CODES, min_size=1, max_size=3).map(tuple),
    CODES,
    st.sampled_from(Relation),
    DAYS,
    DAYS,
)
KINDS = st.builds(
    CertificateKind,
    TEXTS,
    st.lists(st.dictionaries(st.sampled_from(sorted(COVER_KEYS)), TEXTS), max_size=3).map(tuple),
)
POLICIES = st.builds(
    Policy,
    st.dictionaries(st.sampled_from(sorted(POLICY_KEYS)), SOME, max_size=4),
    st.sampled_from(Reuse),
    st.none() | st.integers(0, 10_000),
)


def rules(least: int = 0) -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        st.lists(LINKS, min_size=least, max_size=4, unique_by=lambda one: one.id).map(tuple),
        st.lists(KINDS, max_size=3, unique_by=lambda one: one.kind).map(tuple),
        st.lists(POLICIES, max_size=4).map(tuple),
    )


def oscal(what: Rules) -> Json:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    document: Json = json.loads(json.dumps(write_oscal(BOOK, "Règles", what, at=at, version="3", final=True)))
    return document


@given(rules())
def test_what_leaves_as_sheets_comes_back_the_same(what: Rules) -> None:
    assert read_sheets(io.BytesIO(write_sheets(what))) == what


@pytest.mark.parametrize("text", [";\t=1", "\t\t=1", ' "\t@', "\\;\t\\=1"])
def test_a_formula_behind_more_than_one_separator_comes_back_the_same(text: str) -> None:
    what = Rules((replace(LINK, id=text),), (CertificateKind(text, ()),), ())
    assert read_sheets(io.BytesIO(write_sheets(what))) == what


@given(rules())
def test_no_cell_is_a_formula_for_a_spreadsheet(what: Rules) -> None:
    with ZipFile(io.BytesIO(write_sheets(what))) as archive:
        assert archive.namelist() == list(HEADINGS)
        for name in HEADINGS:
            text = archive.read(name).decode("utf-8-sig")
            cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
            assert not [cell for cell in cells if FORMULA.search(cell)]
            assert csv_lines(csv.reader(io.StringIO(text, newline=""))) == text  # every cell in quotes


@given(rules(least=1))
def test_what_leaves_as_oscal_comes_back_the_same(what: Rules) -> None:
    document = read_oscal(oscal(what))
    assert document.left_out == ()
    assert (document.label, document.rules) == ("Règles", what)


@given(rules(least=1))
def test_an_oscal_document_has_what_the_model_asks_for(what: Rules) -> None:
    (root,) = oscal(what).items()
    assert root[0] == "mapping-collection"
    collection = root[1]
    assert {"uuid", "metadata", "provenance", "mappings"} <= set(collection)
    assert {"title", "last-modified", "version", "oscal-version"} <= set(collection["metadata"])
    assert {"method", "matching-rationale", "status", "mapping-description"} <= set(collection["provenance"])
    props = list(collection["metadata"].get("props", []))
    uuids = [collection["uuid"]]
    for mapping in collection["mappings"]:
        uuids.append(mapping["uuid"])
        assert mapping["source-resource"].keys() == mapping["target-resource"].keys() == {"type", "href"}
        for one in mapping["maps"]:
            uuids.append(one["uuid"])
            props += one["props"]
            assert one["relationship"] in RELATIONSHIPS.values()
            assert one["sources"]
            assert one["targets"]
            assert {item["type"] for item in one["sources"] + one["targets"]} <= {"control", "statement"}
    assert len(set(uuids)) == len(uuids) == len([UUID(one) for one in uuids])
    assert all(prop["ns"] == NS and re.fullmatch(r"\S(.*\S)?", prop["value"]) for prop in props)


def foreign(**changes: Any) -> Json:
    """A document of others, with one map."""
    one = {
        "uuid": "33333333-3333-4333-8333-333333333333",
        "relationship": "equivalent-to",
        "sources": [{"type": "control", "id-ref": "ac-1"}],
        "targets": [{"type": "control", "id-ref": "pr.ac-1"}],
        **changes,
    }
    mapping = {
        "uuid": "22222222-2222-4222-8222-222222222222",
        "source-resource": {"type": "catalog", "href": "https://example.org/SP800-53.json"},
        "target-resource": {"type": "catalog", "href": "urn:example:CSF"},
        "maps": [one],
    }
    return {"mapping-collection": {"metadata": {"title": "Ailleurs"}, "mappings": [mapping]}}


def test_what_others_write_is_read_under_the_name_of_its_catalogue() -> None:
    document = read_oscal(foreign())
    assert document.rules.correspondences == (
        Correspondence(
            "33333333-3333-4333-8333-333333333333", ("SP800-53:ac-1",), "CSF:pr.ac-1", Relation.EQUAL
        ),
    )
    assert (document.label, document.left_out) == ("Ailleurs", ())


MAP = "/mapping-collection/mappings/0/maps/0"


@pytest.mark.parametrize(
    ("changes", "kept", "pointer"),
    [
        ({"relationship": "related-to"}, 0, MAP),
        ({"relationship": "subset-of", "ns": "https://example.org"}, 0, MAP),
        ({"relationship": "subset-of", "targets": [{"id-ref": "a"}, {"id-ref": "b"}]}, 0, MAP),
        ({"relationship": "intersects-with", "targets": [{"id-ref": "a"}, {"id-ref": "b"}]}, 0, MAP),
        ({"targets": [{"id-ref": "a"}, {"id-ref": "b"}]}, 2, f"{MAP}/relationship"),
        ({"sources": []}, 0, MAP),
        ({"sources": [{"id-ref": "two words"}]}, 0, MAP),
        ({"uuid": None}, 0, MAP),
        ({"props": [{"name": "valid-from", "ns": NS, "value": '"demain"'}]}, 0, MAP),
        ({"props": [{"name": "valid-until", "ns": NS, "value": '"2206-03-02"'}]}, 0, MAP),
        ({"qualifiers": [{}]}, 1, f"{MAP}/qualifiers"),
        ({"remarks": "?"}, 1, f"{MAP}/remarks"),
    ],
)
def test_what_has_no_place_in_a_rulebook_is_left_out_and_told(changes: Json, kept: int, pointer: str) -> None:
    document = read_oscal(foreign(**changes))
    assert len(document.rules.correspondences) == kept
    assert [one.pointer for one in document.left_out] == [pointer]


@pytest.mark.parametrize(
    ("relationship", "relation"),
    [("equal-to", "superset"), ("superset-of", "superset"), ("no-relationship", "none")],
)
def test_what_is_said_of_several_targets_together_is_said_of_each(relationship: str, relation: str) -> None:
    document = read_oscal(
        foreign(relationship=relationship, targets=[{"id-ref": "b-1"}, {"id-ref": "b-2"}, {"id-ref": "b-1"}])
    )
    assert [(one.sources, one.target, one.relation) for one in document.rules.correspondences] == [
        (("SP800-53:ac-1",), "CSF:b-1", relation),
        (("SP800-53:ac-1",), "CSF:b-2", relation),
    ]
    assert len({one.id for one in document.rules.correspondences}) == 2


def between(*catalogues: str) -> list[str]:
    """What a control of each of these resources is called, each mapped to the first."""
    document = foreign()
    (mapping,) = document["mapping-collection"]["mappings"]
    document["mapping-collection"]["mappings"] = [
        {
            **mapping,
            "source-resource": {"href": href},
            "target-resource": {"href": catalogues[0]},
            "maps": [{**mapping["maps"][0], "uuid": str(UUID(int=rank))}],
        }
        for rank, href in enumerate(catalogues)
    ]
    return [one.sources[0].partition(":")[0] for one in read_oscal(document).rules.correspondences]


@pytest.mark.parametrize(
    ("catalogues", "names"),
    [
        (["nist/rev4/catalog.json", "nist/rev5/catalog.json"], ["rev4-catalog", "rev5-catalog"]),
        (["a/x/catalog.json", "b/x/catalog.json", "c.json"], ["a-x-catalog", "b-x-catalog", "c"]),
        (["a/b.json", "c/b.json", "a-b.json"], ["a-b", "c-b", "a-b"]),
        (["#one", "#two"], ["one", "two"]),
    ],
)
def test_two_resources_of_one_name_are_two_dsrs(catalogues: list[str], names: list[str]) -> None:
    called = between(*catalogues)
    assert len(set(called)) == len(catalogues)
    if len(set(names)) == len(names):
        assert called == names


def test_addresses_that_differ_in_signs_alone_are_two_dsrs() -> None:
    assert len(set(between("a b.json", "a#b.json"))) == 2


SEVERAL = SHARED / "inputs" / "oscal-equal-two-targets.json"


@pytest.mark.skipif(not SEVERAL.exists(), reason=f"{SEVERAL} is not here")
def test_a_document_with_several_targets_is_read() -> None:
    document = read_oscal(json.loads(SEVERAL.read_text()))
    assert [(one.sources, one.target, one.relation) for one in document.rules.correspondences] == [
        ((f"liste-a:{source}",), f"liste-b:{target}", Relation.SUPERSET)
        for source, target in (("a-1", "b-1"), ("a-1", "b-2"), ("a-2", "b-3"), ("a-2", "b-4"))
    ]
    assert [one.pointer.rpartition("/maps/")[2] for one in document.left_out] == ["0/relationship", "2"]


@pytest.mark.parametrize("document", [[], {}, {"catalog": {}}, {"mapping-collection": []}, None])
def test_what_is_no_mapping_collection_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        read_oscal(document)


LINK = Correspondence("C1", ("LGC-V1:A",), "LGC-V2:B", Relation.EQUAL)


def sheets(name: str = "", old: str = "", new: str = "") -> io.BytesIO:
    """The sheets of one rule, a text of one of them replaced; a sheet replaced by nothing is gone."""
    packed = io.BytesIO()
    content = write_sheets(Rules((LINK,), (), (Policy({}, Reuse.AUTO, 3),)))
    with ZipFile(io.BytesIO(content)) as source, ZipFile(packed, "w") as target:
        for one in source.namelist():
            text = source.read(one).decode()
            if one == name:
                assert old in text
                text = text.replace(old, new)
            if one != name or old:
                target.writestr(one, text)
    packed.seek(0)
    return packed


@pytest.mark.parametrize(
    ("name", "old", "new", "pointer"),
    [
        ("correspondences.csv", "equal", "same", "/correspondences.csv/2"),
        ("correspondences.csv", '"equal",""', '"equal","demain"', "/correspondences.csv/2"),
        ("policies.csv", '"3"', '"trois"', "/policies.csv/2"),
        ("policies.csv", "auto", "peut-être", "/policies.csv/2"),
        ("policies.csv", "reuse", "emploi", None),
        ("policies.csv", "", "", None),
    ],
)
def test_sheets_that_cannot_be_read_are_refused_with_the_row(
    name: str, old: str, new: str, pointer: str | None
) -> None:
    with pytest.raises(Invalid) as refused:
        read_sheets(sheets(name, old, new))
    assert [one.pointer for one in refused.value.errors] == ([] if pointer is None else [pointer])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_sheets_that_a_french_spreadsheet_saved_again_are_read_the_same(encoding: str) -> None:
    day = date(2026, 3, 2)
    link = Correspondence(
        "Règle d'été", ("LGC-V1:A", "LGC-V1:B"), "LGC-V2:B", Relation.EQUAL, day, date(2027, 1, 31)
    )
    rules = Rules(
        (link,), (CertificateKind("Agrément", ({"chapter": "INS"},)),), (Policy({}, Reuse.AUTO, 3),)
    )
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(write_sheets(rules))) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            rows = csv.reader(io.StringIO(source.read(name).decode("utf-8-sig"), newline=""))
            saved = io.StringIO(newline="")
            for row in rows:
                days = [re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3/\2/\1", cell) for cell in row]
                csv.writer(saved, delimiter=";").writerow(days)
            target.writestr(name, saved.getvalue().encode(encoding))
    packed.seek(0)
    assert read_sheets(packed) == rules


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_sheets(io.BytesIO(content))


def test_sheets_from_before_there_were_standings_are_read() -> None:
    old = sheets("policies.csv", '"standing",', "")
    content = write_sheets(Rules((LINK,), (), (Policy({}, Reuse.AUTO, 3),)))
    with ZipFile(old) as archive, ZipFile(packed := io.BytesIO(), "w") as target:
        for name in archive.namelist():
            text = archive.read(name).decode()
            target.writestr(name, text.replace('"","",', '"",', 1) if name == "policies.csv" else text)
    packed.seek(0)
    assert read_sheets(packed) == read_sheets(io.BytesIO(content))


def test_an_apostrophe_before_a_formula_is_taken_off_as_earlier_sheets_have_it() -> None:
    (rule,) = read_sheets(sheets("correspondences.csv", '"C1"', '"\'=C1"')).correspondences
    assert rule.id == "=C1"


def test_a_damaged_zip_is_refused_or_read_and_nothing_else() -> None:
    content = write_sheets(Rules((LINK,), (), ()))
    refused = 0
    for at in range(len(content)):
        damaged = content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :]
        try:
            read_sheets(io.BytesIO(damaged))
        except Invalid:
            refused += 1
    assert refused > len(content) / 2


def test_a_property_that_is_too_deep_is_left_out() -> None:
    deep = {"name": "id", "ns": NS, "value": "[" * 100_000}
    assert [one.pointer for one in read_oscal(foreign(props=[deep])).left_out] == [MAP]


@given(rules(), rules())
def test_a_diff_says_how_to_come_from_one_to_the_other(before: Rules, after: Rules) -> None:
    changes = diff(before, after)
    for name, key in (("correspondences", "id"), ("certificate_kinds", "kind")):
        change = getattr(changes, name)
        old = {one[key] for one in change.removed} | {one["before"][key] for one in change.changed}
        new = {one[key] for one in change.added} | {one["after"][key] for one in change.changed}
        kept = {getattr(one, key) for one in getattr(before, name)} - old
        assert kept | new == {getattr(one, key) for one in getattr(after, name)}


@given(rules())
def test_a_rulebook_does_not_differ_from_itself_in_another_order(what: Rules) -> None:
    turned = Rules(what.correspondences[::-1], what.certificate_kinds[::-1], what.policies)
    changes = diff(what, turned)
    for change in (changes.correspondences, changes.certificate_kinds, changes.policies):
        assert (change.added, change.removed, change.changed) == ([], [], [])
    assert not changes.reordered
    assert digest(what) == digest(turned)


def test_a_diff_has_what_was_before_and_after() -> None:
    other = Correspondence("C1", ("LGC-V1:A",), "LGC-V2:B", Relation.SUBSET)
    first, last = Policy({"vague": ("1",)}, Reuse.AUTO), Policy({}, Reuse.NEVER)
    changes = diff(
        Rules((LINK,), (), (first, last)), Rules((other,), (), (last, Policy(first.when, Reuse.CONFIRM)))
    )
    (change,) = changes.correspondences.changed
    assert (change["before"]["relation"], change["after"]["relation"]) == ("equal", "subset")
    (change,) = changes.policies.changed
    assert [change[when]["then"]["reuse"] for when in ("before", "after")] == ["auto", "confirm"]
    assert changes.reordered
    assert digest(Rules((), (), (first, last))) != digest(Rules((), (), (last, first)))
