"""Genes in groups: the columns of molecular tables as the vectors of tokens, one token for each set of genes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Context, FloatArray, IntArray, Matrix, Patients
from methods.shared.features.components import ModalityVectors
from methods.shared.features.modality_blocks import Blocks

GeneSets: TypeAlias = Literal["families", "hallmark", "reactome", "components"]
COMPONENTS = "components"

ADVICE = "set gene_sets=components to make tokens of principal components instead"


class GeneTokens:
    """Vectors of the tokens of every molecular modality, with everything learnt from the patients given to ``fit``.

    A gene set is a token: its columns, standardised robustly and cut at +-5 (``ModalityVectors``). A column may be in
    several sets; one in none is not used. A set none of whose columns varies among the training patients is left out.
    With ``components`` a token is a group of successive principal components, those of the largest variance first:
    for matrices whose columns are no genes.

    Parameters
    ----------
    gene_sets : {"families", "hallmark", "reactome", "components"}
        Which collection of sets, or components. With a collection the matrices that carry it are molecular, with
        ``components`` all matrices are.
    components : int
        Most principal components of a matrix, with ``components``.
    groups : int
        Tokens they are split into.
    seed : int
        Of the randomised decomposition.
    """

    def __init__(self, gene_sets: GeneSets, components: int, groups: int, seed: int) -> None:
        self.gene_sets: GeneSets = gene_sets
        self.components = components
        self.groups = groups
        self.seed = seed

    def fit(self, patients: Patients, context: Context) -> "GeneTokens":
        """Learn from the training patients; the log tells how many columns are used and which sets are left out.

        Raises
        ------
        UsageError
            If no matrix carries the collection, or one has a column of no set; it says what to do.
        ValueError
            If fewer than two patients have a molecular modality; it names it.
        """
        self._of: dict[str, _ModalityTokens] = {}
        for name, matrix in self._molecular(patients).items():
            if matrix.present.sum() < 2:
                raise ValueError(f"modality {name!r}: fewer than 2 training patients have it")
            by_set = self.gene_sets != COMPONENTS
            self._of[name] = self._sets_of(name, matrix, context) if by_set else self._groups_of(matrix)
        return self

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the molecular modalities, sorted."""
        return tuple(self._of)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all tokens, those of one modality after the other; with the modality where there are several."""
        several = len(self._of) > 1
        return tuple(
            f"{modality}: {name}" if several else name for modality, tokens in self._of.items() for name in tokens.names
        )

    @property
    def sizes(self) -> tuple[tuple[int, ...], ...]:
        """Columns of each token, by modality."""
        return tuple(tokens.sizes for tokens in self._of.values())

    def transform(self, patients: Patients) -> Blocks:
        """Return the vectors of n patients: of each modality its tokens side by side; 0 for who does not have it."""
        vectors = tuple(tokens.transform(patients.matrix(name)) for name, tokens in self._of.items())
        present = np.stack([patients.matrix(name).present for name in self._of], axis=1)
        return Blocks(vectors, present)

    def _molecular(self, patients: Patients) -> dict[str, Matrix]:
        every = {name: one for name, one in sorted(patients.modalities.items()) if isinstance(one, Matrix)}
        if not every:
            raise UsageError(f"no molecular modality among {', '.join(patients.modalities)}: add one, such as rna")
        if self.gene_sets == COMPONENTS:
            return every
        carrying = {name: matrix for name, matrix in every.items() if self.gene_sets in matrix.column_sets}
        if not carrying:
            raise UsageError(
                f"gene_sets={self.gene_sets}: {', '.join(every)} has none; they come with TCGA's expression, copy "
                f"numbers and mutations where their file is in the data folder; or {ADVICE}"
            )
        return carrying

    def _sets_of(self, name: str, matrix: Matrix, context: Context) -> "_ModalityTokens":
        sets = matrix.column_sets[self.gene_sets]
        place_of = {column: place for place, column in enumerate(matrix.names)}
        parts: dict[str, _Part] = {}
        left_out = []
        for set_name, columns in sets.items():
            places = np.array([place_of[column] for column in columns], dtype=np.int64)
            part = _Part.of_varying(matrix, places, self.seed)
            if part is None:
                left_out.append(set_name)
            else:
                parts[set_name] = part
        if not parts:
            raise UsageError(
                f"gene_sets={self.gene_sets}: no column of {name} that varies is a gene of any set; choose another "
                f"collection, leave {name} out of --modalities, or {ADVICE}"
            )
        used = len({column for columns in sets.values() for column in columns})
        context.logger.info(
            "%s: %d of %d columns are in the sets of %s, %d are in none and not used; %d tokens; sets without a column "
            "that varies, left out: %s",
            name,
            used,
            len(matrix.names),
            self.gene_sets,
            len(matrix.names) - used,
            len(parts),
            ", ".join(left_out) or "none",
        )
        sizes = tuple(part.vectors.width for part in parts.values())
        return _ModalityTokens(tuple(parts), sizes, tuple(parts.values()))

    def _groups_of(self, matrix: Matrix) -> "_ModalityTokens":
        everything = np.arange(len(matrix.names))
        vectors = ModalityVectors(self.components, self.seed, flag_missing=False).fit(matrix)
        groups = [group for group in np.array_split(np.arange(vectors.width), self.groups) if len(group)]
        names = tuple(f"components {group[0] + 1}-{group[-1] + 1}" for group in groups)
        return _ModalityTokens(names, tuple(len(group) for group in groups), (_Part(everything, vectors),))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Some columns of a matrix, and what makes them into vectors."""

    places: IntArray
    vectors: ModalityVectors

    @classmethod
    def of_varying(cls, matrix: Matrix, places: IntArray, seed: int) -> "_Part | None":
        """Learn the standardised columns at some places; None if none of them varies among those who have them."""
        part = cls(places, ModalityVectors(0, seed, flag_missing=False))
        chosen = part.columns(matrix)
        of_present = chosen.values[chosen.present]
        known = ~np.isnan(of_present)
        lowest = np.where(known, of_present, np.inf).min(axis=0)
        highest = np.where(known, of_present, -np.inf).max(axis=0)
        if not (highest > lowest).any():
            return None
        part.vectors.fit(chosen)
        return part

    def columns(self, matrix: Matrix) -> Matrix:
        return Matrix(
            matrix.values[:, self.places], tuple(matrix.names[place] for place in self.places), matrix.present
        )


@dataclass(frozen=True, slots=True, eq=False)
class _ModalityTokens:
    """Names and sizes of the tokens of a modality, and the parts that make their vectors, in their order."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    parts: tuple[_Part, ...]

    def transform(self, matrix: Matrix) -> FloatArray:
        return np.concatenate([part.vectors.transform(part.columns(matrix)) for part in self.parts], axis=1)
