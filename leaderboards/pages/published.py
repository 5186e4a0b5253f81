"""Committed boards, and the page that is made of them."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchmarks.atomic_write import write_atomically
from benchmarks.errors import UsageError
from benchmarks.execution.environment import Machine
from benchmarks.storage.store import CorruptedCellError, Store
from leaderboards.boards.overall import make_overall
from leaderboards.pages.formats import Boards, as_markdown

FILE = Path("board") / "boards.json"

# Libraries whose versions change scores or times most; the rest stands in the file.
NAMED = ("python", "numpy", "scipy", "scikit-learn", "scikit-survival", "torch", "transformers")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedAs:
    """With which options a dataset was loaded, and which modalities every patient must have (``Cell``)."""

    options: dict[str, Any] = field(default_factory=dict)
    complete_cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Boards with what they were made by.

    Parameters
    ----------
    date : str
        When they were published.
    machines : mapping of str to tuple of Machine
        Where the cells of each dataset ran.
    devices : tuple of str
        Torch devices of the cells.
    libraries : mapping of str to tuple of str
        All versions of each library that the cells used.
    boards : Boards
        Aggregates only: no patient stands in them.
    loaded : mapping of str to LoadedAs
        How each dataset was loaded; one that is not in it, by default.
    """

    date: str
    machines: dict[str, tuple[Machine, ...]]
    devices: tuple[str, ...]
    libraries: dict[str, tuple[str, ...]]
    boards: Boards
    loaded: dict[str, LoadedAs] = field(default_factory=dict)


_PUBLISHED = TypeAdapter(Published)


def publish(boards: Boards, store: Store, folder: Path, *, keep: bool = False) -> str:
    """Write boards to a folder of references, and return the page made of them.

    Parameters
    ----------
    boards : Boards
        Of the cells of a results folder.
    store : Store
        That folder.
    folder : Path
        Of the references.
    keep : bool
        Whether boards that stand in the folder stay where they are of other datasets.
    """
    made = with_provenance(boards, store)
    if keep:
        made = with_kept(made, read_published(folder))
    path = folder / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _PUBLISHED.dump_json(made, indent=1) + b"\n")
    except OSError as error:
        raise UsageError(f"--publish {folder}: cannot be written: {error.strerror}") from None
    return page_of(made)


def with_provenance(boards: Boards, store: Store) -> Published:
    """Return boards with the machines, devices and libraries of their cells, and today's date.

    Parameters
    ----------
    boards : Boards
        Of the cells of a results folder.
    store : Store
        That folder.
    """
    shown = {board.dataset: board.data_sha256 for board in boards.boards}
    machines: dict[str, dict[Machine, None]] = {}
    devices: set[str] = set()
    loaded: dict[str, LoadedAs] = {}
    versions: dict[str, set[str]] = {}
    for key in store:
        try:
            record = store.read_record(key)
        except CorruptedCellError:
            continue  # no board has it
        if record.cell.dataset not in shown or record.cell.external:
            continue  # where external predictions were made is not known
        cell = record.cell
        machines.setdefault(cell.dataset, {})[Machine.of(record.environment)] = None
        devices.add(cell.device)
        if cell.data_sha256 == shown[cell.dataset]:  # a folder may hold cells of other data, which are on no board
            loaded[cell.dataset] = LoadedAs(options=dict(cell.dataset_options), complete_cases=cell.complete_cases)
        for name, version in cell.libraries.items():
            versions.setdefault(name, set()).add(version)
    return Published(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machines={dataset: tuple(found) for dataset, found in sorted(machines.items())},
        devices=tuple(sorted(devices)),
        libraries={name: tuple(sorted(found)) for name, found in sorted(versions.items())},
        boards=boards,
        loaded=dict(sorted(loaded.items())),
    )


