"""Coverage of the printed intervals, size of letters and flags, and power.

    python tests/leaderboards/statistics/simulation/intervals_and_letters.py [--cohorts 500] [--boards 500] [--write]

The seed of cohort k is [--seed, k]. With ``--write`` the tables go to intervals_and_letters.md beside this script.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from letters import GOOD, WORSE, Boards, Found, draw
from population import SCENARIOS, Population
from printed_intervals import printed, table

ROWS = 13
HALF, RARE = (1.0, (0.0, 2.0)), (0.05, (0.3, 1.1))
EQUAL = (GOOD,) * ROWS
SIZES = [
    Boards(patients, *kind, repeats, EQUAL)
    for patients, kind in ((500, HALF), (1150, RARE), (700, RARE))
    for repeats in (1, 5)
]
POWERS = [
    Boards(2000, *HALF, 1, (GOOD, WORSE)),
    Boards(2000, *HALF, 5, (GOOD, WORSE)),
    Boards(2000, *HALF, 1, (GOOD, *(WORSE,) * 4), shared=0.5),
    Boards(2000, *HALF, 1, (GOOD, *(WORSE,) * (ROWS - 1)), shared=0.5),
    Boards(2000, *HALF, 1, (GOOD, *(WORSE,) * (ROWS - 1))),
]


def main() -> None:
    """Run the simulation and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, default=500, help="for coverage, of each kind")
    parser.add_argument("--boards", type=int, default=500, help="for size and power, of each kind")
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--write", action="store_true", help="write the tables beside this script")
    arguments = parser.parse_args()

    start = perf_counter()
    parts = [HEAD.format(seed=arguments.seed, cohorts=arguments.cohorts, boards=arguments.boards)]
    for scenario in SCENARIOS:
        parts.append(_coverage(scenario, arguments.cohorts, arguments.seed))
        print(f"{scenario.name}: {perf_counter() - start:.0f} s", file=sys.stderr)
    parts.append(_sizes(arguments.boards, arguments.seed))
    print(f"size: {perf_counter() - start:.0f} s", file=sys.stderr)
    parts.append(_powers(arguments.boards, arguments.seed))
    print(f"power: {perf_counter() - start:.0f} s", file=sys.stderr)
    page = "\n\n".join(parts) + "\n"
    print(page)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(page, encoding="utf-8")


HEAD = """# How often the intervals and letters are right

{cohorts} cohorts and {boards} boards of each kind, seed {seed}; written by intervals_and_letters.py beside this page.
All shares are per cent, ± their Monte-Carlo standard error.

The truth of a mean over the folds is the mean of what the models fitted in these folds reach in the population. `low to
high` is the interval that CSV and JSON give, `value ± half` is how tables print it, `by folds` is the corrected
resampled t interval over the folds (Nadeau and Bengio), which is made for another truth: methods fitted anew.

The Cox model has five free coefficients; where 5 % have the event it is fitted on 37 events. The patients tested in
one fold are trained on in others, of which the influence of the patients knows nothing; what that alone does to the
coverage is not taken apart here."""

OF_COVERAGE = """| repeats | row | measure | truth | sd of error | half length | low to high | value ± half | by folds |
| --: | :-- | :-- | --: | --: | --: | --: | --: | --: |"""


def _coverage(scenario, cohorts: int, seed: int) -> str:
    population = Population(scenario, seed)
    _, time, event = scenario.draw(np.random.default_rng([seed, 2**20]), 200_000)
    shares = event.mean(), (event & (time <= scenario.horizon)).mean()
    found = [one for k in range(cohorts) for one in printed(scenario, population, np.random.default_rng([seed, k]))]
    title = (
        f"## Coverage: {scenario.patients} patients, {100 * shares[0]:.0f} % have the event "
        f"({100 * shares[1]:.0f} % up to the horizon), five stratified folds"
    )
    return f"{title}\n\n{OF_COVERAGE}\n{table(found, cohorts)}"


OF_SIZE = f"""## Size: boards of {ROWS} rows that are equally good, ranked by C

| patients | events | repeats | a pair, by itself | some rows share no letter | some row is flagged |
| --: | --: | --: | --: | --: | --: |"""

OF_POWER = """## Power: the first row is better by 0.03 in C

Shared error: what all rows get wrong alike, as methods do that read the same table (its standard deviation; that of a
row's whole error is 0.7 or 1.03). Without it rows are as unlike as can be.

| patients | events | rows | shared error | repeats | the better row shares no letter with another |
| --: | --: | --: | --: | --: | --: |"""


def _boards(kind: Boards, number: int, seed: int) -> list[Found]:
    return [draw(kind, np.random.default_rng([seed, k])) for k in range(number)]


def _share(values: list[float]) -> str:
    return f"{100 * np.mean(values):.1f} ± {100 * np.std(values) / np.sqrt(len(values)):.1f}"


def _sizes(number: int, seed: int) -> str:
    lines = [OF_SIZE]
    for kind in SIZES:
        found = _boards(kind, number, seed)
        shares = [_share([getattr(one, name) for one in found]) for name in ("pair", "any_letters", "flag")]
        events = np.mean([one.events for one in found])
        lines.append(f"| {kind.patients} | {events:.0f} | {kind.repeats} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _powers(number: int, seed: int) -> str:
    lines = [OF_POWER]
    for kind in POWERS:
        found = _boards(kind, number, seed)
        events = np.mean([one.events for one in found])
        share = _share([one.best_apart for one in found])
        rows, shared = len(kind.errors), kind.shared or "none"
        lines.append(f"| {kind.patients} | {events:.0f} | {rows} | {shared} | {kind.repeats} | {share} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
