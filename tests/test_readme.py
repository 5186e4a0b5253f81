"""The README tells the truth about what it names, on one screen."""

import configparser
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text()


def test_the_first_two_commands_are_main_job_and_tests(readme: str, root: Path) -> None:
    blocks = re.findall(r"```\n(.*?)```", readme, flags=re.DOTALL)
    assert blocks[0].strip().endswith("tox run -e bench")
    tests = blocks[1].strip()
    # What the continuous integration runs is what the README says, line by line.
    script = (root / ".ci" / "run").read_text()
    install, run = (part.strip() for part in tests.split("&&"))
    assert run in script
    assert install.removeprefix("python -m pip install ") in script


def test_the_environments_it_names_exist(readme: str, root: Path) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(root / "tox.ini")
    for name in re.findall(r"tox run -e ([a-z]+)", readme):
        assert f"testenv:{name}" in tox


def test_the_files_it_points_to_exist(readme: str, root: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", readme)
    assert links
    assert not [link for link in links if not (root / link).is_file()]


def test_it_is_one_screen(readme: str) -> None:
    assert len(readme.splitlines()) <= 60
