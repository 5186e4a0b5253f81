"""Sizes as a person reads them."""

import pytest

from benchmarks.byte_size import written_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.00 KiB"),
        (437 * 2**20, "437 MiB"),
        (900 * 2**20, "900 MiB"),
        (1023.4 * 2**20, "1023 MiB"),
        (1023.6 * 2**20, "1.00 GiB"),
        (1200 * 2**20, "1.17 GiB"),
        (9.996 * 2**30, "10.0 GiB"),
        (15.62 * 2**30, "15.6 GiB"),
        (99.96 * 2**30, "100 GiB"),
        (5000 * 2**40, "5000 TiB"),
    ],
)
def test_the_unit_fits_and_three_digits_are_told(size: float, text: str) -> None:
    assert written_size(size) == text
