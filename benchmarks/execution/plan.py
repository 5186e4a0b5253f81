"""A plan is a list of cells: every method on every fold of every dataset of a request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.catalog.cards import DatasetCard, MethodCard
from benchmarks.catalog.code_checksum import code_identity
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.catalog.registry import (
    EVERY_METHOD,
    dataset_card,
    expand,
    expand_datasets,
    load_entry,
    method_card,
    method_cards,
    unavailable,
)
from benchmarks.catalog.registry import dataset_cards as all_dataset_cards
from benchmarks.catalog.settings import (
    assign_settings,
    build_config,
    config_keys,
    config_type_of,
    dataset_options,
)
from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError, hint
from benchmarks.execution.planned_extra_data import PlannedExtraData
from benchmarks.execution.planned_method import PlannedMethod, plan_method
from benchmarks.execution.resources import check_device, check_seed, check_threads
from benchmarks.execution.stored_cell import PlannedPatients
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import STRATIFIED, NoEventError, repeats_for, splits_of
from benchmarks.types import Cell, Cohort, Split, Tuning

DEFAULT_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be run, as given by the user.

    Parameters
    ----------
    methods, datasets : str
        Comma-separated names; groups of methods are allowed.
    settings : sequence of str
        ``key=value`` texts.
    folds : int
        Folds of the split.
    only_folds : sequence of int or None
        The folds to run, of each repeat; None runs all. The split is that of all folds.
    repeats : int or None
        Repeats of the split; None takes as many as the number of events calls for.
    seed : int
        Seed of splits and fits.
    modalities : sequence of str or None
        What the methods may see; None is all the dataset has.
    threads : int
        Threads of a cell.
    device : str
        Torch device of the cells.
    split : str
        "stratified": splits drawn by the suite; "published": the folds that came with the dataset; else the name of a
        grouping of the dataset, of which one group at a time is left out.
    patients_with : sequence of str
        Restrict each dataset to patients who have all of these modalities (of those that it offers), whatever the
        methods may see.
    shuffle : sequence of str
        Modalities whose rows are permuted among the patients: a control of what methods that read them gain by them.
    merge_validation : bool
        Train on the validation part, too; methods that need one are skipped.
    recalibrate : bool
        Recalibrate the curves of each cell on its validation part.
    tuning : Tuning or None
        Choose settings within each cell; methods of which all settings are fixed are skipped.
    computed_here : bool
        This machine computes the cells, and so must have the device and the threads.
    """

    methods: str
    datasets: str
    settings: Sequence[str] = ()
    folds: int = DEFAULT_FOLDS
    repeats: int | None = 1
    seed: int = 0
    modalities: Sequence[str] | None = None
    threads: int = 1
    device: str = "cpu"
    split: str = STRATIFIED
    patients_with: Sequence[str] = ()
    only_folds: Sequence[int] | None = None
    shuffle: Sequence[str] = ()
    merge_validation: bool = False
    tuning: Tuning | None = None
    computed_here: bool = True
    recalibrate: bool = False


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell, and why it is skipped if it is."""

    cell: Cell
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request comes to.

    Parameters
    ----------
    cells : tuple of PlannedCell
        To run, or skipped.
    unavailable : dict of str to str
        Methods that cannot run here, with the reason; of all methods also those whose card is broken.
    protocols : dict of str to EvaluationProtocol
        Of each dataset.
    sizes : dict of str to (int, int)
        Patients and events of each dataset that are in a part of its splits; some are in no published fold.
    excluded : dict of str to int
        Patients of each dataset's source who were left out because they have no outcome.
    unscored : tuple of str
        Of which datasets some test parts will get no score, why, and what helps.
    patients : dict of (str, str) to PlannedPatients
        Who is in which part, by dataset and checksum of the split: what stored predictions are compared with.
    """

    cells: tuple[PlannedCell, ...]
    unavailable: dict[str, str] = field(default_factory=dict)
    protocols: dict[str, EvaluationProtocol] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()
    patients: dict[tuple[str, str], PlannedPatients] = field(default_factory=dict)


