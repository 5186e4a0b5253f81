"""What differs from the references by more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.execution.environment import Machine, environment
from benchmarks.protocol.measures import measure_named
from benchmarks.regression.measurement import Measured
from benchmarks.regression.reference import Reference
from benchmarks.regression.seeds import mean_of

# A mean may move by so many of its sd over fit seeds: the two-sided 99 % range of one more draw after five.
SEED_SDS = 5.0
# What rounding may move on the machine and with the libraries of the reference (a scaler of Cox's model that is fitted
# on all rows moves the Brier score by 1.5e-7), and elsewhere: half of what matters for a concordance index.
SAME_MACHINE = 1e-8
OTHER_MACHINE = 0.005

# How many times as long as the reference a fit may take, in yardsticks; kinds of work cost differently on another
# processor.
SLOWER = 1.7
SLOWER_ELSEWHERE = 3.0
# Below so many seconds of difference the time is that of starting up, not of the method.
NOTICEABLE_SECONDS = 0.02

FIT_TIME = "fit time"


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference from a reference that is larger than allowed.

    ``measure`` is the column's name, ``fit time``, or empty for a method as a whole.
    """

    dataset: str
    method: str
    measure: str
    text: str


def this_machine() -> Machine:
    """Return the machine a check runs on."""
    return Machine.of(environment())


def is_alike(reference: Reference, measured: Measured, machine: Machine) -> bool:
    """Return whether scores must repeat to rounding: the same processor, instructions and libraries."""
    then = reference.machine
    same = (then.system, then.processor, then.arithmetic) == (machine.system, machine.processor, machine.arithmetic)
    return same and dict(reference.libraries) == dict(measured.cells[0].libraries)


def compare_scores(reference: Reference, measured: Measured, machine: Machine) -> list[Finding]:
    """Return the measures whose mean over folds is off, either way: a leak makes scores better.

    What makes the scores incomparable (other data, protocol, folds or settings) is a finding of its own.
    """
    if measured.problem:
        return [_finding(measured, "", measured.problem)]
    first = measured.cells[0]
    for what, then, here in (
        ("data", reference.data_sha256, first.data_sha256),
        ("protocol", reference.protocol, measured.protocol),
        ("folds", reference.folds, tuple(cell.fold for cell in measured.cells)),
        ("settings", dict(reference.config), dict(first.config)),
    ):
        if then != here:
            return [_finding(measured, "", f"the {what} are not the reference's: {_changes(then, here)}")]
    if list(reference.scores) != list(measured.scores):
        return [
            _finding(measured, "", f"measures {', '.join(measured.scores)}; reference: {', '.join(reference.scores)}")
        ]
    rounding = SAME_MACHINE if is_alike(reference, measured, machine) else OTHER_MACHINE
    findings = []
    for name, known in reference.scores.items():
        now = mean_of(measured.scores[name])
        allowed = max(rounding, SEED_SDS * known.seed_sd)
        if known.mean is None or now is None:
            if known.mean is not now:
                findings.append(_finding(measured, _column(name), f"{_shown(known.mean)} -> {_shown(now)}"))
        elif abs(now - known.mean) > allowed:
            moved = f"{known.mean:.6f} -> {now:.6f} ({now - known.mean:+.2g}, allowed ±{allowed:.2g})"
            findings.append(_finding(measured, _column(name), f"{moved}: {_verdict(name, known.mean, now)}"))
    return findings


def compare_cost(reference: Reference, measured: Measured, machine: Machine) -> list[Finding]:
    """Return a finding if fits take longer than allowed, beside the yardstick."""
    if measured.cost is None:
        return []
    alike = reference.machine.processor == machine.processor
    allowed = SLOWER if alike else SLOWER_ELSEWHERE
    before, now = reference.cost.ratio, measured.cost.ratio
    if now <= allowed * before or (now - allowed * before) * measured.cost.yardstick_seconds < NOTICEABLE_SECONDS:
        return []
    text = (
        f"{before:.2f} -> {now:.2f} yardsticks ({now / before:.1f} times, allowed {allowed:g}): slower; "
        f"{measured.cost.fit_seconds:.2f} s a fit"
    )
    return [_finding(measured, FIT_TIME, text)]


def _verdict(name: str, before: float, now: float) -> str:
    if (now > before) == measure_named(name.rpartition(": ")[2]).higher_is_better:
        return "better, by more than chance: a leak, or an improvement to accept"
    return "worse"


def _column(name: str) -> str:
    variant, _, measure = name.rpartition(": ")
    column = measure_named(measure).column
    return f"{column} ({variant})" if variant else column


def _changes(before: object, now: object) -> str:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        return ", ".join(f"{name} {before.get(name)} -> {now.get(name)}" for name in names)
    return f"{str(before)[:16]} -> {str(now)[:16]}"


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6f}"


def _finding(measured: Measured, measure: str, text: str) -> Finding:
    return Finding(measured.dataset, measured.method, measure, text)
