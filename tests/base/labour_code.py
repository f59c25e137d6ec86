"""Working days counted by other means than the application's: from Easter and the dates of the law."""

from datetime import date


def easter(year: int) -> date:
    """The anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    g = (8 * b + 13) // 25
    h = (19 * a + b - b // 4 - g + 15) % 30
    m = (a + 11 * h) // 319
    k = (2 * (b % 4) + 2 * (c // 4) - c % 4 - h + m + 32) % 7
    month = (h - m + k + 90) // 25
    return date(year, month, (h - m + k + month + 19) % 32)


def recounted_as_worked(day: date) -> bool:
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    after_easter = (day - easter(day.year)).days in {1, 39, 50}
    return day.isoweekday() <= 5 and (day.month, day.day) not in fixed and not after_easter
