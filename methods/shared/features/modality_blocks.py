"""What fusion networks read: one vector per patient and modality, and which of them there are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import BoolArray, FloatArray, Patients
from methods.shared.features.components import Encoder, ModalityVectors


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Vectors of n patients.

    Parameters
    ----------
    vectors : tuple of arrays, each of shape (n, d_m)
        One array a modality; 0 in the place of a missing one.
    present : array of bool, shape (n, M)
        Which modalities each patient has.
    """

    vectors: tuple[FloatArray, ...]
    present: BoolArray

    def tensors(self, device: torch.device | str) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return vectors (float32) and presence on a device."""
        vectors = tuple(torch.as_tensor(values, dtype=torch.float32, device=device) for values in self.vectors)
        return vectors, torch.as_tensor(self.present, device=device)


class ModalityBlocks:
    """Vectors of every modality, with everything learnt from the patients given to ``fit``.

    As ``ModalityVectors`` makes them: a table's features, or the first components of anything wider, standardised.

    Parameters
    ----------
    components : int
        As of ``ModalityVectors``.
    seed : int
        Of the randomised decompositions.
    matrix : callable, optional
        As of ``ModalityVectors``.
    """

    def __init__(self, components: int, seed: int, *, matrix: Callable[[], Encoder] | None = None) -> None:
        self.components = components
        self.seed = seed
        self._matrix = matrix

    def fit(self, patients: Patients) -> "ModalityBlocks":
        """Learn from the training patients.

        Raises
        ------
        ValueError
            If fewer than two patients have a modality; it names it.
        """
        self.names = tuple(sorted(patients.modalities))
        self._vectors: dict[str, ModalityVectors] = {}
        for name in self.names:
            vectors = ModalityVectors(self.components, self.seed, flag_missing=False, matrix=self._matrix)
            try:
                self._vectors[name] = vectors.fit(patients.modalities[name])
            except ValueError as error:
                raise ValueError(f"modality {name!r}: {error}") from error
        return self

    @property
    def widths(self) -> tuple[int, ...]:
        """Width d_m of each modality's vectors, in the order of ``names``."""
        return tuple(self._vectors[name].width for name in self.names)

    def transform(self, patients: Patients) -> Blocks:
        """Return the vectors of n patients who have the same modalities, or some of them."""
        vectors = tuple(self._vectors[name].transform(patients.modalities[name]) for name in self.names)
        present = np.stack([patients.modalities[name].present for name in self.names], axis=1)
        return Blocks(vectors, present)
