"""The datasets that ship with scikit-survival, against what is published of them."""

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.errors import UsageError
from benchmarks.protocol.horizon import horizon_by_rule
from benchmarks.protocol.protocol import EvaluationProtocol

OPEN = ["actg320", "actg320-death", "gbsg2", "whas500"]


@pytest.mark.parametrize(
    ("name", "patients", "columns", "events", "median", "longest"),
    [
        ("gbsg2", 686, 8, 299, 1084.0, 2659.0),
        ("whas500", 500, 14, 215, 631.5, 2358.0),
        ("actg320", 1151, 11, 96, 257.0, 364.0),
        ("actg320-death", 1151, 11, 26, 265.0, 364.0),
    ],
)
def test_size_events_and_follow_up(
    name: str, patients: int, columns: int, events: int, median: float, longest: float
) -> None:
    cohort = load_dataset(name).cohort
    assert cohort.patients.table().frame.shape == (patients, columns)
    assert cohort.outcome.n_events == events
    assert np.median(cohort.outcome.time) == median
    assert cohort.outcome.time.max() == longest
    assert cohort.time_unit == "days"


@pytest.mark.parametrize("name", OPEN)
def test_the_card_describes_every_covariate_and_its_levels(name: str) -> None:
    loaded = load_dataset(name)
    table = loaded.cohort.patients.table()
    described = {covariate.name: covariate for covariate in loaded.card.covariates}
    assert set(described) == set(table.frame.columns)
    for column in table.categorical:
        for level in table.frame[column].cat.categories:
            assert level in described[column].unit, f"{column}: level {level}"


@pytest.mark.parametrize("name", OPEN)
def test_the_horizon_of_the_card_is_the_one_the_rule_gives(name: str) -> None:
    loaded = load_dataset(name)
    assert loaded.card.horizon == horizon_by_rule(loaded.cohort)


def test_the_length_of_stay_can_be_left_out() -> None:
    kept = load_dataset("whas500")
    left_out = load_dataset("whas500", {"include_los": False})
    assert set(kept.cohort.patients.table().frame) - set(left_out.cohort.patients.table().frame) == {"los"}
    assert kept.sha256 != left_out.sha256


def test_ordered_levels_are_ordered() -> None:
    grade = load_dataset("gbsg2").cohort.patients.table().frame["tgrade"]
    assert grade.cat.ordered
    assert grade.cat.categories.tolist() == ["I", "II", "III"]


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(UsageError, match="gbsg2 has no option 'los'; it has: none"):
        load_dataset("gbsg2", {"los": True})


def test_changed_content_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import sksurv.datasets

    module = __import__("benchmarks.datasets.bundled.gbsg2", fromlist=["load"])

    def altered() -> object:
        frame, label = sksurv.datasets.load_gbsg2()
        frame.loc[0, "age"] += 1
        return frame, label

    monkeypatch.setattr(module, "load_gbsg2", altered)
    with pytest.raises(UsageError, match=r"gbsg2: the content has sha256 \w{16}\.\.\., the card expects"):
        load_dataset("gbsg2")


@pytest.mark.parametrize("name", OPEN)
def test_the_grid_has_0_the_horizon_and_the_event_times(name: str) -> None:
    loaded = load_dataset(name)
    outcome = loaded.cohort.outcome
    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    assert protocol.times[0] == 0
    assert protocol.horizon == loaded.card.horizon
    assert 100 <= len(protocol.times) <= 357
    events = set(outcome.time[outcome.event & (outcome.time <= protocol.horizon)])
    assert len(events - set(protocol.times)) <= max(0, len(events) - 256)
