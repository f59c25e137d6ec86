"""How a report names what comes from outside: short, printable, and without anybody's number in it."""

from .nir import redacted


def shown(name: str, longest: int) -> str:
    """A name with its matricules masked and its invisible characters replaced; its middle is left out first."""
    printable = "".join(character if character.isprintable() else "?" for character in redacted(name))
    half = longest // 2
    return printable if len(printable) <= longest else f"{printable[: half - 1]}…{printable[-half:]}"


def quoted(name: str) -> str:
    """The same between French quotation marks."""
    return f"« {shown(name, 80)} »"
