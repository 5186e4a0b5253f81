"""Columns that enough training patients tell something in."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Table
from methods.shared.features.common_columns import CommonColumns


def _table(n: int = 100) -> Table:
    row = np.arange(n)
    return Table(
        pd.DataFrame(
            {
                "age": 40.0 + row % 40,
                "often_missing": np.where(row % 2 == 0, np.nan, row),
                "seldom_missing": np.where(row < 3, np.nan, row),
                "kind": np.where(row < 60, "common", np.where(row < 96, "second", "rare")),
            }
        )
    )


def test_a_flag_stands_where_5_to_95_percent_are_missing() -> None:
    assert CommonColumns().fit(_table()).names == [
        "age",
        "often_missing",
        "often_missing?",
        "seldom_missing",
        "kind=second",
    ]


def test_a_rare_level_a_missing_and_an_unseen_one_count_as_the_commonest() -> None:
    columns = CommonColumns().fit(_table())
    frame = pd.DataFrame(
        {"age": 50.0, "often_missing": 1.0, "seldom_missing": 1.0, "kind": ["common", "rare", None, "new"]}
    )
    found = columns.transform(Table(frame))
    assert (found == found[0]).all()


def test_age_may_bend_at_its_quantile() -> None:
    table = _table()
    columns = CommonColumns(hinge={"age": 0.6}).fit(table)
    knot = np.quantile(table.frame["age"], 0.6)
    bent = np.maximum(table.frame["age"] - knot, 0)
    place = columns.names.index("age>")
    np.testing.assert_allclose(columns.transform(table)[:, place], (bent - bent.mean()) / bent.std(ddof=0))


def test_a_missing_number_is_the_median() -> None:
    table = _table()
    columns = CommonColumns().fit(table)
    frame = table.frame.iloc[:2].copy()
    frame["seldom_missing"] = [np.nan, table.frame["seldom_missing"].median()]
    place = columns.names.index("seldom_missing")
    found = columns.transform(Table(frame))[:, place]
    assert found[0] == found[1]


def test_the_order_of_equally_common_levels_changes_nothing() -> None:
    words = ["x", "y"] * 50
    one = CommonColumns().fit(Table(pd.DataFrame({"kind": pd.Categorical(words, ["x", "y"])}))).names
    other = CommonColumns().fit(Table(pd.DataFrame({"kind": pd.Categorical(words, ["y", "x"])}))).names
    assert one == other == ["kind=y"]


def test_nothing_that_varies_is_an_error() -> None:
    with pytest.raises(ValueError, match="no column is known of enough training patients"):
        CommonColumns().fit(Table(pd.DataFrame({"same": [1.0, 1.0, 1.0]})))
