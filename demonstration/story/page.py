"""How the demonstration is set on a terminal: 100 columns, French plurals, bold headings where there is a screen."""

import re
import textwrap
from collections.abc import Iterable, Mapping

import click

WIDTH = 100

#: French puts a space before these, at which no line may end.
_BEFORE = re.compile(" (?=[»:;?!×—])")

_COUNTED = {
    "conform": ("conforme", "conformes"),
    "covered": ("couverte", "couvertes"),
    "to_confirm": ("à confirmer", "à confirmer"),
    "awaiting": ("en attente", "en attente"),
    "under_review": ("à examiner", "à examiner"),
    "supplied": ("fournie", "fournies"),
    "nonconform": ("non conforme", "non conformes"),
    "complement": ("à compléter", "à compléter"),
    "not_applicable": ("sans objet", "sans objet"),
    "required": ("à fournir", "à fournir"),
}


def heading(text: str) -> None:
    """After an empty line; click leaves out the bold where the output is not a terminal."""
    click.echo()
    click.echo(click.style(text, bold=True))


def paragraph(text: str, indent: int = 0, first: str = "") -> None:
    """Wrapped lines; `first` stands in the margin of the first one."""
    margin = " " * indent
    filled = textwrap.fill(
        _BEFORE.sub("\u00a0", text.replace("« ", "«\u00a0")),
        WIDTH,
        initial_indent=first.ljust(indent) if first else margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo(filled.replace("\u00a0", " "))


def rows(cells: Iterable[Iterable[str]], indent: int = 2) -> None:
    """Columns as wide as their longest cell."""
    table = [tuple(row) for row in cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo((" " * indent + line).rstrip())


def counted(progress: Mapping[str, int]) -> str:
    """A candidature's progress in words: « 9 couvertes, 2 à confirmer »."""
    return ", ".join(
        f"{progress[state]} {words[progress[state] > 1]}"
        for state, words in _COUNTED.items()
        if progress.get(state)
    )
