"""The shape in which the composition of a solution leaves, wherever it is shown. Pure."""

from collections.abc import Mapping


def composition_view(composition: Mapping[str, str]) -> list[dict[str, str]]:
    """The components of a composition (NIL@version) with the roles that they fill, in the order of the roles."""
    return [{"role": role, "component": component} for role, component in sorted(composition.items())]
