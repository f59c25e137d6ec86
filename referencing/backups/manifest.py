"""What a backup holds, as it stands in the storage of backups under a name of its moment."""

from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from io import BytesIO

import orjson

from storage.port import ObjectStorage

FORMAT = "referencing-backup/1"
_PREFIX = "backup-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`archive` is the SHA-256 of the database's archive, of `archive_size` bytes; `revision` that of its schema.

    `postgresql` is the version that wrote it. `missing` are contents that were not to be had. `erased` are the accounts
    whose persons had been erased: an older backup that is restored has them erased again.
    """

    made_at: str
    revision: str
    postgresql: int
    archive: str
    archive_size: int
    contents: int
    missing: list[str]
    erased: list[str] = field(default_factory=list)  # which manifests before 0.2 do not name


def write(storage: ObjectStorage, manifest: Manifest) -> str:
    """Keep the manifest; from then on there is a backup, under the name that is answered."""
    document = orjson.dumps({"format": FORMAT, **asdict(manifest)}, option=orjson.OPT_INDENT_2)
    moment = datetime.fromisoformat(manifest.made_at).astimezone(UTC)
    name = f"{_PREFIX}{moment:%Y%m%dT%H%M%SZ}"
    storage.label(name, storage.store(BytesIO(document)).sha256)
    return name


def names(storage: ObjectStorage) -> list[str]:
    """The backups that there are, the oldest first."""
    return [name for name in storage.labels() if name.startswith(_PREFIX)]


def read(storage: ObjectStorage, name: str) -> Manifest:
    """What a backup of that name holds. Raises ValueError for a document that is none."""
    document = orjson.loads(b"".join(storage.read(storage.labels()[name])))
    document.setdefault("erased", [])
    if document.pop("format", None) != FORMAT or document.keys() != {one.name for one in fields(Manifest)}:
        raise ValueError(f"{name} is not of the format {FORMAT}")
    return Manifest(**document)


def forget(storage: ObjectStorage, name: str) -> None:
    """Remove a backup, with its archive unless another one has the same; contents stay, which others may need."""
    labels = storage.labels()
    archive = read(storage, name).archive
    others = {read(storage, other).archive for other in names(storage) if other != name}
    storage.unlabel(name)
    storage.delete(labels[name])
    if archive not in others:
        storage.delete(archive)