def make_plan(request: Request) -> Plan:
    """Check a request and list its cells, datasets outermost, then methods, repeats and folds.

    Raises
    ------
    UsageError
        If a name, setting, modality or number is not usable.
    """
    check_threads(request.threads, here=request.computed_here)
    check_seed(request.seed)
    if request.computed_here:
        check_device(request.device)
    dataset_cards = {name: dataset_card(name) for name in expand_datasets(request.datasets)}
    usable, config_types, reasons = _load_methods(request.methods)
    of_methods, of_datasets = assign_settings(request.settings, config_types, dataset_cards)
    configs = {name: build_config(name, config_types[name], of_methods[name]) for name in usable}
    planned = {
        name: plan_method(name, usable[name], configs[name], of_methods[name], request.tuning) for name in usable
    }
    _check_modalities(request, dataset_cards)
    _check_chosen_modalities(usable, of_methods, configs)
    cells: list[PlannedCell] = []
    protocols: dict[str, EvaluationProtocol] = {}
    sizes: dict[str, tuple[int, int]] = {}
    excluded: dict[str, int] = {}
    unscored: list[str] = []
    patients: dict[tuple[str, str], PlannedPatients] = {}
    extra_data = PlannedExtraData()
    for name, card in dataset_cards.items():
        options = dataset_options(card, of_datasets[name])
        complete = tuple(sorted({*request.patients_with} & {*card.modalities}))
        loaded = load_dataset(name, options, complete_cases=complete)
        protocols[name] = EvaluationProtocol.of(name, loaded.cohort, loaded.card.horizon)
        splits = _splits(request, loaded)
        sizes[name] = _split_size(loaded.cohort, splits[0])
        patients |= {(loaded.card.name, split.sha256): PlannedPatients.of(loaded.cohort, split) for split in splits}
        excluded[name] = loaded.cohort.excluded
        for method in planned.values():
            cells += _cells(request, loaded, splits, protocols[name], options, complete, method, extra_data)
        if request.split == STRATIFIED:
            unscored.append(protocols[name].unscored(loaded.cohort.outcome, request.folds))
    return Plan(tuple(cells), reasons, protocols, sizes, excluded, tuple(filter(None, unscored)), patients)


def _load_methods(names: str) -> tuple[dict[str, MethodCard], dict[str, type[Any]], dict[str, str]]:
    """Return cards and config classes of the methods that can run here, and of the others why they cannot.

    Who is asked for by name must be sound; of a group the broken ones are left out with their reason.
    """
    named = comma_list(names, "method")
    cards: dict[str, MethodCard] = {}
    config_types: dict[str, type[Any]] = {}
    reasons: dict[str, str] = {}
    for name in expand(names):
        card = method_card(name)
        reason = unavailable(card)
        if reason:
            reasons[name] = reason
            continue
        try:
            config_types[name] = config_type_of(name, load_entry(card))
            _check_setting(name, card, config_keys(config_types[name]))
            cards[name] = card
        except UsageError as error:
            if name in named:
                raise
            reasons[name] = f"is broken: {error}"
    if not cards:
        raise UsageError("; ".join(f"{name} {reason}" for name, reason in reasons.items()))
    if EVERY_METHOD in named:
        reasons |= {name: f"is broken: {reason}" for name, reason in method_cards().broken.items()}
    return cards, config_types, reasons


def _check_setting(name: str, card: MethodCard, settings: list[str]) -> None:
    chosen = card.modalities.setting
    if chosen and chosen not in settings:
        raise UsageError(
            f"{name}: its card's modalities.setting is {chosen!r}, which is none of its settings: {', '.join(settings)}"
        )


def _split_size(cohort: Cohort, split: Split) -> tuple[int, int]:
    rows = np.concatenate([split.train, split.validation, split.test])
    return len(rows), cohort.outcome.take(rows).n_events


