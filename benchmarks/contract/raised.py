"""Where a method raised: the last line of its own code that an error passed through."""

import inspect
import traceback
from collections.abc import Iterator
from pathlib import Path


def place_in_method(error: BaseException, method_class: type) -> str:
    """Return ``file:line, in function`` of the last frame in the method's own folder; empty if none is there.

    Parameters
    ----------
    error : exception
        What was raised. Of an error raised from another one, the frames of both count.
    method_class : type
        The method's class; its own code is what lies in the folder of its module, less installed packages below it.
    """
    folder = Path(inspect.getfile(method_class)).resolve().parent
    for raised in _chain(error):
        own = [frame for frame in traceback.extract_tb(raised.__traceback__) if _is_in(folder, Path(frame.filename))]
        if own:
            return f"{_shown(Path(own[-1].filename))}:{own[-1].lineno}, in {own[-1].name}"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, the error itself first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__


def _is_in(folder: Path, file: Path) -> bool:
    file = file.resolve()
    return file.is_relative_to(folder) and "site-packages" not in file.relative_to(folder).parts


def _shown(file: Path) -> Path:
    """Return a path as one types it: relative to the working directory where it lies below it."""
    file, here = file.resolve(), Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
