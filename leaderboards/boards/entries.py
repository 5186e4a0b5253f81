"""What stands in a row of a board: a method with its settings and what it was shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.code_checksum import code_identity
from benchmarks.catalog.registry import dataset_card, method_card
from benchmarks.encoders.known_models import label_of
from benchmarks.errors import UsageError
from benchmarks.passed_on import without_paths
from benchmarks.protocol.extra_data import TOLD
from benchmarks.scoring.design import Place
from benchmarks.scoring.influence import CellInfluence
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.types import Cell
from benchmarks.types.canonical import canonical_json

# The label of a row whose method has learnt from patients outside of the dataset.
EXTRA_DATA = "extra data"
# That of a row which reads what was made with all patients of the dataset, those of the test part among them.
TRANSDUCTIVE = "transductive"
# That of a row whose predictions were made outside of the suite.
MADE_BY = "made by"

_FURTHER = {
    "entry": "the class",
    "code_sha256": "the method's code",
    "libraries": "the versions of its libraries",
    "threads": "the number of threads",
    "device": "the device",
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Entry:
    """The cells of one method with one set of settings and modalities on one dataset.

    Parameters
    ----------
    method : str
        Name.
    config : mapping
        All settings.
    settings : str
        Those in which the entries of this method differ, as ``key=value``; empty if they have the same.
    modalities : tuple of str
        What it was shown.
    shuffled : tuple of str
        Those of them whose rows were permuted among the patients: a control, never a reference of a gain.
    tuning : mapping
        How its settings were chosen within each cell (``Cell.tuning``); empty if they are as ``config`` says.
    recalibrated : bool
        Whether its curves were recalibrated on the validation part.
    cells : sequence of ScoredCell
        One for each repeat and fold at most, in their order.
    """

    method: str
    config: Mapping[str, Any]
    settings: str
    modalities: tuple[str, ...]
    cells: Sequence[ScoredCell]
    shuffled: tuple[str, ...] = ()
    tuning: Mapping[str, Any] = field(default_factory=dict)
    recalibrated: bool = False

    @property
    def influence(self) -> dict[Place, CellInfluence]:
        """Influence of the test patients by (repeat, fold), of the cells that are ok."""
        places = {(cell.record.cell.repeat, cell.record.cell.fold): cell.influence for cell in self.cells}
        return {place: own for place, own in places.items() if own is not None}

    @property
    def labels(self) -> dict[str, str]:
        """Backbone, teacher and the like by the method's card, what its modalities are by the dataset's.

        ``{setting}`` or ``{option}`` in one is the value; one that the cells do not have (another state of method or
        dataset wrote them) is ``unknown``.
        """
        card = _card(self.method)
        labels = {} if card is None else _filled(card.labels, self.config)
        if self.cells:
            cell = self.cells[0].record.cell
            of_modalities = {name: text for name, text in _labels_of(cell.dataset).items() if name in self.modalities}
            labels |= _filled(of_modalities, cell.dataset_options)
            if made_on_all := _transductive(cell.dataset, cell.dataset_options, self.modalities):
                labels[TRANSDUCTIVE] = "+".join(made_on_all)
            if told := told_extra_data(cell):
                labels[EXTRA_DATA] = told
            if self.external:
                labels[MADE_BY] = str(self.config.get("made_by", "unknown"))
        return labels

    @property
    def external(self) -> bool:
        """Whether the predictions were made outside of the suite."""
        return any(cell.record.cell.external for cell in self.cells)

    @property
    def chosen_here(self) -> bool:
        """Whether its settings are defaults that were chosen on training and validation patients of this dataset."""
        card = _card(self.method)
        return card is not None and not self.tuning and self.cells[0].record.cell.dataset in card.chosen_on


def entries_of(cells: Sequence[ScoredCell]) -> list[Entry]:
    """Group the cells of one dataset into entries.

    Of cells that differ in code or libraries only, those of the present code stand: an edited method replaces what
    it was.

    Raises
    ------
    UsageError
        If a fold of an entry was run twice and neither is the present code's.
    """
    grouped: dict[tuple[str, bytes, tuple[str, ...], tuple[str, ...], bytes, bool], list[ScoredCell]] = {}
    for scored in cells:
        cell = scored.record.cell
        key = (
            cell.method,
            canonical_json(cell.config),
            cell.modalities,
            cell.shuffled,
            canonical_json(cell.tuning),
            cell.recalibrated,
        )
        grouped.setdefault(key, []).append(scored)
    configs: dict[str, list[Mapping[str, Any]]] = {}
    for members in grouped.values():
        first = members[0].record.cell
        configs.setdefault(first.method, []).append(first.config)
    return [
        Entry(
            method=method,
            config=members[0].record.cell.config,
            settings=_differing(members[0].record.cell.config, configs[method]),
            modalities=modalities,
            cells=_once(members),
            shuffled=shuffled,
            tuning=members[0].record.cell.tuning,
            recalibrated=recalibrated,
        )
        for (method, _, modalities, shuffled, _, recalibrated), members in grouped.items()
    ]


def _differing(config: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name in config if any(other.get(name) != config[name] for other in others)]
    return ", ".join(f"{name}={without_paths(str(config[name]))}" for name in names)


def _once(cells: Sequence[ScoredCell]) -> list[ScoredCell]:
    """Return one cell per place, in order, preferring those of the present code."""
    places: dict[tuple[int, int], list[ScoredCell]] = {}
    for cell in cells:
        places.setdefault((cell.record.cell.repeat, cell.record.cell.fold), []).append(cell)
    chosen = []
    for _, found in sorted(places.items()):
        present = found if len(found) == 1 else [cell for cell in found if _is_present(cell.record.cell)]
        if len(present) != 1:
            raise _twice(found[0].record.cell, found[1].record.cell)
        chosen.append(present[0])
    return chosen


def _is_present(cell: Cell) -> bool:
    code = code_identity(cell.entry)
    return (code.sha256, code.libraries) == (cell.code_sha256, dict(cell.libraries))


def _twice(first: Cell, second: Cell) -> UsageError:
    differing = [what for name, what in _FURTHER.items() if getattr(first, name) != getattr(second, name)]
    return UsageError(
        f"{first.label} is stored twice, {first.key} and {second.key}, which differ in {' and '.join(differing)}: "
        "remove the folder of one"
    )


def told_extra_data(cell: Cell) -> str:
    """Return from whom beside the cohort a method has learnt: the larger dataset, and who of it; empty for nobody.

    Of external predictions their card says it.
    """
    extra_data = cell.extra_data
    if cell.external:
        return str(cell.config.get("extra_data", ""))
    if not extra_data:
        return ""
    return f"{extra_data['dataset'].upper()}, {TOLD.get(extra_data['asked'], extra_data['asked'])}"


def _card(method: str) -> MethodCard | None:
    """Return a method's card; None for one that was run elsewhere and is not installed here."""
    try:
        return method_card(method)
    except UsageError:
        return None


def _labels_of(dataset: str) -> Mapping[str, str]:
    """Return the labels of a dataset's modalities; none if it is not known here."""
    try:
        return dataset_card(dataset).labels
    except UsageError:
        return {}


def _transductive(dataset: str, options: Mapping[str, Any], modalities: Sequence[str]) -> list[str]:
    """Return which of some modalities were made with all patients of a dataset, by its card."""
    try:
        declared = dataset_card(dataset).transductive
    except UsageError:
        return []
    return [
        modality
        for modality in modalities
        if modality in declared and all(options.get(name) == value for name, value in declared[modality].items())
    ]


def _filled(labels: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    known = defaultdict(lambda: "unknown", {name: label_of(value) for name, value in values.items()})
    return {name: text.format_map(known) for name, text in labels.items()}
