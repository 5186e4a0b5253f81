"""Several names in one text, as options of the command line take them."""

from benchmarks.errors import UsageError


def comma_list(text: str, what: str) -> list[str]:
    """Return the names in a comma-separated text, in their order.

    Blanks around a name are stripped, empty entries (``a,,b`` or ``a,``) are dropped, and a name given twice counts
    once.

    Parameters
    ----------
    text : str
        The names.
    what : str
        What one of them is, for the message.

    Raises
    ------
    UsageError
        If no name is left.
    """
    names = [name.strip() for name in text.split(",")]
    found = list(dict.fromkeys(name for name in names if name))
    if not found:
        raise UsageError(f"no {what} is named")
    return found
