"""What is told of the numbers found: each once, none that is fictitious, and never the number itself."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from referencing.files.inspection.identifiers import tally as module
from referencing.files.inspection.identifiers.tally import Tally
from tests.files.inspection.numbers import bodies, grouped, with_key

ONE, TWO = with_key("1840588321025"), with_key("2840588321026")
TEST, REAL = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"


def tallied(*texts: str) -> Tally:
    tally = Tally()
    for number, text in enumerate(texts, 1):
        tally.search(text, partial("texte {number}".format, number=number))
    return tally


def test_a_number_is_told_once_with_its_first_place_and_its_count() -> None:
    findings = tallied("rien", f"{ONE} et {TWO}", f"{ONE} puis {ONE}").findings()
    assert [(one.masked, one.where, one.count) for one in findings] == [
        (f"1************{ONE[13:]}", "texte 2", 3),
        (f"2************{TWO[13:]}", "texte 2", 1),
    ]


def test_a_number_shown_to_be_fictitious_is_so_everywhere() -> None:
    assert not tallied(f"{ONE} seul", f"<id extension='{ONE}' root='{TEST}'/>").findings()


def test_a_number_that_a_real_authority_assigns_is_told_whatever_else_is_said_of_it() -> None:
    [finding] = tallied(
        f"<id extension='{ONE}' root='{TEST}'/>", f"<id extension='{ONE}' root='{REAL}'/>"
    ).findings()
    assert finding.count == 2


def test_a_number_with_an_impossible_rank_is_nobody_s_even_with_the_real_authority() -> None:
    assert not tallied(f"<id extension='109076322083489' root='{REAL}'/>").findings()


def test_many_are_counted_and_the_first_are_told() -> None:
    numbers = [with_key(f"18405883{number:05d}") for number in range(21001, 21001 + 150)]
    tally = tallied(" ".join(numbers))
    assert (tally.count(), len(tally.findings()), tally.full) == (150, module.MOST_FINDINGS, False)


def test_a_place_is_short_and_printable() -> None:
    tally = Tally()
    tally.search(ONE, lambda _: "a\u202eb\n" + "x" * 1000 + "/fin")
    [finding] = tally.findings()
    assert (len(finding.where), finding.where[:4], finding.where[-4:]) == (250, "a?b?", "/fin")


@given(st.data(), bodies)
def test_the_number_is_nowhere_in_what_is_told(data: st.DataObject, body: str) -> None:
    written = data.draw(grouped(with_key(body)))
    # A file or an element may be called by it, too.
    tally = Tally()
    tally.search(f"INS {written} ici", lambda _: f"{written}/{with_key(body)}.xml")
    told = repr(tally.findings())
    assert tally.count() == 1
    assert written not in told
    assert with_key(body) not in told
    assert body[1:] not in told