def _cells(
    request: Request,
    loaded: LoadedDataset,
    splits: list[Split],
    protocol: EvaluationProtocol,
    options: dict[str, Any],
    complete: tuple[str, ...],
    method: PlannedMethod,
    extra_data: PlannedExtraData,
) -> list[PlannedCell]:
    card, config = method.card, method.config
    offered = set(loaded.cohort.patients.modalities)
    allowed = offered if request.modalities is None else offered & set(request.modalities)
    missing = [name for name in card.modalities.required_by(config) if name not in allowed]
    skipped = f"needs {', '.join(missing)}, {_who_lacks(missing, offered, loaded.card)}" if missing else ""
    if request.merge_validation and card.needs_validation and not skipped:
        skipped = "needs the validation part, which --validation merge gives to the training"
    skipped = skipped or method.skipped
    code = code_identity(card.entry)
    modalities = card.modalities.read_from(allowed, config)
    if card.extra_data.asked(config) and not loaded.card.part_of and not skipped:
        skipped = f"asks for extra data, but {loaded.card.name} is part of no larger dataset"
    extra = {} if skipped else extra_data.of_cells(card, config, loaded, options, splits[0], modalities)
    return [
        PlannedCell(
            Cell(
                method=method.name,
                entry=card.entry,
                config=config,
                dataset=loaded.card.name,
                dataset_options=options,
                data_sha256=loaded.sha256,
                complete_cases=complete,
                split=request.split,
                folds=request.folds if request.split == STRATIFIED else len(splits),
                repeat=split.repeat,
                fold=split.fold,
                seed=request.seed,
                split_sha256=split.sha256,
                modalities=modalities,
                grid_sha256=protocol.grid_sha256,
                threads=request.threads,
                device=request.device,
                code_sha256=code.sha256,
                libraries=code.libraries,
                shuffled=tuple(sorted({*request.shuffle} & {*modalities})),
                group=split.group,
                merged=split.merged,
                extra_data=extra,
                tuning=method.tuning,
                recalibrated=request.recalibrate,
            ),
            skipped,
        )
        for split in splits
        if request.only_folds is None or split.fold in request.only_folds
    ]


def _splits(request: Request, loaded: LoadedDataset) -> list[Split]:
    repeats = repeats_for(loaded.cohort.outcome.n_events) if request.repeats is None else request.repeats
    try:
        splits = splits_of(loaded.cohort, request.split, folds=request.folds, repeats=repeats, seed=request.seed)
    except NoEventError as error:
        raise UsageError(f"{loaded.card.name}: {error}") from None
    there = {split.fold for split in splits}
    for fold in request.only_folds or ():
        if fold not in there:
            raise UsageError(f"--fold {fold}: the folds of {loaded.card.name} are {min(there)} to {max(there)}")
    return [split.merge_validation() for split in splits] if request.merge_validation else splits


def _who_lacks(missing: list[str], offered: set[str], card: DatasetCard) -> str:
    if any(name not in offered for name in missing):
        return f"{card.name} has only {', '.join(sorted(offered))}"
    return "--modalities leaves it out"


def _check_chosen_modalities(
    cards: dict[str, MethodCard], given: dict[str, dict[str, str]], configs: dict[str, Any]
) -> None:
    """Refuse the name of a modality that no dataset at all has, where a setting of the user's chooses it."""
    known = sorted({modality for card in all_dataset_cards().values() for modality in card.modalities})
    for name, card in cards.items():
        setting = card.modalities.setting
        if setting in given[name] and (chosen := getattr(configs[name], setting)) not in known:
            raise UsageError(f"{name}: {setting}={chosen}: no dataset has such a modality; {hint(str(chosen), known)}")


def _check_modalities(request: Request, cards: dict[str, DatasetCard]) -> None:
    offered = sorted({modality for card in cards.values() for modality in card.modalities})
    options = {
        "modalities": request.modalities or (),
        "patients-with": request.patients_with,
        "shuffle": request.shuffle,
    }
    for option, names in options.items():
        for name in names:
            if name not in offered:
                raise UsageError(f"--{option} {name}: no dataset of this run has it; they have: {', '.join(offered)}")
    for name in request.shuffle:
        if request.modalities is not None and name not in request.modalities:
            raise UsageError(f"--shuffle {name}: --modalities leaves it out, so no method would see it")
