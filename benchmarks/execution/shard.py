"""One of several equal parts of a plan, for machines that share nothing: each runs one, their folders are merged."""

import hashlib
import re
from dataclasses import dataclass, replace

from benchmarks.errors import UsageError
from benchmarks.execution.plan import Plan, PlannedCell

_SHARD = re.compile(r"(?P<number>[0-9]{1,6})/(?P<of>[0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """Which part of a plan.

    Parameters
    ----------
    number, of : int
        ``number`` counts from 1 to ``of``.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Return the part that a text such as ``3/10`` names.

        Raises
        ------
        UsageError
            If it names none.
        """
        found = _SHARD.fullmatch(text)
        if not found or not 1 <= int(found["number"]) <= int(found["of"]):
            raise UsageError(f"--shard {text[:40]}: expected the number of a part and of all parts, from 1/10 to 10/10")
        return cls(int(found["number"]), int(found["of"]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part_of(self, plan: Plan) -> Plan:
        """Return the plan of this part.

        The cells are dealt out one by one, sorted by method and dataset: every part has as many cells, and as many of
        each method on each dataset, as every other, or one more. Only the cells of the plan decide, so that all
        machines cut it the same way.

        Raises
        ------
        UsageError
            If a method cannot run here: a machine on which it can would cut another plan.
        """
        if plan.unavailable:
            name, reason = next(iter(plan.unavailable.items()))
            raise UsageError(
                f"--shard {self}: {name} {reason}; a machine on which it runs would cut the plan otherwise: leave it "
                "out of --method everywhere"
            )
        ranked = sorted(plan.cells, key=_rank)
        mine = {planned.cell.key for planned in ranked[self.number - 1 :: self.of]}
        cells = tuple(planned for planned in plan.cells if planned.cell.key in mine)
        there = {planned.cell.dataset for planned in cells}
        return replace(
            plan,
            cells=cells,
            protocols={name: protocol for name, protocol in plan.protocols.items() if name in there},
        )


def fingerprint(plan: Plan) -> str:
    """Return a short checksum of the cells of a plan: the same on all machines that cut the same plan."""
    keys = sorted(planned.cell.key for planned in plan.cells)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:8]


def _rank(planned: PlannedCell) -> tuple[bool, str, str, int, int, str]:
    # Skipped cells cost nothing: they are dealt out apart from the others.
    cell = planned.cell
    return bool(planned.skipped), cell.method, cell.dataset, cell.repeat, cell.fold, cell.key
