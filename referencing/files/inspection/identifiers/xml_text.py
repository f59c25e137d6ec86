"""XML made flat for the search: the values of one parent stand on one line, where what belongs together is together.

Number, key and authority are often apart: attributes of one element (CDA), neighbouring elements (FHIR, INSi).
"""

from collections.abc import Iterable
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, property_lexical_handler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from .fictitious import ARC
from .tally import Tally

BETWEEN = "\x1f"  # parts the values of a line; no XML 1.0 text holds it

# They cut a text without parting it: runs of a word processor, emphasis.
_INLINE = frozenset({"r", "t", "span", "b", "i", "u", "em", "strong", "font", "sub", "sup", "content"})
_MOST_TEXT = 64 * 1024  # characters of one parent, beyond which it goes on on another line
_SMALL_GROUP = 64  # characters; a group as small as a number and its key is one value of its parent
_DEEPEST = 500


class _Open:
    """An element that has begun: what it says itself, and the values of the children that ended."""

    def __init__(self, name: str, attributes: list[str]) -> None:
        self.name = name
        self.own = attributes
        self.values: list[tuple[str, str]] = []  # the path to a child, its value
        self.size = sum(map(len, attributes))
        self.plain = True  # without children

    def say(self, text: str) -> None:
        self.own.append(text)
        self.size += len(text)

    def add(self, values: list[tuple[str, str]]) -> None:
        self.values += values
        self.size += sum(len(value) for _, value in values)

    def all_values(self) -> list[tuple[str, str]]:
        """The element's own value, then its children's, each with its path."""
        return [("", "".join(self.own)), *self.values]


class _Flattener(ContentHandler):
    """Searches each parent's line when it ends. Comments and processing instructions are lines too."""

    def __init__(self, tally: Tally, place: str) -> None:
        super().__init__()
        self._tally = tally
        self._place = place
        self._path: list[_Open] = []
        self._opened: list[bool] = []  # of each tag, whether it opened an element of the path

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - as SAX calls it
        local = name.rpartition(":")[2]
        # An authority comes after what it assigns, whatever the order of the attributes.
        attributes = (
            [f"{value} " for value in sorted(attrs.values(), key=_is_authority)] if len(attrs) else []
        )
        parent = self._path[-1] if self._path else None
        self._opened.append(parent is None or local not in _INLINE)
        if parent is not None and local in _INLINE:
            parent.add([(local, value) for value in attributes])
            return
        if len(self._path) >= _DEEPEST:
            raise SAXException("too deep")
        if parent is not None:
            parent.plain = False
            parent.say(" ")
        self._path.append(_Open(local, attributes))

    def characters(self, content: str) -> None:
        element = self._path[-1]
        element.say(content)
        self._keep_bounded(element)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - as SAX calls it
        if not self._opened.pop():
            return
        element = self._path[-1]
        values = element.all_values()
        if len(self._path) > 1 and (element.plain or _is_small_group(values)):
            self._path.pop()
            parent = self._path[-1]
            parent.add([(f"{element.name}/{path}".rstrip("/"), value) for path, value in values])
            self._keep_bounded(parent)
        else:
            self._search(values)
            self._path.pop()

    def comment(self, content: str) -> None:
        self._search([("", content)])

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802 - as SAX calls it
        self._search([(target, data)])

    def _keep_bounded(self, element: _Open) -> None:
        if element.size > _MOST_TEXT:
            self._search(element.all_values())
            element.own, element.values, element.size, element.plain = [], [], 0, False

    def _search(self, values: list[tuple[str, str]]) -> None:
        text = BETWEEN.join(value for _, value in values)
        parents = "".join(f"/{element.name}" for element in self._path)

        def where(position: int) -> str:
            path, _ = values[text.count(BETWEEN, 0, position)]
            return f"{self._place}{parents}/{path}".rstrip("/")

        self._tally.search(text, where)


class _Lexical:
    """The handler of what SAX reports beside the content."""

    def __init__(self, flattener: _Flattener) -> None:
        self.comment = flattener.comment

    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: N802
        """A DTD holds no text."""

    def endDTD(self) -> None:  # noqa: N802
        """A DTD holds no text."""

    def startCDATA(self) -> None:  # noqa: N802
        """The text of a CDATA section comes as characters."""

    def endCDATA(self) -> None:  # noqa: N802
        """The text of a CDATA section comes as characters."""


def _is_authority(value: str) -> bool:
    return ARC in value


def _is_small_group(values: list[tuple[str, str]]) -> bool:
    return sum(len(value) for _, value in values) <= _SMALL_GROUP and not any(
        ARC in value for _, value in values
    )


def search_xml(pieces: Iterable[bytes], tally: Tally, place: str) -> bool:
    """Add what the document holds, whose places are paths of elements after `place`.

    False, with nothing added, when it is not well-formed, is too deep, or has a DTD: it is then to be read as a
    text.
    """
    of_document = Tally()
    flattener = _Flattener(of_document, place)
    # No proof needs a DTD, and what one declares can multiply a text a thousand times, entities or not.
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(flattener)
    parser.setProperty(property_lexical_handler, _Lexical(flattener))
    try:
        for piece in pieces:
            parser.feed(piece)
        parser.close()
    except (SAXException, DefusedXmlException, LookupError, ValueError):
        return False
    tally.merge(of_document)
    return True
