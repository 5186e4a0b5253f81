"""``data``: what a dataset holds, whether it is sound, how it is split, and a first cohort file from a table."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.loading import load_dataset
from benchmarks.commandline.app import main
from benchmarks.contract.dataset import verify_dataset
from benchmarks.reports.dataset import describe, overlaps
from benchmarks.types import Cohort, Matrix, Patients, Texts

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def no_cohort_files_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield
    registry.dataset_cards.cache_clear()


def done(capsys: Capture, *arguments: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    captured = capsys.readouterr()
    assert exit_.value.code == code, captured.err
    return captured.out if code < 2 else captured.err


def ward(folder: Path, extra: str = "", **columns: object) -> Path:
    """Write a table of 60 patients with some columns replaced, and a cohort file."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{k:02d}" for k in range(60)],
            "months": rng.exponential(20, 60).round(3) + 0.1,
            "status": np.where(rng.random(60) < 0.6, "dead", "alive"),
            "age": rng.normal(60, 10, 60).round(2),
            "sex": rng.choice(["f", "m"], 60),
        }
    ).assign(**columns)
    frame.to_csv(folder / "ward.csv", index=False)
    (folder / "cohort.toml").write_text(
        'name = "ward"\ntitle = "Ward"\nendpoint = "death"\ntime_unit = "months"\n'
        '[table]\nfile = "ward.csv"\npatient = "patient_id"\ntime = "months"\nevent = "status"\n'
        'event_values = ["dead"]\ncensored_values = ["alive"]\n' + extra
    )
    return folder / "cohort.toml"


def failed_checks(path: Path) -> dict[str, str]:
    card = registry.dataset_card(registry.register_cohort_file(path))
    return {finding.check: finding.problem for finding in verify_dataset(card, {}) if not finding.passed}


def test_describe_tells_size_follow_up_modalities_and_licence(capsys: Capture) -> None:
    text = done(capsys, "data", "describe", "gbsg2")
    for part in ("686, 299 events (44%)", "scikit-survival (GPL-3.0-or-later", "horizon", "2227 days", "pnodes"):
        assert part in text


def test_the_overlap_of_six_patients_is_the_one_counted_by_hand(six_patients: Cohort) -> None:
    names = ("a", "b", "c", "d", "e", "f")
    half = np.array([True, True, True, False, False, False])
    modalities = {
        "clinical": six_patients.patients.table(),
        "text": Texts(("two words", "", "three words here", "", "", "one")),
        "rna": Matrix(np.zeros((6, 2)), ("x", "y"), half),
    }
    cohort = Cohort(Patients(np.array(names), modalities), six_patients.outcome, "days")
    found = overlaps(cohort)
    assert [(o.modalities, o.patients, o.events) for o in found] == [
        (("clinical",), 2, 1),
        (("clinical", "text", "rna"), 2, 1),
        (("clinical", "rna"), 1, 1),
        (("clinical", "text"), 1, 1),
    ]


def test_describe_as_json_agrees_with_the_cohort(capsys: Capture) -> None:
    told = json.loads(done(capsys, "data", "describe", "simulated-missing", "--set", "n=200", "--json"))
    loaded = load_dataset("simulated-missing", {**told["options"]})
    cohort = loaded.cohort
    assert told["options"]["n"] == 200
    assert (told["patients"], told["events"]) == (200, cohort.outcome.n_events)
    assert sum(overlap["patients"] for overlap in told["overlaps"]) == 200
    of = {modality["name"]: modality["patients"] for modality in told["modalities"]}
    assert of["rna"] == cohort.patients.matrix("rna").present.sum()
    assert 0.6 < told["oracle"]["harrell_c"] < 0.9
    assert told["sha256"] == loaded.sha256


def test_medians_are_those_of_the_product_limit_estimates() -> None:
    description = describe(load_dataset("gbsg2"))
    from lifelines import KaplanMeierFitter

    outcome = load_dataset("gbsg2").cohort.outcome
    assert description.median_survival == KaplanMeierFitter().fit(outcome.time, outcome.event).median_survival_time_
    reverse = KaplanMeierFitter().fit(outcome.time, ~outcome.event).median_survival_time_
    assert description.median_follow_up == pytest.approx(reverse, abs=5)


