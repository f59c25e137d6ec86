"""The script that is handed out needs nothing but Python, can be read whole, and has the Ed25519 of RFC 8032."""

import ast
import sys
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.bundles import checker

SOURCE = Path(checker.__file__).read_text()

#: RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
        "e24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
        "aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed"
        "28dc027beceea1ec40a",
    ),
]


def test_it_can_be_read_whole_and_needs_nothing_but_python() -> None:
    assert len(SOURCE.splitlines()) < 300
    imported = {
        name.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_of_the_standard_hold(key: str, message: str, signature: str) -> None:
    words = [*map(bytes.fromhex, (key, message, signature))]
    assert checker.signed(*words)
    assert not checker.signed(words[0], words[1] + b"\x00", words[2])


def test_it_says_of_signatures_what_the_library_says() -> None:
    random = Random(8032)
    for _ in range(20):
        signer = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        key, message = signer.public_key().public_bytes_raw(), random.randbytes(random.randrange(200))
        signature = signer.sign(message)
        assert checker.signed(key, message, signature)
        place = random.randrange(64)
        other = bytearray(signature)
        other[place] ^= 1 << random.randrange(8)
        assert not checker.signed(key, message, bytes(other))
        again = int.from_bytes(signature[32:], "little") + checker.ORDER
        assert not checker.signed(key, message, signature[:32] + again.to_bytes(32, "little")), (
            "no second one"
        )
    assert not checker.signed(b"\xff" * 32, b"", bytes(64)), "no point of the curve"
