"""A browser without script: it follows links, fills forms of the page that it shows, and keeps cookies."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

HOST = "127.0.0.1"
FORM = "application/x-www-form-urlencoded"
Attributes = dict[str, str | None]


class _Page(HTMLParser):
    """The forms of a page with their fields, its links, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.links: dict[str, str] = {}
        self.text = ""
        self._link: str | None = None
        self._button: Attributes | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = dict(attrs)
        if tag == "form":
            self.forms.append(_Form(words))
        elif tag == "a":
            self._link = words.get("href")
        elif tag in {"input", "select"} and self.forms:
            self.forms[-1].take(words)
        elif tag == "textarea" and self.forms:
            self._area = words.get("name")
        elif tag == "button":
            self._button = words

    def handle_data(self, data: str) -> None:
        self.text += data
        words = " ".join(data.split())
        if self._link and words:
            self.links.setdefault(words, self._link)
        if self._button is not None and words and self.forms:
            self.forms[-1].buttons.setdefault(words, self._button)
        if self._area:
            self.forms[-1].fields.add(self._area, data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag == "button":
            self._button = None
        elif tag == "textarea":
            self._area = None


class _Form:
    def __init__(self, words: Attributes) -> None:
        self.words = words
        self.fields: MultiDict[str, str] = MultiDict()
        self.buttons: dict[str, Attributes] = {}

    def take(self, words: Attributes) -> None:
        name, kind = words.get("name"), words.get("type")
        if name and (kind not in {"radio", "checkbox", "file"} or "checked" in words):
            self.fields.add(name, words.get("value") or ("on" if kind == "checkbox" else ""))


class Browser:
    """One person's."""

    def __init__(self, http: FlaskClient) -> None:
        self.http = http
        self.answer: TestResponse | None = None
        self.page = _Page()

    def open(self, address: str, status: int = 200) -> str:
        """The text of a page, after redirections."""
        return self._show(self.http.get(address, base_url=f"http://{HOST}"), status)

    def fetch(self, address: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """What a page loads, such as a file."""
        return self.http.get(address, headers=headers, base_url=f"http://{HOST}")

    def follow(self, words: str, status: int = 200) -> str:
        """Click on a link by its words."""
        return self.open(self.page.links[words], status)

    def press(self, button: str, status: int = 200, **typed: Any) -> str:
        """Fill fields of the form that has this button, and send it as a browser does; `/` in names is `__`."""
        form = next(form for form in self.page.forms if button in form.buttons)
        fields = MultiDict(form.fields)
        for name, value in typed.items():
            fields.setlist(name.replace("__", "/"), value if isinstance(value, list) else [value])
        pressed = form.buttons[button]
        if spoken := pressed.get("name"):
            fields.setlist(spoken, [pressed.get("value") or ""])
        action = form.words.get("action") or self.address
        if (form.words.get("method") or "get") == "get":
            sent = self.http.get(action, query_string=fields, base_url=f"http://{HOST}")
        else:
            sent = self.post(action, fields, form=form.words.get("enctype") or FORM)
        return self._show(sent, status)

    def post(
        self,
        address: str,
        fields: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        form: str = FORM,
    ) -> TestResponse:
        from_here = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
        return self.http.post(
            address,
            data=fields,
            headers=from_here if headers is None else headers,
            base_url=f"http://{HOST}",
            content_type=form,
        )

    def sign_in(self, key: str) -> str:
        self.open("/connexion")
        return self.press("Se connecter", key=key)

    @property
    def address(self) -> str:
        assert self.answer is not None
        return self.answer.request.path

    def _show(self, answer: TestResponse, status: int) -> str:
        while answer.status_code in {302, 303}:
            answer = self.http.get(answer.location, base_url=f"http://{HOST}")
        self.answer, self.page = answer, _Page()
        shown = answer.get_data(as_text=True)
        assert answer.status_code == status, shown
        self.page.feed(shown)
        return " ".join(self.page.text.split())
