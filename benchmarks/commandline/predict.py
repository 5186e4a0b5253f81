"""``predict``: what a saved model says of patients."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import LIMITS, OUTPUT, DataRoot, Json, use_data_root
from benchmarks.errors import UsageError


def predict(
    model: Annotated[Path, typer.Option("--model", help="Folder of a model that fit has saved.")],
    input_: Annotated[
        str,
        typer.Option(
            "--input", help="Patients: a table (.csv), a cohort file (.toml), or a dataset; no outcome is needed."
        ),
    ],
    patient: Annotated[str, typer.Option(help="Column of a table that has the patients' identifiers.")] = "patient",
    times: Annotated[
        str | None,
        typer.Option(help="Times of the curves, comma-separated; those of the protocol if absent."),
    ] = None,
    horizons: Annotated[
        str | None,
        typer.Option(help="Times up to which the risk of the event is told, comma-separated; the protocol's horizon."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="A .csv or .json file; standard output if absent.", rich_help_panel=OUTPUT)
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="module:Class of a model whose method is not registered here.")
    ] = None,
    data_root: DataRoot = None,
    threads: Annotated[int, typer.Option(help="Threads.", rich_help_panel=LIMITS)] = 1,
    as_json: Json = False,
) -> None:
    """Predict patients by a saved model: curves, risk up to horizons, and what it writes. Nothing is fetched."""
    if output is not None and output.suffix not in (".csv", ".json"):
        raise UsageError(f"--output {output}: a name that ends in .csv or .json is needed")
    at, up_to = _numbers("--times", times), _numbers("--horizons", horizons)
    use_data_root(data_root)
    from pydantic import ValidationError

    from benchmarks.atomic_write import write_atomically
    from benchmarks.catalog.registry import method_card
    from benchmarks.execution.resources import check_threads
    from benchmarks.models.conforming import Notes, conform
    from benchmarks.models.folder import load_model
    from benchmarks.models.patients_file import read_patients
    from benchmarks.models.predicting import answer, as_csv
    from benchmarks.models.predicting import as_json as written_json
    from benchmarks.models.reads import about_of

    check_threads(threads)
    loaded = load_model(model, method_card(method) if method is not None else None)
    try:
        about = about_of(loaded.about)
    except ValidationError:
        raise UsageError(f"{model} does not say what its model reads: it is no model of fit") from None
    notes = Notes()
    patients = conform(read_patients(input_, about.modalities, patient), about.modalities, input_, notes)
    said = answer(loaded, about, patients, at, up_to, threads)
    for note in notes.lines:
        tell(f"note: {note}", stderr=True)
    json_wanted = as_json or (output is not None and output.suffix == ".json")
    text = written_json(said, loaded, about, notes.lines) + "\n" if json_wanted else as_csv(said)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        write_atomically(output, text.encode())
    except OSError as error:
        raise UsageError(f"--output {output}: cannot be written: {error.strerror}") from None
    tell(f"{len(said.patients)} patients: {output}", stderr=True)


def _numbers(option: str, text: str | None) -> list[float]:
    """Return the numbers of a comma-separated text; none without one."""
    if text is None:
        return []
    try:
        return [float(one) for one in comma_list(text, "time")]
    except ValueError:
        raise UsageError(f"{option} {text[:40]}: expected numbers such as 365,730") from None
