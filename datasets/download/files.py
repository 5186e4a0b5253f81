"""Download a list of files: those that are there are left alone, the others verified and moved into place."""

import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import pooch
import requests

from benchmarks.errors import UsageError

from .resume import CONNECT_SECONDS, READ_SECONDS, Host, ResumingDownload, StoppedError

# More at once would be impolite to hosts that serve for nothing.
MAXIMUM_JOBS = 4
# Left free on the disk.
RESERVE = 64 << 20
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to get.

    Parameters
    ----------
    url : str
        Where it is.
    target : Path
        Where it goes.
    size : int or None
        Its bytes, if known beforehand.
    checksum : str
        ``algorithm:hexdigest`` with an algorithm of hashlib, or ``git:`` and the SHA-1 of the git object; "" if none
        is known.
    """

    url: str
    target: Path
    size: int | None = None
    checksum: str = ""

    @property
    def part(self) -> Path:
        """Where the bytes are collected until the file is complete."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def is_there(self) -> bool:
        """Whether the file is in place with the right size."""
        return self.target.is_file() and (self.size is None or self.target.stat().st_size == self.size)


class Progress(Protocol):
    """What is told while files arrive, from several threads."""

    def arrived(self, count: int) -> None:
        """Count bytes that arrived (negative: were taken back)."""

    def finished(self, file: RemoteFile) -> None:
        """Note that a file is complete and verified."""


def download(files: Sequence[RemoteFile], *, jobs: int, host: Host, progress: Progress) -> None:
    """Get the files that are not there yet.

    Parameters
    ----------
    files : sequence of RemoteFile
        What is wanted.
    jobs : int
        Files at once, at most 4.
    host : Host
        How hosts are asked.
    progress : Progress
        Told what happens.

    Raises
    ------
    UsageError
        If the disk has too little space for all of it, or a file could not be got; the others are got all the same,
        and the same command goes on with what is missing.
    """
    if not 1 <= jobs <= MAXIMUM_JOBS:
        raise UsageError(f"--jobs {jobs}: 1 to {MAXIMUM_JOBS} files at once")
    pooch.get_logger().setLevel("WARNING")
    missing = [file for file in files if not file.is_there]
    require_space(missing)
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(_get, file, host, progress): file for file in missing}
        waiting = set(running)
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
        except BaseException:
            # Interrupted: the threads look at this between two chunks.
            host.stop.set()
            raise
    problems = [problem for future, file in running.items() if (problem := _problem(future, file))]
    if problems:
        # What was stopped tells nothing; what stopped it does.
        first = next((problem for problem in problems if not problem.endswith(STOPPED)), problems[0])
        raise UsageError(f"{len(problems)} of {len(missing)} files could not be got: {first}")


def require_space(missing: Sequence[RemoteFile]) -> None:
    """Check that the disk can take what is still to come.

    Raises
    ------
    UsageError
        If it cannot; the message tells the sizes.
    """
    if not missing:
        return
    folder = next(parent for parent in missing[0].target.parents if parent.exists())
    needed = sum(file.size - (file.part.stat().st_size if file.part.exists() else 0) for file in missing if file.size)
    free = shutil.disk_usage(folder).free
    if needed + RESERVE > free:
        raise UsageError(
            f"{folder}: {readable(needed)} are still to come, {readable(free)} are free; make room or take fewer parts"
        )


def remote_size(url: str, host: Host) -> int | None:
    """Ask a host for the size of a file; None if it does not say.

    Raises
    ------
    UsageError
        If the host cannot be reached or does not have the file.
    """
    try:
        with host.session() as session:
            response = session.head(url, allow_redirects=True, timeout=(CONNECT_SECONDS, READ_SECONDS))
    except requests.RequestException as error:
        raise UsageError(f"{url}: cannot be reached: {' '.join(str(error).split())[:160]}") from None
    if response.status_code in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
        return None
    if not response.ok:
        raise UsageError(f"{url}: the host answers {response.status_code} {response.reason}")
    length = response.headers.get("Content-Length")
    return int(length) if length else None


def readable(size: float) -> str:
    """Return a number of bytes as a person says it, in units of 1000.

    Not ``benchmarks.byte_size``, which counts memory in units of 1024: pages of hosts and the bar of rich, beside
    which these sizes are read, count files in units of 1000.
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _get(file: RemoteFile, host: Host, progress: Progress) -> None:
    if host.stop.is_set():
        raise StoppedError
    algorithm, _, digest = file.checksum.partition(":")
    git_blob = digest if algorithm == "git" else ""
    file.target.parent.mkdir(parents=True, exist_ok=True)
    verified = file.target.with_name(file.target.name + ".verified")
    arrived = _Counted(progress)
    try:
        pooch.retrieve(
            file.url,
            known_hash=None if git_blob else file.checksum or None,
            fname=verified.name,
            path=verified.parent,
            downloader=ResumingDownload(host, file.part, file.size, git_blob, arrived),
        )
    except ValueError:
        # Pooch has removed what it downloaded.
        arrived(-arrived.total)
        raise UsageError(
            f"{file.url}: its {algorithm} checksum is not {digest[:16]}...: the file was removed"
        ) from None
    verified.replace(file.target)
    progress.finished(file)


def _problem(future: "Future[None]", file: RemoteFile) -> str:
    try:
        future.result()
    except UsageError as error:
        return str(error)
    except StoppedError:
        return f"{file.url}: {STOPPED}"
    except OSError as error:
        return f"{file.target}: cannot be written: {error.strerror or error}"
    return ""


class _Counted:
    """Passes bytes on and knows their sum."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0
        self._progress = progress
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        with self._lock:
            self.total += count
        self._progress.arrived(count)
