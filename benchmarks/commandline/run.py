"""``run``: methods on datasets, then one table per dataset."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.cluster_options import (
    CellsPerGpu,
    Retries,
    Scheduler,
    SchedulerFile,
    ShardOption,
    WorkerWait,
    check_where,
    cluster_engine,
    local_gpus,
)
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import (
    AGAIN,
    DATA,
    DEFAULT_RESULTS,
    LIMITS,
    OUTPUT,
    SPLITS,
    WHAT,
    DataRoot,
    Json,
    KindOfSplit,
    Results,
    Wide,
    check_jobs,
    fold_numbers,
    parse_bytes,
    use_data_root,
)
from benchmarks.commandline.tuning_options import (
    Tune,
    TuneFolds,
    TuneObjective,
    TunePruner,
    TuneRefit,
    TuneTrialTimeout,
    tuning_of,
)
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.execution.claims import Claims
    from benchmarks.execution.engine import Engine
    from benchmarks.execution.engines.gpus import Gpus
    from benchmarks.execution.plan import Plan
    from benchmarks.execution.shard import Shard
    from benchmarks.storage.store import Store
    from benchmarks.types import Record

# In --patients-with: the modalities of --modalities.
SEEN = "seen"


def run(
    method: Annotated[
        str, typer.Option("--method", help="Methods or groups, comma-separated; or module:Class.", rich_help_panel=WHAT)
    ],
    dataset: Annotated[str, typer.Option("--dataset", help="Datasets, comma-separated.", rich_help_panel=WHAT)],
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation.", rich_help_panel=SPLITS)] = 5,
    fold: Annotated[
        str | None,
        typer.Option(
            help="Run only these of the folds, comma-separated, counted from 0; the split stays that of all.",
            rich_help_panel=SPLITS,
        ),
    ] = None,
    repeats: Annotated[
        str, typer.Option(help="Repeats of it, or auto: 10 / 5 / 1 by number of events.", rich_help_panel=SPLITS)
    ] = "1",
    seed: Annotated[int, typer.Option(help="Seed of splits and fits.", rich_help_panel=SPLITS)] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="key=value for all methods; name.key=value for one, or a dataset.", rich_help_panel=WHAT
        ),
    ] = None,
    modalities: Annotated[
        str | None, typer.Option(help="What methods may see, comma-separated; all if absent.", rich_help_panel=WHAT)
    ] = None,
    shuffle: Annotated[
        str | None,
        typer.Option(
            help="Modalities whose rows are permuted among the patients, comma-separated: a control row. A method that "
            "gains as much with them shuffled does not use them.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    split: KindOfSplit = "stratified",
    validation: Annotated[
        Literal["held-out", "merge"],
        typer.Option(
            help="held-out: a fifth of what is not test is the validation part; merge: methods that need none are "
            "trained on it, too, the others are skipped.",
            rich_help_panel=SPLITS,
        ),
    ] = "held-out",
    recalibrate: Annotated[
        bool,
        typer.Option(
            "--recalibrate",
            help="Recalibrate the curves of each cell on its validation part: rows of their own, whose C is the same.",
            rich_help_panel=WHAT,
        ),
    ] = False,
    patients_with: Annotated[
        str | None,
        typer.Option(
            help="Only patients who have all of these modalities, comma-separated, whatever methods may see; "
            "seen stands for those of --modalities.",
            rich_help_panel=DATA,
        ),
    ] = None,
    complete_cases: Annotated[bool, typer.Option("--complete-cases", hidden=True)] = False,
    skip_invalid: Annotated[
        bool,
        typer.Option(
            "--skip-invalid",
            help="Leave out patients whose files cannot be read, and count them.",
            rich_help_panel=DATA,
        ),
    ] = False,
    tune: Tune = None,
    tune_objective: TuneObjective = "c_td",
    tune_folds: TuneFolds = 1,
    tune_refit: TuneRefit = False,
    tune_pruner: TunePruner = "none",
    tune_trial_timeout: TuneTrialTimeout = None,
    data_root: DataRoot = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Cells side by side: 1 if absent; on a cluster as many as its workers have threads.",
            rich_help_panel=LIMITS,
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads of a cell.", rich_help_panel=LIMITS)] = 1,
    device: Annotated[
        str, typer.Option(help="Torch device of the cells, such as cpu or cuda:0.", rich_help_panel=LIMITS)
    ] = "cpu",
    results: Results = DEFAULT_RESULTS,
    timeout: Annotated[
        float, typer.Option(help="Seconds after which a cell is stopped.", rich_help_panel=LIMITS)
    ] = 3600.0,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Memory of a cell's process tree, as 2G; its share of 80 % of the machine's by default.",
            rich_help_panel=LIMITS,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run stored cells again.", rich_help_panel=AGAIN)] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run stored cells that failed again.", rich_help_panel=AGAIN)
    ] = False,
    scheduler: Scheduler = None,
    scheduler_file: SchedulerFile = None,
    retries: Retries = None,
    worker_wait: WorkerWait = None,
    cells_per_gpu: CellsPerGpu = 1,
    shard: ShardOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, run nothing.", rich_help_panel=OUTPUT)
    ] = False,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """Run methods on datasets; what is stored already is not run again."""
    if complete_cases:
        raise UsageError("--complete-cases: it is called --patients-with seen")
    if jobs is not None:
        check_jobs(jobs)
    elsewhere = check_where(scheduler, scheduler_file, retries, worker_wait, cells_per_gpu)
    if not timeout > 0:
        raise UsageError(f"--timeout {timeout:g}: it must be > 0")
    if split != "stratified" and repeats != "1":
        raise UsageError(f"--repeats {repeats}: {split} folds are not repeated")
    tuning = tuning_of(
        tune, tune_objective, tune_folds, tune_pruner, refit=tune_refit, trial_timeout=tune_trial_timeout
    )
    if tuning is not None and validation == "merge":
        raise UsageError("--tune chooses on the validation part, which --validation merge takes away; see --tune-refit")
    if recalibrate and (validation == "merge" or tune_refit):
        gives = "--validation merge" if validation == "merge" else "--tune-refit"
        raise UsageError(f"--recalibrate: it is fitted on the validation part, which {gives} gives to the training")
    use_data_root(data_root)
    limit = parse_bytes(memory) if memory is not None else None
    from benchmarks.commandline.run_report import report, show_plan
    from benchmarks.execution.claims import Claims
    from benchmarks.execution.plan import Request, make_plan
    from benchmarks.execution.shard import Shard
    from benchmarks.storage.store import Store

    request = Request(
        methods=method,
        datasets=dataset,
        settings=[*(settings or ()), *(_skip_invalid(dataset) if skip_invalid else ())],
        folds=folds,
        only_folds=fold_numbers(fold) if fold is not None else None,
        repeats=_parse_repeats(repeats),
        seed=seed,
        modalities=comma_list(modalities, "modality") if modalities is not None else None,
        threads=threads,
        device=device,
        split=split,
        patients_with=_patients_with(patients_with, modalities),
        shuffle=comma_list(shuffle, "modality") if shuffle is not None else (),
        merge_validation=validation == "merge",
        tuning=tuning,
        computed_here=not elsewhere,
        recalibrate=recalibrate,
    )
    part = Shard.parse(shard) if shard is not None else None
    plan = make_plan(request)
    if part is not None:
        plan = _part(plan, part)
    for told in plan.unscored:
        tell(told, stderr=True)
    if dry_run:
        show_plan(plan, results, jobs or 1, as_json=as_json)
        return
    gpus = None if elsewhere else local_gpus(device, jobs or 1, cells_per_gpu)
    store = Store.create(results)
    claims = Claims(store)
    if elsewhere:
        engine = cluster_engine(
            store,
            scheduler,
            scheduler_file,
            jobs=jobs,
            seconds=timeout,
            memory=limit,
            retries=retries,
            wait=worker_wait,
            cells_per_gpu=cells_per_gpu,
            claims=claims,
        )
    else:
        engine = _local_engine(store, jobs or 1, timeout, limit, gpus, claims)
    records = _run_cells(plan, store, engine, jobs or 1, force=force, retry_failed=retry_failed, claims=claims)
    reported = report(plan, store, records, as_json=as_json, wide=wide)
    failed = any(record.status not in ("ok", "skipped") for record in reported)
    raise typer.Exit(1 if failed else 0)


def _part(plan: "Plan", part: "Shard") -> "Plan":
    """Return one part of a plan, and tell from which plan it is cut, so that machines can be compared."""
    from benchmarks.execution.shard import fingerprint

    cut = part.part_of(plan)
    tell(f"shard {part} of plan {fingerprint(plan)}: {len(cut.cells):,} of {len(plan.cells):,} cells", stderr=True)
    return cut


def _patients_with(text: str | None, modalities: str | None) -> list[str]:
    """Return what every patient must have; ``seen`` stands for what methods may see."""
    names = comma_list(text, "modality") if text is not None else []
    if SEEN not in names:
        return names
    if modalities is None:
        raise UsageError(f"--patients-with {SEEN}: name with --modalities what methods may see")
    return list(dict.fromkeys([*(name for name in names if name != SEEN), *comma_list(modalities, "modality")]))


def _skip_invalid(names: str) -> list[str]:
    """Return the settings that leave out unreadable patients, one for each dataset that can."""
    from benchmarks.catalog.registry import dataset_card, expand_datasets

    able = [name for name in expand_datasets(names) if "skip_invalid" in dataset_card(name).options]
    if not able:
        raise UsageError(f"--skip-invalid: none of {names} reads patients one by one")
    return [f"{name}.skip_invalid=true" for name in able]


def _parse_repeats(text: str) -> int | None:
    if text == "auto":
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise UsageError(f"--repeats {text[:40]}: expected a number, at most 1,000, or auto")
    return int(text)


def _local_engine(
    store: "Store", jobs: int, timeout: float, memory: int | None, gpus: "Gpus | None", claims: "Claims"
) -> "Engine":
    import psutil

    from benchmarks.execution.engine import Limits
    from benchmarks.execution.engines.local import LocalEngine

    limits = Limits(timeout, memory or int(0.8 * psutil.virtual_memory().total / jobs))
    return LocalEngine(jobs, limits, store.work_folder, store.study_folder, gpus, claims.take)


def _run_cells(
    plan: "Plan",
    store: "Store",
    engine: "Engine",
    jobs: int,
    *,
    force: bool,
    retry_failed: bool,
    claims: "Claims",
) -> "list[Record]":
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.progress import RunProgress
    from benchmarks.execution.runner import Finished
    from benchmarks.execution.runner import run as run_plan

    cells = [planned.cell for planned in plan.cells]
    found: dict[str, Record] = {}
    events = run_plan(plan, store, engine, force=force, retry_failed=retry_failed, claims=claims)
    console = make_console(stderr=True)
    with closing(events), RunProgress(console, cells, jobs) as progress:
        for event in events:
            progress.show(event)
            if isinstance(event, Finished):
                found[event.record.cell.key] = event.record
    return [found[cell.key] for cell in cells]
