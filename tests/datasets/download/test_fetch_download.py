"""Files arrive complete and verified, or not at all; what was cut goes on from where it stopped."""

import errno
import hashlib
import importlib
import io
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.errors import UsageError

fetch = importlib.import_module("benchmarks.datasets.download.files")
resume = importlib.import_module("benchmarks.datasets.download.resume")

CONTENT = np.random.default_rng(0).bytes(5_000_000)
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
GIT_BLOB = f"git:{hashlib.sha1(b'blob %d' % len(CONTENT) + bytes(1) + CONTENT).hexdigest()}"


class Watched:
    """Counts what a download tells."""

    def __init__(self) -> None:
        self.bytes, self.files, self.lock = 0, [], threading.Lock()

    def arrived(self, count: int) -> None:
        with self.lock:
            self.bytes += count

    def finished(self, file: Any) -> None:
        self.files.append(file.target.name)


@pytest.fixture
def served(host: Any) -> Any:
    host.files["a.bin"] = CONTENT
    return host


def get(files: list[Any], jobs: int = 1) -> Watched:
    watched = Watched()
    fetch.download(files, jobs=jobs, host=resume.Host(first_wait=0.001), progress=watched)
    return watched


def a_bin(host: Any, folder: Path, size: int | None = len(CONTENT), checksum: str = SHA256) -> Any:
    return fetch.RemoteFile(host.url("a.bin"), folder / "sub" / "a.bin", size, checksum)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("checksum", [SHA256, f"md5:{hashlib.md5(CONTENT).hexdigest()}", GIT_BLOB, ""])
def test_a_file_arrives_with_every_kind_of_checksum(served: Any, tmp_path: Path, checksum: str) -> None:
    watched = get([a_bin(served, tmp_path, checksum=checksum)])
    assert (tmp_path / "sub" / "a.bin").read_bytes() == CONTENT
    assert names(tmp_path) == ["a.bin"]
    assert (watched.bytes, watched.files) == (len(CONTENT), ["a.bin"])


def test_what_is_there_is_not_asked_for_again(served: Any, tmp_path: Path) -> None:
    get([a_bin(served, tmp_path)])
    served.asked.clear()
    get([a_bin(served, tmp_path)])
    assert served.asked == []


def test_after_a_cut_only_the_rest_is_asked_for(served: Any, tmp_path: Path, fault: Any) -> None:
    served.faults["a.bin"] = [fault(cut_after=2_000_000), fault(cut_after=1_000_000)]
    watched = get([a_bin(served, tmp_path)])
    assert (tmp_path / "sub" / "a.bin").read_bytes() == CONTENT
    assert served.ranges("a.bin") == ["", "bytes=2000000-", "bytes=3000000-"]
    assert watched.bytes == len(CONTENT)


def test_a_second_call_goes_on_where_the_first_gave_up(served: Any, tmp_path: Path, fault: Any) -> None:
    served.faults["a.bin"] = [fault(cut_after=2_000_000), *[fault(cut_after=0) for _ in range(9)]]
    with pytest.raises(UsageError, match=r"a\.bin: the connection broke after 2000000 bytes .*goes on from there"):
        get([a_bin(served, tmp_path)])
    assert names(tmp_path) == ["a.bin.part", "a.bin.part.from"]
    served.faults["a.bin"].clear()
    served.asked.clear()
    watched = get([a_bin(served, tmp_path)])
    assert served.ranges("a.bin") == ["bytes=2000000-"]
    assert names(tmp_path) == ["a.bin"]
    assert watched.bytes == len(CONTENT)


def test_two_versions_of_a_file_are_never_joined(served: Any, tmp_path: Path, fault: Any) -> None:
    served.faults["a.bin"] = [fault(cut_after=2_000_000), *[fault(cut_after=0) for _ in range(9)]]
    with pytest.raises(UsageError):
        get([a_bin(served, tmp_path)])
    served.faults["a.bin"].clear()
    served.files["a.bin"] = bytes(reversed(CONTENT))
    watched = get([a_bin(served, tmp_path, checksum="")])
    assert (tmp_path / "sub" / "a.bin").read_bytes() == bytes(reversed(CONTENT))
    assert watched.bytes == len(CONTENT)


@pytest.mark.parametrize("habit", ["ignores_ranges", "without_tag"])
def test_a_host_that_cannot_resume_starts_over(served: Any, tmp_path: Path, fault: Any, habit: str) -> None:
    served.faults["a.bin"] = [fault(cut_after=2_000_000, **{habit: True}), fault(**{habit: True})]
    watched = get([a_bin(served, tmp_path)])
    assert (tmp_path / "sub" / "a.bin").read_bytes() == CONTENT
    assert watched.bytes == len(CONTENT)


def test_a_host_that_cuts_every_time_at_the_same_place_is_given_up(served: Any, tmp_path: Path, fault: Any) -> None:
    served.faults["a.bin"] = [fault(cut_after=2_000_000, ignores_ranges=True) for _ in range(20)]
    with pytest.raises(UsageError, match="the connection broke after 2000000 bytes"):
        get([a_bin(served, tmp_path)])
    assert len(served.ranges("a.bin")) == resume.RETRIES + 2


