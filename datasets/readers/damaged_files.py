"""Whatever a library raises that is misled by a damaged or foreign file: one line that names the file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.errors import UsageError
from benchmarks.plain_text import one_line

LONGEST_PROBLEM = 300


@contextmanager
def told_in_one_line(where: str, problem: str = "cannot be read") -> Iterator[None]:
    """Turn every error of the block into a ``UsageError`` that begins with ``where``.

    Only the calls of libraries that read the file belong into the block: which errors a damaged file leads them to,
    none of them says. What is a ``UsageError`` already stays as it is.

    Parameters
    ----------
    where : str
        The file, and the patient if it is one's.
    problem : str
        What is the matter.
    """
    try:
        with warnings.catch_warnings():
            # What a library warns of a damaged file would stand between the lines of a table.
            warnings.simplefilter("ignore")
            yield
    except UsageError:
        raise
    except FileNotFoundError:
        raise UsageError(f"{where} is missing") from None
    except MemoryError:
        raise UsageError(f"{where}: does not fit into memory") from None
    except OSError as error:
        told = error.strerror or str(error) or type(error).__name__
        raise UsageError(f"{where}: {problem}: {one_line(told, LONGEST_PROBLEM)}") from None
    except Exception as error:
        told = str(error).strip() or type(error).__name__
        raise UsageError(f"{where}: {problem}: {one_line(told, LONGEST_PROBLEM)}") from None
