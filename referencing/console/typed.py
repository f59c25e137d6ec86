"""What somebody typed into a form: read by the schemas of the API, and given back with what is wrong beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from flask import request

from referencing.base import errors
from referencing.base.schemas import Schema
from referencing.web import problems
from referencing.web.pages import Page, PageArguments

#: What a program confirms by a field, and a page by a box or a button.
_CONFIRMED = {"accept_warnings", "digest"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it is shown: what was typed, what is wrong by field, and what is wrong with the whole.

    A field's name is the JSON pointer of what it says, without the first slash: `steps/0/comment`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def first_wrong(self) -> str | None:
        """The first field that is wrong: it has the focus."""
        return next(iter(self.wrong), None)

    @property
    def details(self) -> list[str]:
        """Each thing that is wrong, but for how a program would confirm it."""
        return [detail for name, detail in self.wrong.items() if name not in _CONFIRMED]

    def of(self, form: str) -> "Typed":
        """What was typed into this one of several forms of a page, which says its name in the field `form`."""
        return self if self.values.get("form") == form else BLANK

    def value(self, name: str, default: Any = "") -> Any:
        return self.values.get(name, default)

    def chosen(self, name: str, choice: object) -> bool:
        """Whether a choice of several was ticked."""
        return str(choice) in self.values.get(f"{name}[]", ())


BLANK = Typed()


def given_back() -> Typed:
    """The form of this request as it was typed."""
    several = {f"{name}[]": values for name, values in request.form.lists()}
    return Typed({**request.form.to_dict(), **several})


def refused(error: errors.DomainError) -> Typed:
    """The form of this request, with what an error says beside the fields that it names."""
    return mistaken(given_back().values, error)


def mistaken(values: Mapping[str, Any], error: errors.DomainError) -> Typed:
    """What was typed, with what an error says beside the fields that it names."""
    wrong = {one.pointer.removeprefix("/"): one.detail for one in error.errors}
    return Typed(values, wrong, error.detail)


def load(schema: Schema, words: Mapping[str, Any]) -> dict[str, Any]:
    """The words as a schema of the API reads them; an empty field says nothing. Raises Invalid."""
    said = {name: value for name, value in words.items() if value not in ("", None, [])}
    try:
        loaded: dict[str, Any] = schema.load(said)
    except ma.ValidationError as error:
        raise problems.invalid({"json": error.messages}) from error
    return loaded


def words(*names: str) -> dict[str, str]:
    """The fields of this request's form that have these names, as they were typed."""
    return {name: request.form.get(name, "").strip() for name in names}


def narrowing(*names: str) -> dict[str, Any]:
    """What narrows down the list that this request asks for: each of these names that says something."""
    return {name: value for name in names if (value := request.args.get(name, "").strip())}


def number(text: str) -> int | str:
    """The number that was typed, for a schema that takes no text for one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def lines(name: str) -> list[str]:
    """A field in which each line is a thing of its own."""
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def component_line(line: str) -> dict[str, str]:
    """« mss : Facteur-MSS@3.1 » as the API takes it. Raises Invalid for a line without its function."""
    role, colon, component = line.partition(":")
    if not (colon and role.strip() and component.strip()):
        told = f"« {line} » ne dit pas la fonction et le composant : écrivez « mss : Facteur-MSS@3.1 »."
        raise errors.Invalid("Corrigez les composants.", [errors.FieldError("/composition", told)])
    return {"role": role.strip(), "component": component.strip()}


def listed(most: int, cursor: str = "cursor") -> Page:
    """The page of a list that the parameter `cursor` names, of `most` lines. Raises Invalid for another cursor."""
    asked: Page = load(PageArguments(), {"limit": most, "cursor": request.args.get(cursor)})["page"]
    return asked
