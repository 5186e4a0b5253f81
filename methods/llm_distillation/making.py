"""An untrained student for some training patients."""

from collections.abc import Sequence

from benchmarks.types import Context, FloatArray, Patients
from methods.llm_distillation.config import SCRATCH, Config
from methods.llm_distillation.fusion import FusionNetwork
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.measurements import Measurements
from methods.llm_distillation.prompts import Prompts
from methods.llm_distillation.report_summary import ReportSummary
from methods.llm_distillation.student import Student, StudentNetwork
from methods.shared.text import Backbone, PartlyTrained, fresh_backbone, load_backbone, scratch_backbone
from methods.shared.training.reproducible import reproducible


def make_student(
    patients: Patients,
    taught: Sequence[str | None],
    horizons: Horizons,
    outputs: int,
    start: FloatArray | None,
    config: Config,
    context: Context,
) -> Student:
    """Return a student with everything learnt of the training patients but its weights.

    Parameters
    ----------
    patients : Patients
        The training patients.
    taught : sequence of n str or None
        What it is to write of them: the words of a scratch model.
    horizons : Horizons
        Named in the prompt.
    outputs : int
        Of the survival head.
    start : array, shape (outputs,), or None
        What the untrained student says of everybody.
    config : Config
        All settings.
    context : Context
        Seed, device, log.

    Raises
    ------
    UsageError
        If there is nothing to read, the backbone cannot be read, or a prompt has no room.
    """
    prompts = Prompts(config.text, horizons.spoken).fit(patients, context)
    measurements = Measurements(config.components).fit(patients, context.derived_seed("components"))
    prompt = prompts.of(patients)
    summary = None
    if config.long_reports == "chunks" and not prompts.templated:
        summary = ReportSummary.fit([report for report in prompt.reports if report])
    texts = [f"{prompt.before}{report}{behind}" for report, behind in zip(prompt.reports, prompt.behind, strict=True)]
    backbone = make_backbone([*texts, *[text for text in taught if text]], config, context)
    network = make_network(backbone, measurements, outputs, start, config, context)
    return Student(network, prompts, measurements, summary, config)


def make_backbone(texts: Sequence[str], config: Config, context: Context) -> Backbone:
    """Return the language model of the settings; the tokenizer of a scratch one is fitted on the texts."""
    if config.backbone == SCRATCH:
        return scratch_backbone(texts, "causal", config.size, vocabulary=config.vocabulary, context=context)
    if config.weights == "fresh":
        return fresh_backbone(config.backbone, "causal", context)
    return load_backbone(config.backbone, "causal")


def make_network(
    backbone: Backbone,
    measurements: Measurements,
    outputs: int,
    start: FloatArray | None,
    config: Config,
    context: Context,
) -> StudentNetwork:
    """Return the network with untrained heads; the embeddings of a pretrained backbone stay as they are."""
    with reproducible(context, "student"):
        language = PartlyTrained(
            backbone,
            config.recipe.trained,
            last_layers=max(1, round(config.trained_fraction * backbone.layers)),
            lora_rank=config.lora_rank,
            precision=config.precision,
            checkpointing=config.checkpointing,
            device=context.device,
        )
        if config.backbone != SCRATCH:
            for parameter in language.model.get_input_embeddings().parameters():  # type: ignore[operator]  # 2026-11-26: of transformers
                parameter.requires_grad_(False)
        fusion = FusionNetwork(
            config.fusion,
            backbone.width,
            measurements.widths,
            measurements.tables,
            outputs,
            start,
            projection=config.projection,
            dropout=config.dropout,
        )
    return StudentNetwork(language, fusion.to(context.device))
