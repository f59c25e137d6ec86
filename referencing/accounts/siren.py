"""The SIREN of an organisation, by its key. Pure."""


def is_siren(digits: str) -> bool:
    """Whether these are nine digits of which the last is the key of the others (Luhn, ISO/IEC 7812-1)."""
    if len(digits) != 9 or not (digits.isascii() and digits.isdecimal()):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