def test_a_part_that_is_complete_already_is_verified_and_taken(served: Any, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.bin.part").write_bytes(CONTENT)
    (tmp_path / "sub" / "a.bin.part.from").write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
    get([a_bin(served, tmp_path)])
    assert served.ranges("a.bin") == ["bytes=5000000-"]
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("checksum", ["sha256:" + "0" * 64, "git:" + "0" * 40])
def test_a_wrong_checksum_leaves_nothing(served: Any, tmp_path: Path, checksum: str) -> None:
    with pytest.raises(UsageError, match=r"a\.bin: its (sha256|git) checksum is not 0000000000000000\.\.\."):
        get([a_bin(served, tmp_path, checksum=checksum)])
    assert names(tmp_path) == []


def test_a_file_that_is_shorter_than_it_should_be_leaves_nothing(served: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the host announces 5000000 bytes, 5000001 were expected"):
        get([a_bin(served, tmp_path, size=len(CONTENT) + 1)])
    assert names(tmp_path) == []


def test_a_missing_file_is_named_and_the_others_are_got(served: Any, tmp_path: Path) -> None:
    gone = fetch.RemoteFile(served.url("gone.bin"), tmp_path / "gone.bin")
    with pytest.raises(UsageError, match=r"1 of 2 files could not be got: \S+/gone\.bin: the host answers 404"):
        get([gone, a_bin(served, tmp_path)])
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("status", [503, 429, 500])
def test_a_busy_host_is_asked_again(served: Any, tmp_path: Path, fault: Any, status: int) -> None:
    served.faults["a.bin"] = [fault(status=status), fault(status=status)]
    get([a_bin(served, tmp_path)])
    assert len(served.ranges("a.bin")) == 3
    assert names(tmp_path) == ["a.bin"]


def test_a_host_that_stays_busy_is_reported(served: Any, tmp_path: Path, fault: Any) -> None:
    served.faults["a.bin"] = [fault(status=503) for _ in range(30)]
    with pytest.raises(UsageError, match=r"a\.bin: the host is busy \(status 503, 6 tries\)"):
        get([a_bin(served, tmp_path)])
    assert names(tmp_path) == []


def test_a_host_that_is_not_there_is_reported(tmp_path: Path) -> None:
    nowhere = fetch.RemoteFile("http://127.0.0.1:9/a.bin", tmp_path / "a.bin")
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9/a\.bin: cannot be reached"):
        get([nowhere])
    assert names(tmp_path) == []


def test_too_little_space_is_said_before_anything_is_asked(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with pytest.raises(UsageError, match=r"5\.0 MB are still to come, 1\.0 MB are free"):
        get([a_bin(served, tmp_path)])
    assert served.asked == []


def test_a_disk_that_fills_up_ends_everything_and_leaves_no_half_file(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > 3_000_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    real = Path.open

    def opened(path: Path, mode: str = "r", **options: Any) -> Any:
        return Full(path, mode) if path.suffix == ".part" and "a" in mode else real(path, mode, **options)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(UsageError, match=r"2 of 2 files could not be got: \S+sub: the disk is full; a\.bin\.part was"):
        get([a_bin(served, tmp_path), fetch.RemoteFile(served.url("a.bin"), tmp_path / "b.bin")])
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_reported(served: Any, tmp_path: Path) -> None:
    (tmp_path / "sub").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match=r"a\.bin: cannot be written"):
        get([a_bin(served, tmp_path)])


def test_no_more_files_at_once_than_jobs(served: Any, tmp_path: Path, fault: Any) -> None:
    go = threading.Event()
    files = []
    for number in range(8):
        served.files[f"{number}.bin"] = b"x"
        served.faults[f"{number}.bin"] = [fault(wait=go)]
        files.append(fetch.RemoteFile(served.url(f"{number}.bin"), tmp_path / f"{number}.bin"))
    threading.Timer(0.3, go.set).start()
    get(files, jobs=3)
    assert served.busiest == 3
    assert len(names(tmp_path)) == 8


@pytest.mark.parametrize("jobs", [0, 5])
def test_impolite_numbers_of_jobs_are_refused(tmp_path: Path, jobs: int) -> None:
    with pytest.raises(UsageError, match=f"--jobs {jobs}: 1 to 4"):
        get([], jobs=jobs)


def test_an_interrupt_ends_the_downloads_and_keeps_what_came(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = resume.Host(first_wait=0.001)

    class Interrupting(Watched):
        def arrived(self, count: int) -> None:
            super().arrived(count)
            if self.bytes:
                host.stop.set()

    with pytest.raises(UsageError, match="stopped"):
        fetch.download([a_bin(served, tmp_path)], jobs=1, host=host, progress=Interrupting())
    assert names(tmp_path) == ["a.bin.part", "a.bin.part.from"]
    get([a_bin(served, tmp_path)])
    assert (tmp_path / "sub" / "a.bin").read_bytes() == CONTENT


def test_a_file_that_another_process_is_downloading_is_left_alone(served: Any, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "sub").mkdir()
    with (tmp_path / "sub" / "a.bin.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b"half")
        other.flush()
        with pytest.raises(UsageError, match=r"a\.bin\.part: another process is downloading this file"):
            get([a_bin(served, tmp_path)])
    assert (tmp_path / "sub" / "a.bin.part").read_bytes() == b"half"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2_945_129, "2.9 MB"), (16e10, "160.0 GB")]
)
def test_sizes_are_readable(size: float, text: str) -> None:
    assert fetch.readable(size) == text
