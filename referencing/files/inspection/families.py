"""The families that media types belong to, and what file names promise: tables, and their words in French."""

from enum import StrEnum


class Family(StrEnum):
    """The value follows "Le contenu est"."""

    VIDEO = "une vidéo"
    IMAGE = "une image"
    PDF = "un PDF"
    TEXT = "un texte"
    OFFICE = "un document bureautique"
    HTML = "une page HTML"
    CAPTURE = "une capture réseau ou un journal d'événements Windows"
    ARCHIVE = "une archive"
    SEALED = "fermé à la lecture (archive .7z ou .rar, document protégé)"  # no reader for it here
    PROGRAM = "un programme, un script ou un document à macros"
    OTHER = "un fichier d'un autre type"
    EMPTY = "vide"


OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
MACROS = "application/vnd.ms-office.macroenabled"
"""Ours, for an office document of whatever kind and age that carries macros."""
HL7 = "x-application/hl7-v2+er7"
"""The type that HAPI FHIR and others give an HL7 v2 message with vertical bars; IANA has no name for it."""
PCAP, PCAPNG = "application/vnd.tcpdump.pcap", "application/x-pcapng"
EVTX = "application/x-ms-evtx"
"""The type that `file` gives a log of events of Windows; IANA has no name for it, nor for PCAPNG."""
OLD_OFFICE = frozenset({"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"})
"""Documents of before 2007, whose parts lie in an OLE file."""
OLE = "application/x-ole-storage"
"""An OLE file of which it does not show what it is: the beginning of a document of before 2007 may not say."""
UNKNOWN = "application/octet-stream"
EMPTY = "application/x-empty"

_FAMILIES: dict[Family, tuple[str, ...]] = {
    Family.VIDEO: (
        "video/mp4", "video/x-m4v", "video/quicktime", "video/webm", "video/x-matroska", "video/x-msvideo",
    ),
    Family.IMAGE: (
        "image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/bmp",
        "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif",
    ),
    Family.PDF: ("application/pdf",),
    Family.TEXT: (
        "text/plain", "text/csv", "text/xml", "application/json", "message/rfc822", HL7,
    ),
    Family.OFFICE: (
        f"{OOXML}wordprocessingml.document", f"{OOXML}spreadsheetml.sheet",
        f"{OOXML}presentationml.presentation", f"{ODF}text", f"{ODF}spreadsheet", f"{ODF}presentation",
        *OLD_OFFICE, "text/rtf",
    ),
    Family.HTML: ("text/html",),
    Family.CAPTURE: (PCAP, PCAPNG, EVTX),
    Family.ARCHIVE: (
        "application/zip", "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz",
    ),
    Family.SEALED: (
        "application/x-7z-compressed", "application/x-rar", "application/zstd", "application/encrypted",
    ),
    Family.PROGRAM: (
        "application/x-dosexec", "application/vnd.microsoft.portable-executable", "application/x-executable",
        "application/x-pie-executable", "application/x-sharedlib", "application/x-object",
        "application/x-mach-binary", "application/x-java-applet", "application/java-archive",
        "application/vnd.android.package-archive", "application/x-msi", "application/x-ms-shortcut",
        "application/wasm", "text/x-shellscript", "text/x-msdos-batch", "text/x-php", "image/svg+xml",
        MACROS,
    ),
    Family.EMPTY: (EMPTY,),
}  # fmt: skip
_FAMILY_OF = {media_type: family for family, types in _FAMILIES.items() for media_type in types}


def family_of(media_type: str) -> Family:
    return _FAMILY_OF.get(media_type, Family.OTHER)


