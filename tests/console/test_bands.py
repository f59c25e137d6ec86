"""Expected days are bands to one scale; what is too far to tell has no end."""

from datetime import date

from referencing.console.steering.bands import WIDTH, bands, dated

TODAY = date(2026, 3, 2)


def test_the_last_day_is_the_right_end() -> None:
    near = dated({"median_on": "2026-03-07", "p90_on": "2026-03-12"})
    far = dated({"median_on": "2026-03-12", "p90_on": None})
    lines, last = bands(TODAY, [("Alpha", near), ("Bêta", far)])
    assert last == date(2026, 3, 12)
    assert [(line.median, line.p90) for line in lines] == [(WIDTH / 2, WIDTH), (WIDTH, None)]


def test_nothing_to_come_has_no_length() -> None:
    (line,), last = bands(TODAY, [("Alpha", dated({"median_on": None, "p90_on": None}))])
    assert (line.median, line.p90, last) == (None, None, TODAY)