def with_kept(made: Published, before: Published) -> Published:
    """Return boards beside those published before that are of other datasets, with the board over all made anew.

    Devices and libraries are those named before and the new ones: which of them a board that stays was made by is
    not kept.

    Parameters
    ----------
    made : Published
        The new boards.
    before : Published
        What stands there; of a dataset that is in both, the new board stands alone.

    Raises
    ------
    UsageError
        If the two are ranked by different measures.
    """
    new, old = made.boards.boards, before.boards.boards
    if new[0].measure != old[0].measure:
        raise UsageError(f"--keep: the published boards are ranked by {old[0].measure}, these by {new[0].measure}")
    names = {board.dataset for board in new}
    kept = [board for board in old if board.dataset not in names]
    boards = sorted([*new, *kept], key=lambda board: board.dataset)
    versions = {
        name: tuple(sorted({*before.libraries.get(name, ()), *made.libraries.get(name, ())}))
        for name in sorted({*before.libraries, *made.libraries})
    }
    stays = {board.dataset for board in kept}
    machines = made.machines | {name: found for name, found in before.machines.items() if name in stays}
    loaded = made.loaded | {name: found for name, found in before.loaded.items() if name in stays}
    return Published(
        date=made.date,
        machines=dict(sorted(machines.items())),
        devices=tuple(sorted({*before.devices, *made.devices})) if kept else made.devices,
        libraries=versions if kept else made.libraries,
        boards=Boards(tuple(boards), make_overall(boards) if len(boards) > 1 else None),
        loaded=dict(sorted(loaded.items())),
    )


def read_published(folder: Path) -> Published:
    """Read the boards of a folder of references.

    Raises
    ------
    UsageError
        If there are none, or the file is not that of boards.
    """
    path = folder / FILE
    try:
        return _PUBLISHED.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{path} is missing; make it with leaderboard --publish {folder}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise UsageError(f"{path} holds no boards: {error.errors()[0]['msg']}") from None


def page_of(published: Published) -> str:
    """Return the page of published boards as Markdown."""
    head = [
        "# Leaderboard",
        "Made by `python -m benchmarks leaderboard --publish leaderboards/reference --output LEADERBOARD.md` from "
        "`leaderboards/reference/board/boards.json`, which holds every number; not edited by hand.",
        f"Published {published.date}. {made_by(published)} "
        f"Every cell ran in a process of its own, {_settings_of(published.boards)}. Some defaults were chosen on "
        "training folds of the same datasets; whose, is told below each board.",
    ]
    return "\n\n".join([*head, as_markdown(published.boards)])


def _settings_of(boards: Boards) -> str:
    as_it_comes = "this is what a method gives as it comes, not the best it can"
    if any(row.row.tuned for board in boards.boards for row in board.rows):
        return f"with default settings but for the rows called tuned: where nothing is tuned, {as_it_comes}"
    return f"with default settings and nothing tuned within its fold: {as_it_comes}"


def made_by(published: Published) -> str:
    """Return on which machines, devices and with which versions the cells of boards were run, in a few sentences."""
    libraries = ", ".join(
        f"{name} {' and '.join(published.libraries[name])}" for name in NAMED if name in published.libraries
    )
    return f"{_machines_of(published)} Device: {', '.join(published.devices)}. Versions: {libraries}."


def _machines_of(published: Published) -> str:
    """Return the machine; where datasets were run on different ones, the one of most, and which were run on another."""
    datasets: dict[str, list[str]] = {}
    for dataset, machines in published.machines.items():
        datasets.setdefault(" and ".join(map(_named, machines)), []).append(dataset)
    first, *others = sorted(datasets, key=lambda machine: -len(datasets[machine])) or ["not known"]
    if not others:
        return f"Machine: {first}."
    told = "; ".join(f"{', '.join(datasets[machine])} on {machine}" for machine in others)
    return f"Machine: {first}; {told}: costs compare rows of one dataset, not datasets."


def _named(machine: Machine) -> str:
    # Processors of one name differ in their instructions, which the kernels of linear algebra are chosen by.
    kernels = machine.arithmetic.partition(" ")[0]
    return f"{machine.cores} cores of {machine.processor} ({machine.system}, {kernels} kernels)"