def test_describe_draws_survival_follow_up_and_overlap(capsys: Capture, tmp_path: Path) -> None:
    done(capsys, "data", "describe", "simulated-missing", "--set", "n=100", "--plot", str(tmp_path / "figures"))
    drawn = {path.name for path in (tmp_path / "figures").iterdir()}
    assert drawn == {f"simulated-missing-{part}.png" for part in ("survival", "follow-up", "overlap")}
    assert all(path.stat().st_size > 10_000 for path in (tmp_path / "figures").iterdir())


@pytest.mark.parametrize("name", ["gbsg2", "simulated-interaction", "simulated-censoring"])
def test_sound_datasets_pass_every_check(capsys: Capture, name: str) -> None:
    text = done(capsys, "data", "verify", name)
    assert "FAILED" not in text
    assert "warned" not in text
    checks = 17 if name == "gbsg2" else 18
    assert f"{name}: {checks} of {checks} checks passed\n" in text


def test_verify_says_as_json_what_was_checked_and_found(capsys: Capture) -> None:
    """WHAS500 holds two records that differ in the length of the stay alone."""
    kept = json.loads(done(capsys, "data", "verify", "whas500", "--json"))
    assert all(check["passed"] for check in kept["checks"])
    warned = {check["check"]: check["warnings"] for check in kept["checks"] if check["warnings"]}
    assert "who differ in los: one patient twice?" in warned["no two patients are the same"][0]
    assert "'los' is the time of the outcome itself for 40 of 500" in warned["no column is the time of the outcome"][0]
    left_out = json.loads(done(capsys, "data", "verify", "whas500", "--set", "include_los=false", "--json", code=1))
    assert left_out["options"] == {"include_los": False}
    assert [check["check"] for check in left_out["checks"] if not check["passed"]] == ["no two patients are the same"]


def test_a_sound_own_cohort_passes(tmp_path: Path) -> None:
    assert failed_checks(ward(tmp_path)) == {}


def test_a_column_that_orders_patients_by_their_outcome_is_found(tmp_path: Path, capsys: Capture) -> None:
    ward(tmp_path)
    months = pd.read_csv(tmp_path / "ward.csv")["months"]
    path = ward(tmp_path, last_visit=months + 0.01)
    text = done(capsys, "data", "verify", str(path), code=1)
    assert "FAILED  no single column orders the patients by their outcome" in text
    assert "clinical: 'last_visit' alone has a concordance of 1.000" in text
    assert "1.000     60      29  clinical: 'last_visit'\n" in text


def test_a_column_filled_in_after_the_event_is_found(tmp_path: Path) -> None:
    ward(tmp_path)
    dead = pd.read_csv(tmp_path / "ward.csv")["status"] == "dead"
    found = failed_checks(ward(tmp_path, cause=np.where(dead, 7.0, np.nan)))
    assert "'presence of cause' is all but the event" in found["no column is the event, or filled in after it"]


def test_the_event_under_another_name_is_found(tmp_path: Path) -> None:
    ward(tmp_path)
    dead = pd.read_csv(tmp_path / "ward.csv")["status"] == "dead"
    found = failed_checks(ward(tmp_path, vital=np.where(dead, "gone", "well")))
    assert "'vital = gone' is all but the event" in found["no column is the event, or filled in after it"]


def test_a_patient_entered_twice_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ward(tmp_path, crp=rng.normal(size=60), bmi=rng.normal(size=60))
    frame = pd.read_csv(tmp_path / "ward.csv")
    again = frame.iloc[[4]].assign(patient_id="P99")
    pd.concat([frame, again]).to_csv(tmp_path / "ward.csv", index=False)
    found = failed_checks(tmp_path / "cohort.toml")
    assert found == {"no two patients are the same": "2 patients share everything with another, first 'P04' and 'P99'"}


def test_two_patients_of_whom_little_is_known_may_be_alike(tmp_path: Path) -> None:
    months = np.where(np.arange(60) < 2, 6.0, np.arange(60) + 1.0)
    path = ward(tmp_path, months=months, status=["dead", "dead"] + ["alive", "dead"] * 29, age=60, sex="f")
    path.write_text(path.read_text() + '[clinical]\ncolumns = ["age", "sex"]\n')
    assert "no two patients are the same" not in failed_checks(path)


