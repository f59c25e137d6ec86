"""Small real files of every type that is told apart, made here."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


def image(kind: str, size: tuple[int, int] = (4, 3), frames: int = 1) -> bytes:
    file = io.BytesIO()
    pictures = [Image.new("RGB", size, (number * 40 % 256, 10, 20)) for number in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(file, kind, **more)
    return file.getvalue()


def pdf(*pages: str, password: str = "", algorithm: str = "AES-256") -> bytes:
    """A page for each text; a page without text is blank."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(595, 842)
        if not text:
            continue
        font = DictionaryObject(
            {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
             NameObject("/BaseFont"): NameObject("/Helvetica")}
        )  # fmt: skip
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})  # noqa: SLF001 - no public way
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)  # noqa: SLF001 - no public way
    if password:
        writer.encrypt(password, algorithm=algorithm)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def zipped(
    members: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def encrypted_zip(members: Mapping[str, bytes]) -> bytes:
    """The flag is what says so: nobody here has a password to try."""
    content = bytearray(zipped(members))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(signature, start + 1)
    return bytes(content)


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]  # a mode chosen by the test
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def ooxml(folder: str, more: Mapping[str, bytes] | None = None) -> bytes:
    part = {"word": "document.xml", "xl": "workbook.xml", "ppt": "presentation.xml"}[folder]
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": b"<R/>",
            f"{folder}/{part}": b"<x/>",
            **(more or {}),
        }
    )


def odf(kind: str, more: Mapping[str, bytes] | None = None) -> bytes:
    return zipped(
        {
            "mimetype": f"{ODF}{kind}".encode(),
            "content.xml": b"<x/>",
            "META-INF/manifest.xml": b"<m/>",
            **(more or {}),
        }
    )


