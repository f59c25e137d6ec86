"""What stands between a program and a server on loopback: a bad line, or a proxy."""

import socket
import struct
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Self

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


class Relay:
    """Passes each line on to a port, but for the first PATCHes, whose `fates` are told one after the other.

    A number: cut after so many bytes; None: answered that the service is busy. With `holds` the line is not cut then
    but stands still, and `stands` tells so. `passed` counts the bytes of PATCHes that were passed on.
    """

    def __init__(self, port: int, *fates: int | None, holds: bool = False, is_proxy: bool = False) -> None:
        self.target = port
        self.fates = list(fates)
        self.holds = holds
        self.is_proxy = is_proxy
        self.passed = 0
        self.seen = b""
        self.stands, self._ended = Event(), Event()
        self._lock = Lock()
        self._lines: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for line in [self._listening, *self._lines]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.target)) as server:
            self._lines += [client, server]
            if self.is_proxy:
                self.seen += client.recv(65536)
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            first = client.recv(65536)
            is_patch = first.startswith(b"PATCH")
            fate = self.fates.pop(0) if is_patch and self.fates else -1
            if fate is None:
                client.sendall(BUSY)
                return
            back = Thread(target=self._pass, args=(server, client), daemon=True)
            back.start()
            self._upward(client, server, first, fate, is_patch=is_patch)
            back.join()

    def _upward(
        self, client: socket.socket, server: socket.socket, block: bytes, left: int, *, is_patch: bool
    ) -> None:
        while block:
            if 0 <= left <= len(block):
                block = block[:left]
            server.sendall(block)
            self.seen += block if self.is_proxy else b""
            with self._lock:
                self.passed += len(block) if is_patch else 0
            left -= len(block) if left >= 0 else 0
            if left == 0:
                break
            block = client.recv(65536)
        else:
            server.shutdown(socket.SHUT_WR)
            return
        if self.holds:
            self.stands.set()
            self._ended.wait()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        server.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                target.sendall(block)