def test_a_long_text_of_two_patients_is_found(tmp_path: Path) -> None:
    pd.DataFrame({"patient_id": ["P01", "P02", "P03"], "report": ["long " * 50, "long " * 50, "short"]}).to_csv(
        tmp_path / "reports.csv", index=False
    )
    path = ward(tmp_path, '[modalities.text]\nkind = "text"\nfile = "reports.csv"\ncolumn = "report"\n')
    assert "first 'P01' and 'P02'" in failed_checks(path)["no two patients share a long text"]


def test_all_problems_of_content_that_does_not_load_are_told_line_by_line(tmp_path: Path, capsys: Capture) -> None:
    months = [0.0, -1.0, *(1.0 + k for k in range(58))]
    text = done(capsys, "data", "verify", str(ward(tmp_path, months=months)), code=1)
    assert [line.strip().partition(",")[0] for line in text.splitlines()[1:-1]] == [
        "ward.csv: 2 problems",
        "column 'months': 1 time ('-1.0') is negative",
        "column 'months': 1 time is 0",
    ]


def test_content_that_does_not_load_is_a_failed_check(tmp_path: Path, capsys: Capture) -> None:
    path = ward(tmp_path)
    (tmp_path / "ward.csv").write_text((tmp_path / "ward.csv").read_text().replace("dead", "lost", 1))
    text = done(capsys, "data", "verify", str(path), code=1)
    assert "FAILED  loads" in text
    assert "1 value ('lost') is neither in event_values" in text


def test_a_gene_that_is_the_time_is_found_among_many(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    months = rng.exponential(20, 60).round(3) + 0.1
    genes = pd.DataFrame(rng.normal(size=(60, 300)), columns=[f"g{k}" for k in range(300)])
    genes["g123"] = -months
    genes.insert(0, "patient_id", [f"P{k:02d}" for k in range(60)])
    genes.to_csv(tmp_path / "genes.csv", index=False)
    path = ward(tmp_path, '[modalities.rna]\nkind = "matrix"\nfile = "genes.csv"\n', months=months)
    told = [problem for problem in failed_checks(path).values() if "has a concordance of" in problem]
    assert told == ["rna: 'g123' alone has a concordance of 1.000; is it known only afterwards?"]


def test_splits_list_every_part_with_its_events(capsys: Capture) -> None:
    arguments = ["data", "splits", "gbsg2", "--folds", "3", "--repeats", "2", "--json"]
    rows = json.loads(done(capsys, *arguments))["splits"]
    assert len(rows) == 6
    for row in rows:
        assert row["train"] + row["validation"] + row["test"] == 686
        assert row["train_events"] + row["validation_events"] + row["test_events"] == 299
    assert len({row["sha256"] for row in rows}) == 6
    assert "checksum" in done(capsys, "data", "splits", "gbsg2")


def test_published_splits_are_listed_where_there_are_some(tmp_path: Path, capsys: Capture) -> None:
    path = ward(tmp_path, fold=np.arange(60) % 3)
    path.write_text(path.read_text().replace('event = "status"', 'event = "status"\nfolds = "fold"'))
    rows = json.loads(done(capsys, "data", "splits", str(path), "--split", "published", "--json"))["splits"]
    assert [row["test"] for row in rows] == [20, 20, 20]
    message = done(capsys, "data", "splits", "gbsg2", "--split", "published", code=2)
    assert "no folds are published for this dataset" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "gbsg"], "unknown dataset 'gbsg'; did you mean gbsg2?"),
        (["describe", "gbsg2,whas500"], "gbsg2,whas500: one dataset at a time"),
        (["verify", "whas500", "--set", "los=1"], "whas500 has no setting 'los'"),
        (["verify", "whas500", "--set", "include_los=perhaps"], "include_los: input should be a valid boolean"),
        (["splits", "gbsg2", "--folds", "1"], "--folds 1: at least 2 folds"),
        (["describe", "nowhere.toml"], "no cohort file at"),
        (["describe", "gbsg2", "--data-root", "nowhere"], "--data-root nowhere: no such folder"),
        (["init", "nowhere.csv", "--yes"], "no file at nowhere.csv"),
    ],
)
def test_bad_input_is_told_in_one_line(capsys: Capture, arguments: list[str], message: str) -> None:
    assert message in done(capsys, "data", *arguments, code=2)
