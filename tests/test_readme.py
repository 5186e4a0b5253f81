"""The README tells the truth about the commands it names."""

import configparser
import re
from pathlib import Path

import pytest

from benchmarks.catalog.registry import dataset_cards, method_cards
from benchmarks.commandline.app import VERBS


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


def test_the_verbs_it_names_exist(readme: str) -> None:
    assert set(re.findall(r"(?:python -m benchmarks|survival-benchmarks) ([a-z]+)", readme)) <= set(VERBS)


def test_it_lists_every_method_and_dataset(readme: str) -> None:
    for name in [*method_cards(), *dataset_cards()]:
        family = re.sub(r"^tcga-.*", "tcga-<cancer>", name)
        assert f"`{name}`" in readme or f"`{family}`" in readme, f"{name} is not in the README"
