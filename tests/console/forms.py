"""The forms of a page as they are sent by somebody who leaves out what may be left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO

from werkzeug.datastructures import MultiDict

from tests.candidatures.dossiers import ALIZE
from tests.console.browser import FORM
from tests.contents import picture

OPTIONAL = "(facultatif)"
#: What is written where something has to be, by the name of a field or by its type.
WORDS = {
    "organisation": ALIZE,
    "siren": "732829320",
    "date": "2026-03-20",
    "number": "1",
    "email": "sacha@exemple.fr",
    "time": "10:00",
    "datetime-local": "2026-03-20T10:00",
}
PICTURE = picture(b"Vu.")
Words = dict[str, str]


@dataclass
class Field:
    """A control with its label; of a select, the first choice that says something unless one is chosen."""

    name: str
    type: str
    value: str
    checked: bool
    id: str = ""
    label: str = ""

    @property
    def optional(self) -> bool:
        return OPTIONAL in self.label

    @property
    def likely(self) -> str:
        return WORDS.get(self.name) or WORDS.get(self.type, "Mot")


@dataclass
class Form:
    action: str
    method: str
    encoding: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Words] = field(default_factory=list)

    def needed(self, button: Words, *, ticked: bool = False) -> MultiDict[str, object]:
        """What is sent with one of its buttons when every optional field is empty; with each box ticked, or none."""
        sent = MultiDict[str, object]()
        for one in self.fields:
            if one.type == "hidden" or one.checked or (ticked and one.type == "checkbox"):
                sent.add(one.name, one.value)
            elif one.type == "radio" and not one.optional and not self._chosen(one.name):
                sent.setdefault(one.name, one.value)
            elif one.type == "file":
                sent.add(one.name, (BytesIO(b""), "") if one.optional else (BytesIO(PICTURE), "ecran.png"))
            elif one.type not in {"checkbox", "radio"}:
                sent.add(one.name, "" if one.optional else one.value or one.likely)
        if "name" in button:
            sent.add(button["name"], button.get("value", ""))
        return sent

    def _chosen(self, name: str) -> bool:
        return any(one.checked for one in self.fields if one.name == name)


class Forms(HTMLParser):
    """The forms of a page, the fields that it says are wrong, by their ids, and what else it says of a refusal."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.wrong: set[str] = set()
        self._labels: dict[str, str] = {}
        self._label: Words | None = None
        self._said = ""
        self._within: list[Field] = []
        self._open: Field | None = None
        self._inside = False
        self.feed(text)
        self.close()
        for one in (one for form in self.forms for one in form.fields):
            one.label = self._labels.get(one.id, one.label)

    def sendable(self) -> Iterator[tuple[Form, Words]]:
        """Each form that changes something, with each of its buttons."""
        for form in self.forms:
            if form.method == "post":
                yield from ((form, button) for button in form.buttons)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        if words.get("class") == "wrong":
            self.wrong.add(words.get("id", "").removesuffix("-wrong"))
        if tag == "label":
            self._label, self._said, self._within = words, "", []
        elif tag == "form":
            self.forms.append(
                Form(
                    words.get("action") or self.address,
                    words.get("method", "get"),
                    words.get("enctype", FORM),
                )
            )
            self._inside = True
        elif self._inside:
            self._take(tag, words)

    def _take(self, tag: str, words: Words) -> None:
        if tag in {"input", "textarea", "select"} and "name" in words:
            kind = words.get("type", "text") if tag == "input" else tag
            value = words.get("value", "on" if kind == "checkbox" else "")
            one = Field(words["name"], kind, value, "checked" in words, words.get("id", ""))
            self.forms[-1].fields.append(one)
            self._within.append(one)
            self._open = one
        elif tag == "option" and self._open and words.get("value"):
            self._open.value = words["value"] if "selected" in words else self._open.value or words["value"]
        elif tag == "button" and words.get("type", "submit") == "submit":
            self.forms[-1].buttons.append(words)

    def handle_data(self, data: str) -> None:
        if self._label is not None:
            self._said += data
        elif self._open is not None and self._open.type == "textarea":
            self._open.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "label" and self._label is not None:
            self._labels |= {self._label["for"]: self._said} if "for" in self._label else {}
            for one in self._within:
                one.label = self._said
            self._label = None
        elif tag in {"textarea", "select"}:
            self._open = None
