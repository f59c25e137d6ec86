"""What every schema shares: unknown fields refused, and messages that a French reader can act on."""

import re
import unicodedata
from collections.abc import Mapping, Sized
from datetime import date, datetime
from functools import cache, partial
from typing import Any, TypeVar

import marshmallow as ma
from marshmallow import fields

from .workdays import FIRST_DAY, LAST_DAY, of_the_programme

T = TypeVar("T", bound=Sized)


def _all_of(sentence: str) -> dict[str, str]:
    """The messages of a field of time, whatever is wrong with its value."""
    return dict.fromkeys(("invalid", "invalid_awareness", "format"), sentence)


_MESSAGES: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {
        "required": "Ce champ est requis.",
        "null": "Ce champ ne peut pas être null.",
        "validator_failed": "Cette valeur n'est pas acceptée.",
    },
    fields.String: {"invalid": "Donnez un texte.", "invalid_utf8": "Donnez un texte en UTF-8."},
    fields.Integer: {"invalid": "Donnez un nombre entier.", "too_large": "Ce nombre est trop grand."},
    fields.Number: {"invalid": "Donnez un nombre.", "too_large": "Ce nombre est trop grand."},
    fields.Float: {"special": "Donnez un nombre fini."},
    fields.Boolean: {"invalid": "Donnez true ou false."},
    fields.UUID: {"invalid_uuid": "Donnez un identifiant tel que l'API l'a donné."},
    fields.DateTime: _all_of("Donnez une date et une heure avec leur fuseau (RFC 3339)."),
    fields.Date: _all_of("Donnez une date AAAA-MM-JJ."),
    fields.Time: _all_of("Donnez une heure HH:MM."),
    fields.List: {"invalid": "Donnez une liste."},
    fields.Dict: {"invalid": "Donnez un objet."},
    fields.Mapping: {"invalid": "Donnez un objet."},
    fields.Nested: {"type": "Donnez un objet."},
    fields.Enum: {"unknown": "Donnez l'une de ces valeurs : {choices}."},
}
for _kind, _messages in _MESSAGES.items():
    _kind.default_error_messages = {**_kind.default_error_messages, **_messages}


class Schema(ma.Schema):
    error_messages = {  # noqa: RUF012 - marshmallow reads it from the class
        "unknown": "Ce champ n'existe pas : retirez-le ou vérifiez son nom.",
        "type": "Donnez un objet JSON.",
        "invalid": "Donnez un objet JSON.",
    }

    @ma.pre_load
    def _refuse_too_many(self, values: Any, **_: Any) -> Any:
        """Count fields, and the items of lists, before any of them is read."""
        if not isinstance(values, Mapping):
            return values
        if len(values) > MOST_FIELDS:
            raise ma.ValidationError(f"Cet objet a trop de champs : {MOST_FIELDS} au plus.")
        for name, list_field in self.load_fields.items():
            items = values.get(list_field.data_key or name)
            if isinstance(list_field, fields.List) and isinstance(items, list):
                _count(items, list_field)
        return values


def _count(items: list[Any], list_field: fields.List[Any]) -> None:
    """Raises ValidationError for more items than the field takes."""
    lengths = [one for one in list_field.validators if isinstance(one, ma.validate.Length)]
    if all(length.max is None for length in lengths):
        lengths = [_MOST_ITEMS]
    for length in lengths:
        if length.max is not None and len(items) > length.max:
            raise ma.ValidationError(_of_most(length), list_field.data_key or str(list_field.name))


def _of_most(length: ma.validate.Length) -> str:
    return (length.error or "{max} au plus.").format(min=length.min, max=length.max)


#: Fields of an object, whatever it is; items of a list whose schema sets no maximum.
MOST_FIELDS = 200
_MOST_ITEMS = ma.validate.Length(max=2_000)

#: Format characters, and the separators of lines and paragraphs: two texts that look the same would differ by them.
_INVISIBLE = frozenset({"Cf", "Zl", "Zp"})


_EMPTY = "Ce champ ne peut pas être vide."