def png_header(width: int, height: int) -> bytes:
    """A PNG of that size with next to no data, as a flood is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def heif(brand: bytes = b"heic", *sizes: tuple[int, int], more: bytes = b"") -> bytes:
    """An HEIF file whose items have these sizes, as a telephone makes it of tiles; the pictures in it are none."""
    properties = b"".join(box(b"ispe", struct.pack(">4x2I", *size)) for size in sizes or [(4, 3)])
    meta = box(b"meta", bytes(4) + box(b"hdlr", bytes(20)) + box(b"iprp", box(b"ipco", properties)))
    return box(b"ftyp", brand + bytes(4) + b"mif1heic") + meta + more + box(b"mdat", bytes(100))


PCAP = bytes.fromhex("d4c3b2a1") + struct.pack("<HHiIII", 2, 4, 0, 0, 65535, 1)
PCAPNG = bytes.fromhex("0a0d0d0a") + struct.pack("<IIHHqI", 28, 0x1A2B3C4D, 1, 0, -1, 28)
EVTX = b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, 0, 1, 128, 1, 3, 4096, 1) + bytes(4096 - 48)
CDA = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="x.xsl"?>\n'
    b'<!-- a comment -->\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>CR</title></ClinicalDocument>'
)
HL7 = b"MSH|^~\\&|A|B|C|D|20240524103000||ADT^A01^ADT_A01|1|P|2.5^FRA^2.11\rPID|1||123\r"
MAIL = b"Return-Path: <a@b.fr>\r\nReceived: from x\r\nFrom: a@b.fr\r\nTo: c@d.fr\r\nSubject: CR\r\n\r\nBonjour\r\n"
MATROSKA = "1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b614287810442858102"
WEBM = "1a45dfa39f4286810142f7810142f2810442f381084282847765626d4287810442858102"
PROGRAM = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\x00\x00\x64\x86" + bytes(200)

BY_TYPE: dict[str, list[bytes]] = {
    "video/mp4": [b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41" + bytes(100)],
    "video/x-m4v": [b"\x00\x00\x00\x18ftypM4V \x00\x00\x00\x00M4V isom" + bytes(100)],
    "video/quicktime": [b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + bytes(100)],
    "video/webm": [bytes.fromhex(WEBM) + bytes(100)],
    "video/x-matroska": [bytes.fromhex(MATROSKA) + bytes(100)],
    "video/x-msvideo": [b"RIFF" + struct.pack("<I", 100) + b"AVI LIST" + bytes(100)],
    "image/png": [image("PNG")],
    "image/jpeg": [image("JPEG")],
    "image/webp": [image("WEBP")],
    "image/gif": [image("GIF")],
    "image/tiff": [image("TIFF")],
    "image/bmp": [image("BMP")],
    "image/heic": [heif()],
    "image/heif": [heif(b"mif1")],
    "image/avif": [heif(b"avif")],
    "application/vnd.tcpdump.pcap": [PCAP, bytes.fromhex("a1b2c3d4") + struct.pack(">HHiIII", 2, 4, 0, 0, 65535, 1)],
    "application/x-pcapng": [PCAPNG, PCAPNG[:4] + struct.pack(">IIHHqI", 28, 0x1A2B3C4D, 1, 0, -1, 28)],
    "application/x-ms-evtx": [EVTX],
    "application/pdf": [pdf("Bonjour"), pdf("Bonjour", password="secret")],
    "text/plain": [
        b"2024-05-24 10:30:00 INFO start\n", "été\n".encode(), "été à Paris\n".encode("latin-1"),
        "été\n".encode("utf-16"),
        "un journal sans marque\n".encode("utf-16-le"), b"\x1b[31mERR\x1b[0m x\n", b"[2024-05-24] INFO x\n",
        b"answer: <html><body>x</body></html>\n", b"import os\ndef f(): return 1\n", b"<2024> x\n", b"< html >\n",
        b"package x;\nimport java.io;\n", b"-----BEGIN CERTIFICATE-----\nMIIB\n", b"[section]\nkey=value\n",
    ],
    "text/csv": [b"a,b,c\n1,2,3\n4,5,6\n", b"a;b;c\r\n1;2;3\r\n"],
    "application/json": [b'{"a": [1, 2]}', b'[{"a": 1}]', b'\xef\xbb\xbf{\n "a": 1}', b'{"a": 1}\n{"a": 2}\n'],
    "text/xml": [
        CDA, b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>", "<?xml version='1.0'?><é/>".encode(),
        "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"), b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<table><row/></table>", b"<Bundle xmlns='http://hl7.org/fhir'><text><html/></text></Bundle>",
    ],
    "x-application/hl7-v2+er7": [HL7, b"\x0b" + HL7 + b"\x1c\r", b"BHS|^~\\&|A\rMSH|^~\\&|B\r"],
    "message/rfc822": [MAIL, b"From: a@b.fr\nTo: c@d.fr\nSubject: x\n\nhi\n"],
    "text/html": [
        b"<!DOCTYPE html><html><body>x</body></html>", b"  <html><head></head></html>", b"<script>1</script>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', b"<!-- x --><HTML></HTML>",
        "<html></html>".encode("utf-16"),
    ],
    "image/svg+xml": [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        b'<?xml version="1.0"?>\n<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    ],
    f"{OOXML}wordprocessingml.document": [ooxml("word")],
    f"{OOXML}spreadsheetml.sheet": [ooxml("xl")],
    f"{OOXML}presentationml.presentation": [ooxml("ppt")],
    f"{ODF}text": [odf("text")],
    f"{ODF}spreadsheet": [odf("spreadsheet")],
    f"{ODF}presentation": [odf("presentation")],
    "text/rtf": [b"{\\rtf1\\ansi bonjour}"],
    "application/vnd.ms-office.macroenabled": [
        ooxml("word", {"word/vbaProject.bin": b"x"}), odf("text", {"Basic/Standard/Module1.xml": b"x"}),
    ],
    "application/zip": [
        zipped({"a.txt": b"x"}), zipped({}), b"PK\x03\x04broken", zipped({"mimetype": b"text/x", "content.xml": b"x"}),
        ooxml("word", {"xl/workbook.xml": b"<x/>"}),
    ],
    "application/x-tar": [tarred({"a.txt": b"x"})],
    "application/gzip": [tarred({"a.txt": b"x"}, "w:gz")],
    "application/x-bzip2": [tarred({"a.txt": b"x"}, "w:bz2")],
    "application/x-xz": [tarred({"a.txt": b"x"}, "w:xz")],
    "application/x-7z-compressed": [b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(30)],
    "application/x-rar": [b"Rar!\x1a\x07\x01\x00" + bytes(20)],
    "application/x-dosexec": [PROGRAM, b"MZ\x90\x00" + bytes(60)],
    "application/x-sharedlib": [b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(100)],
    "application/x-mach-binary": [bytes.fromhex("cffaedfe07000001") + bytes(60)],
    "application/x-java-applet": [bytes.fromhex("cafebabe00000034") + bytes(20)],
    "application/java-archive": [zipped({"META-INF/MANIFEST.MF": b"x", "A.class": b"x"})],
    "application/vnd.android.package-archive": [zipped({"AndroidManifest.xml": b"x", "classes.dex": b"x"})],
    "application/x-ms-shortcut": [bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(60)],
    "application/wasm": [b"\x00asm\x01\x00\x00\x00"],
    "text/x-shellscript": [b"#!/bin/sh\necho x\n", b"#!/usr/bin/env python3\n"],
    "text/x-msdos-batch": [b"@echo off\r\ndir\r\n", b"@ECHO OFF\r\n"],
    "text/x-php": [b"<?php echo 1;"],
    "application/encrypted": [bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le")],
    "application/x-ole-storage": [bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)],
    "application/dicom": [bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00" + bytes(30)],
    "audio/mpeg": [b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(20)],
    "application/octet-stream": [
        b"abc\x00def\n" * 10, bytes(range(255, -1, -1)) * 4, b"a text\n" * 20_000 + bytes(100),
        b"x" * 70_000 + b"\x00\x01\x02",
    ],
    "application/x-empty": [b""],
}  # fmt: skip
"""What `detect` has to answer, and contents for which it has to."""
