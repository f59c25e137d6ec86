"""What to say of the kinds of certificates that no rule in force reads: such a certificate serves nothing. Pure."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches


def kind_remarks(kinds: Iterable[str], read: Collection[str]) -> Iterator[str]:
    """A French sentence for each of `kinds` that is not among those that the rules in force `read`."""
    for kind in kinds:
        if kind in read:
            continue
        (nearest, *_) = get_close_matches(kind, sorted(read), n=1) or [""]
        meant = f"vouliez-vous dire « {nearest} » ?" if nearest else "vérifiez qu'il est voulu."
        yield (
            f"Aucune règle en vigueur ne lit le type de certificat « {kind} », qui ne sert donc à rien pour "
            f"l'instant : {meant}"
        )
