"""A fitted student in a folder, for use without network, dataset or training patients: safetensors and JSON alone.

``student.json`` has the settings and what was learnt in words and numbers, ``student.safetensors`` weights and arrays,
``tokenizer/`` and ``architecture.json`` the language model's. No patient's data are among them but the vocabulary of a
scratch tokenizer, which is made of words of the training reports, and summary numbers.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from benchmarks.errors import UsageError
from benchmarks.types import Context, FloatArray
from methods.llm_distillation.config import Config
from methods.llm_distillation.curves import Marginal
from methods.llm_distillation.fitted import FittedStudent
from methods.llm_distillation.heads import HiddenCurves, make_head
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.making import make_network
from methods.llm_distillation.measurements import Measurements
from methods.llm_distillation.prompts import Prompts
from methods.llm_distillation.report_summary import ReportSummary
from methods.llm_distillation.student import Student
from methods.shared.text import Backbone

PLAIN, ARRAYS, ARCHITECTURE, TOKENIZER = "student.json", "student.safetensors", "architecture.json", "tokenizer"
# Raised when what is saved changes its meaning.
VERSION = 1


def save_student(fitted: FittedStudent, folder: Path) -> None:
    """Write a fitted student into a new folder.

    Raises
    ------
    UsageError
        If the folder has something in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: give a folder of its own to a student")
    folder.mkdir(parents=True, exist_ok=True)
    student = fitted.student
    plain, arrays = student.measurements.state()
    everything: dict[str, FloatArray] = {f"measurements.{name}": values for name, values in arrays.items()}
    everything |= {f"head.{name}": values for name, values in fitted.curves.arrays.items()}
    everything |= {"marginal.knots": fitted.marginal.knots, "marginal.survival": fitted.marginal.survival}
    summary = student.summary
    if summary is not None:
        everything["summary.rarity"] = summary.rarity
    tensors = {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in everything.items()}
    # Cloned: safetensors refuses tensors that share memory, as tied embeddings do.
    weights = {f"network.{name}": value.cpu().clone() for name, value in student.network.state_dict().items()}
    save_file(tensors | weights, folder / ARRAYS)
    said = {
        "version": VERSION,
        "config": asdict(student.config),
        "label": student.backbone.label,
        "length": student.length,
        "prompts": student.prompts.state(),
        "measurements": plain,
        "vocabulary": None if summary is None else summary.vocabulary,
        "horizons": asdict(fitted.horizons),
        "end": fitted.marginal.end,
        "alpha": fitted.alpha,
        "tokens_seen": fitted.tokens_seen,
    }
    (folder / PLAIN).write_text(json.dumps(said, indent=1, sort_keys=True))
    language: Any = student.network.language.model
    (folder / ARCHITECTURE).write_text(language.config.to_json_string())
    student.backbone.tokenizer.save_pretrained(folder / TOKENIZER)


def load_student(folder: Path, context: Context) -> FittedStudent:
    """Return a saved student; nothing but the folder is read.

    Parameters
    ----------
    folder : Path
        As ``save_student`` wrote it.
    context : Context
        Device and threads; the seed changes nothing.

    Raises
    ------
    UsageError
        If the folder is not there, or not of this version.
    """
    if not (folder / PLAIN).is_file():
        raise UsageError(f"{folder} has no {PLAIN}: it is no saved student")
    said = json.loads((folder / PLAIN).read_text())
    if said["version"] != VERSION:
        raise UsageError(
            f"{folder} was saved in form {said['version']}, this is form {VERSION}: save the student again"
        )
    config = _config(said["config"])
    stored = load_file(folder / ARRAYS)
    arrays = {name: values.numpy() for name, values in stored.items() if not name.startswith("network.")}
    measurements = Measurements.restored(config.components, said["measurements"], _below(arrays, "measurements."))
    summary = None if said["vocabulary"] is None else ReportSummary(said["vocabulary"], arrays["summary.rarity"])
    head = make_head(config.head, config.intervals)
    curves = HiddenCurves(head, _below(arrays, "head."))
    # What an untrained student says is no matter, but only with something to say it has constants.
    start = None if config.head == "cox" else np.zeros(len(curves.arrays["cuts"]))
    outputs = 1 if start is None else len(start)
    network = make_network(_backbone(folder, said["label"]), measurements, outputs, start, config, context)
    weights = {name.removeprefix("network."): values for name, values in stored.items() if name.startswith("network.")}
    network.load_state_dict(weights)
    student = Student(network.eval(), Prompts.restored(said["prompts"]), measurements, summary, config)
    student.length = said["length"]
    horizons = Horizons(
        tuple(said["horizons"]["times"]), tuple(said["horizons"]["numbers"]), said["horizons"]["letter"]
    )
    marginal = Marginal(arrays["marginal.knots"], arrays["marginal.survival"], said["end"])
    return FittedStudent(student, curves, horizons, marginal, said["alpha"], said["tokens_seen"])


def _config(values: dict[str, Any]) -> Config:
    """Return the settings as they were; what they name elsewhere, such as a model's folder, is not looked for."""
    config = object.__new__(Config)
    for name, value in values.items():
        object.__setattr__(config, name, value)
    return config


def _backbone(folder: Path, label: str) -> Backbone:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    reader: Any = AutoModelForCausalLM
    architecture: Any = AutoConfig.for_model(**json.loads((folder / ARCHITECTURE).read_text()))
    tokenizer = AutoTokenizer.from_pretrained(folder / TOKENIZER, local_files_only=True)
    model = reader.from_config(architecture).float().eval()
    return Backbone(tokenizer, model, "causal", label, "")


def _below(arrays: dict[str, FloatArray], start: str) -> dict[str, FloatArray]:
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}
