"""Download one file over HTTP, going on after a cut from where it stopped: a downloader for pooch.

What arrived so far stands beside the target as ``<name>.part``, with the server's validator (ETag or date) in
``<name>.part.from``, so that two versions of a file are never joined.
"""

import errno
import fcntl
import hashlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

import requests
import urllib3
from requests.adapters import HTTPAdapter

from benchmarks.errors import UsageError

CHUNK = 1 << 20
CONNECT_SECONDS, READ_SECONDS = 20, 60
RETRIES = 5
BUSY = (429, 500, 502, 503, 504)
LONGEST_WAIT = 120


class StoppedError(Exception):
    """The download was stopped from outside; what arrived is kept."""


@dataclass(frozen=True, slots=True)
class Host:
    """How hosts are asked.

    Parameters
    ----------
    first_wait : float
        Seconds before the second try; doubled for each further one, up to two minutes. A host that is busy and says
        for how long (``Retry-After``) is believed, up to two minutes.
    stop : threading.Event
        Set to end all downloads soon.
    """

    first_wait: float = 1.0
    stop: threading.Event = field(default_factory=threading.Event)

    def session(self) -> requests.Session:
        """Return a session that tries again where the host is busy or cannot be reached."""
        retry = urllib3.Retry(
            total=RETRIES,
            status_forcelist=BUSY,
            allowed_methods=("GET", "HEAD"),
            backoff_factor=self.first_wait,
            backoff_max=LONGEST_WAIT,
            retry_after_max=LONGEST_WAIT,
            raise_on_status=False,
        )
        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=retry))
        session.mount("http://", HTTPAdapter(max_retries=retry))
        # A stored .gz must arrive as it is stored.
        session.headers["Accept-Encoding"] = "identity"
        return session


class ResumingDownload:
    """A pooch downloader (``url, output_file, pooch``) that resumes by range request.

    Parameters
    ----------
    host : Host
        How hosts are asked.
    part : Path
        Where the bytes are collected; on the same file system as the output.
    size : int or None
        Bytes the file must have, if known.
    git_blob : str
        SHA-1 of the file as a git object, if known: the one kind of checksum that pooch does not verify.
    progress : callable
        Called with the number of bytes that arrived (negative when a start over takes them back).
    """

    def __init__(
        self, host: Host, part: Path, size: int | None, git_blob: str, progress: Callable[[int], None]
    ) -> None:
        self.host, self.part, self.size, self.git_blob, self.progress = host, part, size, git_blob, progress
        self._from = part.with_name(part.name + ".from")

    def __call__(self, url: str, output_file: str, _: Any) -> None:
        """Download a file; the output appears complete or not at all.

        Raises
        ------
        UsageError
            If the host refuses or stays busy, the connection is cut too often, the disk is full, or size or git
            checksum are wrong. After a cut the part stays and the next call goes on with it; else it is removed.
        """
        # Pooch's empty placeholder would stay behind if this process were killed.
        Path(output_file).unlink()
        # Unbuffered: what is written is on the disk, or the write fails here and not when the file is closed.
        with self.part.open("ab", buffering=0) as file:
            self._lock(file)
            self.progress(file.tell())
            try:
                self._collect(url, file)
                self._verify(url)
            finally:
                if not file.tell():
                    self._discard()
        self.part.replace(output_file)
        self._from.unlink(missing_ok=True)

    def _collect(self, url: str, file: io.FileIO) -> None:
        """Ask for the rest until there is none, as long as every few tries bring something new."""
        fruitless, furthest = 0, file.tell()
        with self.host.session() as session:
            while True:
                try:
                    self._request(session, url, file)
                    return
                except urllib3.exceptions.HTTPError as error:
                    fruitless = 0 if file.tell() > furthest else fruitless + 1
                    furthest = max(furthest, file.tell())
                    if fruitless > RETRIES:
                        raise UsageError(
                            f"{url}: the connection broke after {file.tell()} bytes ({_reason(error)}); the same "
                            "command goes on from there"
                        ) from None
                    if self.host.stop.wait(min(LONGEST_WAIT, self.host.first_wait * 2**fruitless)):
                        raise StoppedError from None
                except OSError as error:
                    self._explain(error)

    def _request(self, session: requests.Session, url: str, file: io.FileIO) -> None:
        """Append what the host sends to the part; start over where it cannot go on."""
        validator = self._from.read_text() if self._from.exists() else ""
        if not validator:
            self._start_over(file)
        headers = {"Range": f"bytes={file.tell()}-", "If-Range": validator} if file.tell() else {}
        try:
            response = session.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS))
        except requests.RequestException as error:
            raise UsageError(f"{url}: cannot be reached ({_reason(error)})") from None
        with response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                if file.tell() == self.size:
                    return
                self._start_over(file)
                raise urllib3.exceptions.HTTPError("the host has no such range")
            self._require_success(url, response, file)
            self._from.write_text(_validator(response))
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                if self.host.stop.is_set():
                    raise StoppedError
                rest = memoryview(chunk)
                while rest:
                    rest = rest[file.write(rest) :]
                self.progress(len(chunk))

    def _require_success(self, url: str, response: requests.Response, file: io.FileIO) -> None:
        """Check that the host sends what was asked for; where it sends the whole file instead, start over."""
        status = response.status_code
        if status in BUSY:
            raise UsageError(
                f"{url}: the host is busy (status {status}, {RETRIES + 1} tries); the same command goes on later"
            )
        if status == HTTPStatus.PARTIAL_CONTENT:
            given = response.headers.get("Content-Range", "")
            if not given.startswith(f"bytes {file.tell()}-"):
                raise UsageError(f"{url}: asked for the bytes from {file.tell()}, the host sent {given or 'others'}")
        elif status == HTTPStatus.OK:
            self._start_over(file)
        else:
            raise UsageError(f"{url}: the host answers {status} {response.reason}")
        announced = response.headers.get("Content-Length")
        if self.size is not None and announced and file.tell() + int(announced) != self.size:
            self._discard()
            raise UsageError(
                f"{url}: the host announces {file.tell() + int(announced)} bytes, {self.size} were expected"
            )

    def _verify(self, url: str) -> None:
        found = self.part.stat().st_size
        if self.size is not None and found != self.size:
            self._discard()
            raise UsageError(f"{url}: {found} bytes came, {self.size} were expected: the file was removed")
        if self.git_blob and _git_blob(self.part) != self.git_blob:
            self._discard()
            raise UsageError(f"{url}: its git checksum is not {self.git_blob[:16]}...: the file was removed")

    def _explain(self, error: OSError) -> NoReturn:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise UsageError(f"{self.part}: cannot be written: {error.strerror or error}") from None
        self.host.stop.set()
        self._discard()
        raise UsageError(
            f"{self.part.parent}: the disk is full; {self.part.name} was removed, finished files stay"
        ) from None

    def _start_over(self, file: io.FileIO) -> None:
        self.progress(-file.tell())
        file.seek(0)
        file.truncate()

    def _discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self._from.unlink(missing_ok=True)

    def _lock(self, file: io.FileIO) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"{self.part}: another process is downloading this file") from None


def _validator(response: requests.Response) -> str:
    """Return what tells this version of the file from others, "" if the host says nothing reliable."""
    tag = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _git_blob(path: Path) -> str:
    """Return the SHA-1 that git gives a file's content."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else f"{text[:117]}..."
