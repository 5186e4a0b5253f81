"""The one tabular preprocessor: a table of typed covariates to a matrix of standardised numbers."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.types import FloatArray, Table

RARE_SHARE = 0.01


class TabularPreprocessor:
    """Impute, flag, encode and scale, with everything learnt from the rows given to ``fit``.

    Numbers: median, and a 0/1 flag for each column with missing values. Categories: most frequent level and the
    same flag, levels in less than ``RARE_SHARE`` of the rows merged, one-hot with the first level dropped; a level
    that ``fit`` has not seen counts as missing. All values of a patient without the table count as missing, whatever
    stands in the place. Columns that are constant in ``fit`` are dropped, the others brought to mean 0 and variance 1.
    """

    def fit(self, table: Table) -> "TabularPreprocessor":
        """Learn levels, medians, means and variances from a table of n rows."""
        table = table.blanked()
        self._numeric, self._categorical = table.numeric, table.categorical
        self._levels = {name: set(table.frame[name].dropna().unique()) for name in self._categorical}
        numbers = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        levels = SimpleImputer(
            missing_values=None, strategy="most_frequent", add_indicator=True, keep_empty_features=True
        )
        merged = OneHotEncoder(
            drop="first",
            min_frequency=max(1, int(np.ceil(RARE_SHARE * len(table)))),
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        )
        # The encoder sees the imputed levels; their missing flags, appended by the imputer, are 0/1 already and pass
        # through the encoder as two-level columns.
        encode = ColumnTransformer(
            [
                ("numbers", numbers, self._numeric),
                ("levels", make_pipeline(levels, merged), self._categorical),
            ],
            sparse_threshold=0,
        )
        self._pipeline = Pipeline([("encode", encode), ("varying", VarianceThreshold()), ("scale", StandardScaler())])
        self._pipeline.fit(self._frame(table))
        return self

    def transform(self, table: Table) -> FloatArray:
        """Return the features of a table with the same columns, shape (n, p)."""
        features: FloatArray = np.asarray(self._pipeline.transform(self._frame(table.blanked())), dtype=np.float64)
        return features

    @property
    def names(self) -> list[str]:
        """Names of the p features."""
        names = self._pipeline[:-1].get_feature_names_out()
        return [str(name).partition("__")[2] for name in names]

    def _frame(self, table: Table) -> pd.DataFrame:
        """Return the columns as the pipeline wants them: float64, and objects with None for missing or unseen."""
        columns: dict[str, object] = {name: table.frame[name] for name in self._numeric}
        for name in self._categorical:
            levels = self._levels[name]
            columns[name] = [level if level in levels else None for level in table.frame[name].astype(object)]
        return pd.DataFrame(columns, index=table.frame.index)
