"""A manifest as its files arrive: which file is of which line, and what did not come as announced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from referencing.base.errors import DomainError, Invalid
from referencing.files.operations import StoredFile, clean_filename


@dataclass
class ManifestLine:
    """A proof to be supplied: the item, by any of its names, and the names of its files in their order.

    `performed_on` is the day of the intrusion test that it reports.
    """

    item: str
    files: Sequence[str]
    performed_on: date | None = None
    stored: dict[str, StoredFile] = field(default_factory=dict)
    refusal: DomainError | None = None

    def refuse(self, why: DomainError) -> None:
        """Refuse the line; the first reason is the one that counts."""
        self.refusal = self.refusal or why


class Manifest:
    """The lines, filled with the files as they arrive.

    `received` holds what arrived, name and SHA-256 in turn; `unexpected` the names that no line has.
    """

    def __init__(self, lines: Iterable[ManifestLine]) -> None:
        self.lines = [replace(line, files=[clean_filename(name) for name in line.files]) for line in lines]
        self.received: list[str] = []
        self.unexpected: list[str] = []
        self._line_of: dict[str, int] = {}
        self._seen: set[str] = set()
        for number, line in enumerate(self.lines, 1):
            for name in line.files:
                self._expect(number, line, name)

    def _expect(self, number: int, line: ManifestLine, name: str) -> None:
        first = self._line_of.setdefault(name, number)
        if first != number or line.files.count(name) > 1:
            line.refuse(
                Invalid(
                    f"Le fichier « {name} » est déjà nommé à la ligne {first} : "
                    "nommez chaque fichier une seule fois."
                )
            )

    def line_expecting(self, name: str) -> ManifestLine | None:
        """The line that takes a file which arrives under this name, or None when the file is not to be kept."""
        self.received += [name, ""]
        number = self._line_of.get(name)
        if number is None:
            self.unexpected.append(name)
            return None
        line = self.lines[number - 1]
        if name in self._seen:
            line.refuse(Invalid(f"Le fichier « {name} » est arrivé deux fois : on ne sait lequel prendre."))
            return None
        self._seen.add(name)
        return line

    def add_file(self, line: ManifestLine, name: str, stored: StoredFile) -> None:
        """Give a line the file that it expected, as it was stored."""
        line.stored[name] = stored
        self.received[-1] = stored.sha256

    def refuse_missing(self) -> None:
        """Refuse the lines of which a file has not arrived; called once all have."""
        for line in self.lines:
            for name in line.files:
                if name not in self._seen:
                    line.refuse(
                        Invalid(
                            f"Le fichier « {name} » n'est pas arrivé : joignez-le, sous ce nom, "
                            "dans un champ « file » du formulaire."
                        )
                    )
