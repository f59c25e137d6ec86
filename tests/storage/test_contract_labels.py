"""Names by which objects are found again."""

from io import BytesIO

import pytest

from storage.port import ObjectStorage
from tests.storage.conftest import Subject


def test_a_name_means_an_object_for_every_process(subject: Subject) -> None:
    stored = subject.storage.store(BytesIO(b"content"))
    assert subject.storage.labels() == {}
    subject.storage.label("b-2026", stored.sha256)
    subject.storage.label("A-2026", stored.sha256)
    assert list(subject.again().labels().items()) == [("A-2026", stored.sha256), ("b-2026", stored.sha256)]
    assert [digest for digest, _ in subject.storage.digests()] == [stored.sha256]


def test_a_name_means_the_last_object_that_it_was_given(storage: ObjectStorage) -> None:
    first, last = (storage.store(BytesIO(content)).sha256 for content in (b"first", b"last"))
    storage.label("name", first)
    storage.label("name", last)
    assert storage.labels() == {"name": last}


def test_a_name_is_removed_and_its_object_stays(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(b"content"))
    storage.label("name", stored.sha256)
    for _ in range(2):
        storage.unlabel("name")
    assert storage.labels() == {}
    assert storage.size(stored.sha256) == stored.size


def test_what_is_no_digest_is_not_named(storage: ObjectStorage) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        storage.label("name", "abc")


@pytest.mark.parametrize("name", ["", "a/b", "..", "é", "a" * 101])
def test_what_is_no_name_is_refused(storage: ObjectStorage, name: str) -> None:
    stored = storage.store(BytesIO(b"content"))
    with pytest.raises(ValueError, match="letters, digits and dashes"):
        storage.label(name, stored.sha256)
