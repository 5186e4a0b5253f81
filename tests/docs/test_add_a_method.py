"""The example of the page is a complete method: copied into a folder, it runs as the page says, tuned and with gaps.

That it is verified, and what is printed then, is tested beside the other output that pages show.
"""

import re
from pathlib import Path

import pytest

from tests.docs.written_output import ADD_A_METHOD, EXAMPLES, put_example, run

PAGE = ADD_A_METHOD.read_text()
SHOWN = re.findall(r"```\{literalinclude\} examples/(\S+)", PAGE)
# Those with their output shown begin with a prompt.
COMMANDS = re.findall(r"^python -m benchmarks run .*neighbours.*$", PAGE, flags=re.MULTILINE)


def test_the_page_shows_all_of_the_method() -> None:
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("neighbours/*") if path.is_file()}
    assert set(SHOWN) == files - {"neighbours/__init__.py"}
    assert (EXAMPLES / "neighbours" / "__init__.py").read_text() == ""
    assert len(COMMANDS) == 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_does_what_it_says(command: str, tmp_path: Path) -> None:
    put_example(tmp_path)
    assert "fail" not in run(command, tmp_path)
