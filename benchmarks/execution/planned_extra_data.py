"""What the cells of a plan say of their extra data; a larger dataset is read once for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.errors import UsageError
from benchmarks.execution.shared_data import DatasetRequest
from benchmarks.protocol.extra_data import TOLD, extra_cohort
from benchmarks.types import Cohort, Split


class PlannedExtraData:
    """The larger datasets of a plan, by the key of their request."""

    def __init__(self) -> None:
        self._read: dict[str, Cohort] = {}

    def of_cells(
        self,
        card: MethodCard,
        config: Mapping[str, Any],
        loaded: LoadedDataset,
        options: Mapping[str, Any],
        split: Split,
        modalities: Sequence[str],
    ) -> dict[str, Any]:
        """Return ``Cell.extra_data``: empty if the method of these settings asks for none.

        Parameters
        ----------
        card, config
            Of the method.
        loaded, options
            The evaluated dataset.
        split : Split
            Any of its splits: they all divide the same patients.
        modalities : sequence of str
            What the method is shown.

        Raises
        ------
        UsageError
            If it asks for patients whom the suite does not know of, or there are none.
        """
        asked = card.extra_data.asked(config)
        if not asked:
            return {}
        if asked not in TOLD:
            raise UsageError(f"{card.name}: {card.extra_data.setting}={asked} is none of {', '.join(TOLD)}")
        name = loaded.card.part_of
        request = DatasetRequest.of_extra(name, options)
        if request.key not in self._read:
            self._read[request.key] = load_dataset(name, request.options).cohort
        shown = [modality for modality in card.extra_data.modalities if modality in modalities]
        try:
            extra = extra_cohort(self._read[request.key], loaded.cohort, split, asked, shown)
        except UsageError as error:
            raise UsageError(f"{loaded.card.name}: {error}") from None
        return {"dataset": name, "asked": asked, "modalities": shown, "sha256": sha256_of_cohort(extra)}
