"""Sizes of memory as a person reads them."""

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def written_size(size: float) -> str:
    """Return a number of bytes with three digits in the unit of 1024 that fits: ``437 MiB``, ``1.17 GiB``.

    Parameters
    ----------
    size : float
        Bytes, not negative.
    """
    place = 0
    # What would be rounded to 1024 of a unit is 1 of the next.
    while round(size) >= 1024 and place < len(UNITS) - 1:
        size, place = size / 1024, place + 1
    decimals = 0 if place == 0 or round(size, 1) >= 100 else 1 if round(size, 2) >= 10 else 2
    return f"{size:.{decimals}f} {UNITS[place]}"
