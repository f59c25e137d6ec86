"""Names that come from outside, as a report writes them: short, printable, and without anybody's number."""

from .nir import redacted


def masked_name(name: str, longest: int) -> str:
    """A name with its matricules masked and its invisible characters replaced; its middle is left out first."""
    printable = "".join(character if character.isprintable() else "?" for character in redacted(name))
    half = longest // 2
    return printable if len(printable) <= longest else f"{printable[: half - 1]}…{printable[-half:]}"


def quoted(name: str) -> str:
    """A masked name of 80 characters at most, between French quotation marks."""
    return f"« {masked_name(name, 80)} »"
