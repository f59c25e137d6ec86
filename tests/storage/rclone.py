"""A real S3 server for tests: `rclone serve s3` on a free port of the loopback, over a folder."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

# Both hold what a URL has to escape.
KEY = "tests@key"
SECRET = "s3cr/t+with:every@sign%"

_READY = re.compile(r"Starting s3 server on \[http://127\.0\.0\.1:(\d+)/\]")


class RcloneServer:
    """Serves `folder` while the context lasts; `start` after `stop` serves it again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder.with_name(f"{folder.name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def url(self, bucket: str, secret: str = SECRET) -> str:
        """Return the `s3://` address of a bucket, which need not exist."""
        return f"s3://{quote(KEY)}:{quote(secret, safe='')}@127.0.0.1:{self.port}/{bucket}?secure=false"

    def start(self) -> None:
        """Start, and return once requests are served."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(_executable(), "serve", "s3", str(self._folder)),
                    *("--addr", f"127.0.0.1:{self.port}", "--auth-key", f"{KEY},{SECRET}"),
                    *("--config", "", "--cache-dir", str(self._folder.with_name("cache"))),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")},
            )
        self.port = self._wait(self._process)

    def stop(self) -> None:
        """Stop at once, as in a failure: when asked politely, rclone waits for those who read from it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        """Return the port, which rclone writes down once it listens there."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            ready = _READY.search(self._log.read_text())
            if ready:
                return int(ready[1])
            if process.poll() is not None:
                break
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"rclone does not serve: {self._log.read_text()}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _executable() -> str:
    beside_python = str(Path(sys.executable).parent)
    found = shutil.which("rclone", path=os.pathsep.join((beside_python, os.environ.get("PATH", os.defpath))))
    if found is None:
        raise RuntimeError("rclone is missing: install the development dependencies")
    return found
