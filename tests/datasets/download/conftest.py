"""A host on this machine that serves files with ranges, lists them as S3 does, and misbehaves when told to."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest


@dataclass
class Fault:
    """What is wrong with one answer: a status, a cut after some bytes, a wrong length, no ranges or no validator."""

    status: int = 0
    cut_after: int | None = None
    announce: int | None = None
    ignores_ranges: bool = False
    without_tag: bool = False
    wait: threading.Event | None = None


@dataclass
class LocalHost:
    """What there is by path, faults of a path's next answers, what stands in for a listing, and what was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    page_size: int = 1000
    listing: bytes | None = None
    busiest: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"

    def ranges(self, path: str) -> list[str]:
        """Return the Range headers of the GET requests for a file, "" for none."""
        return [given for method, name, given in self.asked if (method, name) == ("GET", path)]

    def begin(self) -> None:
        with self._lock:
            self._at_once += 1
            self.busiest = max(self.busiest, self._at_once)

    def end(self) -> None:
        with self._lock:
            self._at_once -= 1


@pytest.fixture
def host() -> Iterator[LocalHost]:
    local = LocalHost()

    class Handler(_Handler):
        served = local

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    local.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield local
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: LocalHost
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # 2026-11-22: the base class's name
        return

    def do_HEAD(self) -> None:
        self._serve(body=False)

    def do_GET(self) -> None:
        self._serve(body=True)

    def _serve(self, *, body: bool) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path).lstrip("/")
        self.served.asked.append((self.command, path, self.headers.get("Range", "")))
        if not path:
            told = self.served.listing
            self._answer(200, _listing(self.served, parse_qs(parts.query)) if told is None else told, {})
            return
        fault = self.served.faults[path].pop(0) if body and self.served.faults[path] else Fault()
        content = self.served.files.get(path)
        if fault.status or content is None:
            self._answer(fault.status or 404, b"", {"Retry-After": "0"})
            return
        self.served.begin()
        try:
            self._file(content, fault, body=body)
        finally:
            self.served.end()

    def _file(self, content: bytes, fault: Fault, *, body: bool) -> None:
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        headers = {} if fault.without_tag else {"ETag": tag}
        start, status = 0, 200
        wanted = self.headers.get("Range")
        if wanted and not fault.ignores_ranges and self.headers.get("If-Range") in (None, tag):
            start, status = int(wanted.removeprefix("bytes=").removesuffix("-")), 206
            if start >= len(content):
                self._answer(416, b"", {})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        rest = content[start:]
        if fault.wait is not None:
            fault.wait.wait(10)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest) if fault.announce is None else fault.announce))
        self.end_headers()
        if body:
            self.wfile.write(rest if fault.cut_after is None else rest[: fault.cut_after])
            self.close_connection = True

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _listing(host: LocalHost, query: dict[str, list[str]]) -> bytes:
    """Answer ListObjectsV2: pages of ``page_size`` keys, the continuation token is the number of the next one."""
    keys = sorted(key for key in host.files if key.startswith(query["prefix"][0]))
    start = int(query.get("continuation-token", ["0"])[0])
    page = keys[start : start + host.page_size]
    entries = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(host.files[key])}</Size>"
        f"<ETag>&quot;{hashlib.md5(host.files[key]).hexdigest()}&quot;</ETag></Contents>"
        for key in page
    )
    more = start + host.page_size < len(keys)
    token = f"<NextContinuationToken>{quote(str(start + host.page_size))}</NextContinuationToken>" if more else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}</ListBucketResult>"
    ).encode()


@pytest.fixture
def fault() -> type[Fault]:
    return Fault
