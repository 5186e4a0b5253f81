"""A file is there whole or not at all."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.atomic_write import replacing, write_atomically


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stood_there_stays_if_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def write_until_the_disk_is_full() -> None:
        with replacing(path) as unfinished:
            unfinished.write_bytes(b"ne")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_until_the_disk_is_full()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unfinished_file_matches_no_pattern_of_its_kind_and_tells_its_process(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.json") as unfinished:
        unfinished.write_bytes(b"new")
        assert list(tmp_path.glob("*.json")) == []
        assert str(os.getpid()) in unfinished.name.split("-")


def test_two_writers_of_one_process_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with replacing(path) as first, replacing(path) as second:
        first.write_bytes(b"first")
        second.write_bytes(b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_part_while_threads_and_processes_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    contents = {bytes([letter]) * 100_000 for letter in b"abc"}
    write_atomically(path, b"a" * 100_000)
    writing = f"""
from pathlib import Path
from benchmarks.atomic_write import write_atomically
for _ in range(30):
    write_atomically(Path({str(path)!r}), b"b" * 100_000)
"""
    other = subprocess.Popen([sys.executable, "-c", writing])
    threads = [
        threading.Thread(target=lambda: [write_atomically(path, b"c" * 100_000) for _ in range(30)]) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    while other.poll() is None or any(thread.is_alive() for thread in threads):
        assert path.read_bytes() in contents
    assert other.returncode == 0
    assert list(tmp_path.iterdir()) == [path]
