"""Numbers as French sentences have them. Pure."""


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """« 1 preuve », « 2 preuves »; nothing is singular in French."""
    return f"{number} {agreed(number, singular, plural)}"


def agreed(number: int, singular: str, plural: str | None = None) -> str:
    """What so many are called; the plural of more than one word is to be said."""
    return singular if number < 2 else plural or f"{singular}s"
