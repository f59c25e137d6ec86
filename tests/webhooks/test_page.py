"""The receiver of docs/webhooks.md, run as it stands there."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from socket import create_server, socket
from time import monotonic, sleep

from tests.webhooks.conftest import Post, log, make

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def test_the_receiver_of_the_page_takes_what_is_signed_and_refuses_the_rest(
    post: Post, tmp_path: Path
) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    script = tmp_path / "receiver.py"
    script.write_text(program)
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    post.time.now = datetime.now(UTC)
    address = f"http://127.0.0.1:{port}/"
    made, other = (make(post.people.editor, address) for _ in range(2))
    expected = post.happen(post.dossiers[0])
    environment = {"SECRET": made["secret"], "PORT": str(port)}
    with subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE) as running:
        try:
            _await(port)
            post.tell()
        finally:
            running.kill()
        printed, _ = running.communicate()
    assert post.dossiers[0].id in printed.decode()
    for webhook, outcome in ((made, "delivered"), (other, "refused")):
        assert [(one["message_id"], one["outcome"]) for one in log(post.people.editor, webhook)] == [
            (expected[0], outcome)
        ]


def _await(port: int) -> None:
    until = monotonic() + 20
    while not _listens(port):
        assert monotonic() < until, "it does not listen"
        sleep(0.05)


def _listens(port: int) -> bool:
    with socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
