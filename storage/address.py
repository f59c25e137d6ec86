"""Which storage a URL names: a folder, or a bucket of an S3-compatible store."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from minio import Minio
from urllib3 import PoolManager, Retry, Timeout

from storage.filesystem import FilesystemStorage
from storage.port import ObjectStorage
from storage.s3 import S3Storage

S3_FORM = "s3://KEY:SECRET@HOST[:PORT]/BUCKET[?secure=false][&region=REGION], key and secret percent-encoded"

CONNECT_SECONDS = 5.0
"""Also what the client gives one part of an upload (5 MiB) to be sent."""

READ_SECONDS = 30.0
"""Between two pieces of an answer: a server may be silent while it copies."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def storage_from_url(url: str) -> ObjectStorage:
    """Return the storage at `url`: a folder's path, `file:///path`, or `s3://` as in `S3_FORM`.

    Nothing is contacted or made yet. Make it in the process that uses it: connections do not outlive a fork.
    Raises `ValueError` for anything else, without repeating the URL, which may hold a secret.
    """
    if "://" not in url:
        if not url:
            raise ValueError("a storage needs a folder or a URL")
        return FilesystemStorage(Path(url))
    parts = _split(url)
    if parts is not None and parts.scheme == "s3":
        return _s3(parts)
    if parts is not None and _is_file(parts):
        return FilesystemStorage(Path(unquote(parts.path)))
    raise ValueError(f"a storage is a folder, file:///path, or {S3_FORM}")


def _split(url: str) -> SplitResult | None:
    # What is raised here quotes what it refuses: it must not be the context of our error.
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _is_file(parts: SplitResult) -> bool:
    local = parts.scheme == "file" and parts.netloc in {"", "localhost"}
    return local and bool(parts.path) and not (parts.query or parts.fragment)


def _s3(parts: SplitResult) -> S3Storage:
    credentials, _, host = parts.netloc.rpartition("@")
    key, _, secret = credentials.partition(":")
    bucket = parts.path.strip("/")
    if not (key and secret and _HOST.fullmatch(host) and _BUCKET.fullmatch(bucket)) or parts.fragment:
        raise ValueError(f"an S3 storage is {S3_FORM}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    secure = options.pop("secure", "true")
    # A region that is given spares the client a request for each bucket; most stores ignore which it is.
    region = options.pop("region", "us-east-1")
    if options or secure not in {"true", "false"} or not region:
        raise ValueError(f"an S3 storage is {S3_FORM}")
    client = Minio(
        host,
        access_key=unquote(key),
        secret_key=unquote(secret),
        secure=secure == "true",
        region=region,
        http_client=_connections(),
    )
    return S3Storage(client, bucket)


def _connections() -> PoolManager:
    """Return connections that give up on a dead server within seconds and trust the system's authorities.

    A redirection is an error: following one would sign a request for another host.
    """
    retries = Retry(
        total=2,
        connect=1,
        read=1,
        redirect=False,
        status_forcelist=(500, 502, 503, 504),
        backoff_factor=0.2,
        respect_retry_after_header=False,
    )
    return PoolManager(
        maxsize=16, timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=retries
    )