class Readable(ma.validate.Length):
    """A text of `max` characters at the most, without any that nobody sees; one that is too long is not looked at."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most, error="{max} caractères au plus.")

    def __call__(self, value: T) -> T:
        super().__call__(value)
        self._look(str(value))
        return value

    def _look(self, text: str) -> None:
        categories = [unicodedata.category(char) for char in text]
        if any(
            category == "Cc" and char not in "\n\r\t" for category, char in zip(categories, text, strict=True)
        ):
            raise ma.ValidationError("Retirez les caractères de contrôle.")
        if "Cs" in categories:
            raise ma.ValidationError("Ce texte n'est pas en Unicode valide.")
        place = next((place for place, category in enumerate(categories) if category in _INVISIBLE), None)
        if place is not None:
            raise ma.ValidationError(
                f"Retirez le caractère invisible U+{ord(text[place]):04X} ({place + 1}e du texte)."
            )


class Filled(Readable):
    """A readable text that says something."""

    regex = re.compile(r"\S")  # for the description: apispec reads it

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.min = 1

    def __call__(self, value: T) -> T:
        if not value:
            raise ma.ValidationError(_EMPTY)
        return super().__call__(value)

    def _look(self, text: str) -> None:
        super()._look(text)
        if not text.strip():
            raise ma.ValidationError(_EMPTY)


def text(most: int = 300, **options: Any) -> fields.String:
    """A text that says something, of `most` characters at the most."""
    return fields.String(validate=Filled(most), **{"required": True, **options})


def remark(most: int = 10_000, **options: Any) -> fields.String:
    """A text that may be empty, of `most` characters at the most."""
    return fields.String(validate=Readable(most), **{"load_default": "", **options})


class Sha256(fields.String):
    """A SHA-256 in hexadecimal as any program prints it (Windows in capitals); in lower case once it is read."""

    def __init__(self, **options: Any) -> None:
        form = ma.validate.Regexp(
            "^[0-9A-Fa-f]{64}$", error="Donnez les 64 chiffres hexadécimaux d'un SHA-256."
        )
        super().__init__(validate=form, **options)

    def _deserialize(self, *args: Any, **options: Any) -> str:
        return str(super()._deserialize(*args, **options)).strip().lower()


class Day(fields.Date):
    """A day that somebody gives. Raises ValidationError for a year that no certificate, absence or deadline has."""

    def _deserialize(self, *args: Any, **options: Any) -> date:
        day: date = super()._deserialize(*args, **options)
        _refuse_year(day)
        return day


class Moment(fields.AwareDateTime):
    """A moment that somebody gives, with its zone. Raises ValidationError as a day does."""

    def _deserialize(self, *args: Any, **options: Any) -> datetime:
        moment: datetime = super()._deserialize(*args, **options)
        _refuse_year(moment.date())
        return moment


def _refuse_year(day: date) -> None:
    if not of_the_programme(day):
        raise ma.ValidationError(f"Vérifiez l'année : donnez un jour de {FIRST_DAY.year} à {LAST_DAY.year}.")


def one_of(enum: type[Any], **options: Any) -> fields.Enum[Any]:
    return fields.Enum(enum, by_value=True, **options)


#: The mark of a field that an answer may leave out.
OPTIONAL = "x-optional"


def optional(field: fields.Field[Any]) -> fields.Field[Any]:
    """A field that an answer may leave out; the description requires all others of what it answers."""
    field.metadata = {**field.metadata, OPTIONAL: True}
    return field


#: RFC 3339, UTC.
time = partial(fields.DateTime, dump_only=True)


@cache
def page_of(kind: type[ma.Schema], *, goes_on: bool = False) -> ma.Schema:
    """A page of a list as it is described: items, and the cursor of the next page, always there if it `goes_on`."""
    said = (
        "cursor of what comes later, always there"
        if goes_on
        else "cursor of the next page; null on the last one"
    )
    following = fields.String(allow_none=not goes_on, metadata={"description": said})
    words: dict[str, fields.Field[Any]] = {"items": fields.List(fields.Nested(kind)), "next": following}
    return ma.Schema.from_dict(words, name=f"{kind.__name__}Page")()


class RowProblemSchema(Schema):
    row = fields.Integer()
    code = fields.String()
    detail = fields.String()
