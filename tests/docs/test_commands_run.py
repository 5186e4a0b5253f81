"""The commands of the pages, run in the order of their page, each page in a folder of its own.

Of five folds one alone is run, the one that the page looks at: what is asked is whether the commands go through, not
what comes out. The pages of methods take hours together; ``-k quick_start`` runs one page.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.test_commands_of_pages import PAGES, commands
from tests.docs.written_output import put_example

#: What a reader has to put something of their own in place of, or has to have; tests of their own run these verbs.
OWN_PART = {
    r"tcp://|--shard": "a cluster",
    r"part-1": "the folders that several machines wrote",
    r"hf:": "a model of the reader's own",
    r"--device cuda": "a GPU",
    r"\bKEY\b": "the key of a cell",
    r"predictions\.csv|hospital_cox": "predictions of the reader's own",
    r"patients\.csv|cohort\.toml": "a table of the reader's own",
    r"pack-bags": "slides of the reader's own",
    r"data fetch|models fetch": "a network",
    r"my_method|my-model": "a method or model of the reader's own",
    r"--accept": "it changes the references",
    r"verify ": "it is run by the test of the page's output",
}
#: Settings or words behind which a run takes an hour or more on one core.
LONG = r"smollm2|models embed|--split (site|cancer)|check --against|--publish |--dataset tcga "

#: Pages of reference, which tell how a board is read before they tell how one is made.
RUNS_FIRST = {"leaderboards.md"}


def test_what_is_left_out_is_on_a_page() -> None:
    every = [command for page in PAGES for command in commands(page.read_text(encoding="utf-8"))]
    unused = [pattern for pattern in OWN_PART if not any(re.search(pattern, command) for command in every)]
    assert unused == []


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES])
def test_the_commands_of_a_page_go_through(page: Path, tmp_path: Path) -> None:
    data = os.environ.get("BENCHMARKS_DATA")
    put_example(tmp_path)
    ran = []
    (tmp_path / "leaderboards").symlink_to(ROOT / "leaderboards")
    every = list(dict.fromkeys(commands(page.read_text(encoding="utf-8"))))
    looked_at = re.search(r"^show .*--fold (\d)", "\n".join(every), flags=re.MULTILINE)
    fold = looked_at[1] if looked_at else "0"
    if page.name in RUNS_FIRST:
        every = sorted(every, key=lambda command: not command.startswith("run "))
    for command in every:
        if re.search("|".join((*OWN_PART, LONG)), command):
            continue
        if data is None and re.search(r"tcga|DATA", command):
            continue
        arguments = shlex.split(command.replace("DATA", data or ""), comments=True)
        if arguments[0] == "run" and "--fold" not in arguments:
            arguments += ["--fold", fold]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.returncode, command, flush=True)
        ran.append((done.returncode, command, done.stderr[-2000:]))
    failed = [one for one in ran if one[0] != 0]
    if not ran:
        pytest.skip("no command of this page can be run as it stands here")
    assert failed == []