# What browsers and other programs call the types that `detect` answers.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "application/xml": "text/xml",
    "application/x-ndjson": "application/json",
    "application/hl7-v2": HL7,
    "binary/octet-stream": UNKNOWN,
    "application/pcap": PCAP,
    "application/x-pcap": PCAP,
    "application/cap": PCAP,
    "application/pcapng": PCAPNG,
    "text/json": "application/json",
    "application/csv": "text/csv",
    "application/x-zip-compressed": "application/zip",
    "application/x-gzip": "application/gzip",
    "application/x-gtar": "application/x-tar",
    "application/vnd.rar": "application/x-rar",
    "application/rtf": "text/rtf",
    "application/xhtml+xml": "text/html",
    "video/avi": "video/x-msvideo",
    "video/matroska": "video/x-matroska",
    "application/x-msdownload": "application/x-dosexec",
}
# Siblings that one program calls one way and the next another.
_CONTAINERS = {
    "video/x-m4v": "video/mp4",
    "video/quicktime": "video/mp4",
    "video/x-matroska": "video/webm",
    "image/heif": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heic",
    PCAPNG: PCAP,  # Wireshark saves it as .pcap too
    "application/vnd.microsoft.portable-executable": "application/x-dosexec",
}


def canonical(declared: str) -> str:
    """A declared media type without its parameters and under its usual name."""
    bare = declared.partition(";")[0].strip().lower()
    named = _ALIASES.get(bare, bare)
    if named not in _FAMILY_OF and (named.startswith("text/") or named.endswith(("+xml", "+json"))):
        return "text/plain"
    return named


def agree(media_type: str, other: str) -> bool:
    """Whether two types name one content. Texts have so many names that none contradicts another."""
    if family_of(media_type) is family_of(other) is Family.TEXT:
        return True
    return _CONTAINERS.get(media_type, media_type) == _CONTAINERS.get(other, other)


_TEXTS = (
    "txt", "log", "csv", "tsv", "json", "ndjson", "xml", "cda", "hl7", "er7", "eml", "md", "ini", "conf", "cfg",
    "properties", "yml", "yaml", "sql", "xsl", "xslt", "xsd", "wsdl", "har", "pem", "trace", "out", "err",
)  # fmt: skip
_PROGRAMS = (
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "mjs", "jse", "wsf",
    "wsh", "hta", "jar", "class", "sh", "bash", "csh", "py", "pl", "rb", "php", "apk", "lnk", "reg", "svg",
    "docm", "dotm", "xlsm", "xltm", "pptm", "wasm",
)  # fmt: skip
_EXTENSIONS = {
    "pdf": "application/pdf",
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm", "mkv": "video/webm",
    "avi": "video/x-msvideo",
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "tif": "image/tiff", "tiff": "image/tiff", "bmp": "image/bmp",
    "heic": "image/heic", "heif": "image/heic", "avif": "image/avif",
    "pcap": PCAP, "cap": PCAP, "pcapng": PCAPNG, "evtx": EVTX,
    "html": "text/html", "htm": "text/html", "xhtml": "text/html", "rtf": "text/rtf",
    "docx": f"{OOXML}wordprocessingml.document", "xlsx": f"{OOXML}spreadsheetml.sheet",
    "pptx": f"{OOXML}presentationml.presentation",
    "odt": f"{ODF}text", "ods": f"{ODF}spreadsheet", "odp": f"{ODF}presentation",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "zip": "application/zip", "tar": "application/x-tar", "gz": "application/gzip", "tgz": "application/gzip",
    "bz2": "application/x-bzip2", "xz": "application/x-xz", "txz": "application/x-xz",
    "7z": "application/x-7z-compressed", "rar": "application/x-rar",
    **dict.fromkeys(_TEXTS, "text/plain"),
}  # fmt: skip


def extension_of(filename: str) -> str:
    """Without the dot, in lower case; "" when there is none. Trailing dots and spaces, which Windows drops, too."""
    stem, dot, extension = filename.rstrip(". ").rpartition(".")
    return extension.lower() if dot and stem else ""


def promised_by(extension: str) -> str | None:
    """The media type that a file of that extension should have; None when it promises nothing."""
    return _EXTENSIONS.get(extension)


def is_program(extension: str) -> bool:
    """Whether systems run a file of that name, whatever it holds."""
    return extension in _PROGRAMS
