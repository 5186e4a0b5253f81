"""The first of two stages: the last layers of an encoder are tuned together with a network on its vectors."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.types import Context, IntArray, Outcome, Texts
from methods.bertsurv.config import CLIP_NORM, Config
from methods.bertsurv.encoder_vectors import EncoderVectors
from methods.bertsurv.network import BertSurvNetwork
from methods.bertsurv.note_vectors import Scale
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.text import ReadTexts
from methods.shared.training.bag_network import BagInputs
from methods.shared.training.batches import EventBalancedBatches
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train, warm_up_cosine

WARM_UP_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class ReadPart:
    """n patients with their notes as far as the frozen layers have read them.

    Parameters
    ----------
    read : ReadTexts
        The pieces of all notes, patient after patient.
    ends : array of int, shape (n + 1,)
        The pieces of patient i are those from ``ends[i]`` to before ``ends[i + 1]``; none without a note.
    tokens : int
        Of all pieces.
    inputs : BagInputs
        What stands beside the notes.
    outcome : Outcome
        Of the patients.
    """

    read: ReadTexts
    ends: IntArray
    tokens: int
    inputs: BagInputs
    outcome: Outcome


def read_part(encoder: EncoderVectors, notes: Texts, inputs: BagInputs, outcome: Outcome) -> ReadPart:
    """Run the frozen layers over the notes of n patients."""
    tokens = encoder.tokens([text for text, there in zip(notes.texts, notes.present, strict=True) if there])
    pieces = np.zeros(len(notes), dtype=np.int64)
    pieces[notes.present] = np.bincount(tokens.owner, minlength=len(tokens))
    read = encoder.module.read(tokens.ids)
    return ReadPart(read, np.concatenate([[0], pieces.cumsum()]), int(tokens.tokens.sum()), inputs, outcome)


class TunedNetwork(nn.Module):
    """The trained layers of an encoder, the scale of its vectors, and the network on them.

    Parameters
    ----------
    encoder : EncoderVectors
        With layers to train.
    scale : Scale
        Of its vectors before tuning.
    network : BertSurvNetwork
        Trained on those vectors.
    """

    def __init__(self, encoder: EncoderVectors, scale: Scale, network: BertSurvNetwork) -> None:
        super().__init__()
        self.language_model = encoder.module
        self.network = network
        self._pooled = encoder.pooled
        self._mean = torch.as_tensor(scale.mean, dtype=torch.float32, device=encoder.module.device)
        self._spread = scale.spread

    def forward(self, part: ReadPart, rows: IntArray) -> Tensor:
        """Return the outputs of some patients, shape (b, outputs)."""
        counts = np.diff(part.ends)[rows]
        pieces = np.concatenate([np.arange(part.ends[row], part.ends[row + 1]) for row in rows])
        owner = torch.from_numpy(np.repeat(np.arange(len(rows)), counts)).to(self._mean.device)
        vectors = self._pooled(part.read, pieces) if len(pieces) else self._mean.new_zeros((0, len(self._mean)))
        bags = PackedBags((vectors - self._mean) / self._spread, owner, len(rows))
        chosen = torch.from_numpy(rows).to(self._mean.device)
        others = [values[chosen] for values in part.inputs.vectors]
        outputs: Tensor = self.network(bags, others, part.inputs.present[chosen])[0]
        return outputs


def tune(
    network: TunedNetwork,
    head: SurvivalHead,
    train_part: ReadPart,
    held_out: ReadPart,
    config: Config,
    context: Context,
) -> TrainingRecord:
    """Train the last layers and the network together, in place; the epoch with the lowest held-out loss is kept.

    If no epoch has a lower loss than the start, the encoder stays as it was. That the network has been trained on
    the frozen vectors before keeps its first, random gradients out of the encoder (Kumar et al. 2022).
    """
    labels = [label.to(context.device) for label in head.labels(train_part.outcome)]
    held_out_labels = [label.to(context.device) for label in head.labels(held_out.outcome)]

    def loss(rows: IntArray) -> Tensor | None:
        chosen = torch.from_numpy(rows).to(context.device)
        return head.loss(network(train_part, rows), *(label[chosen] for label in labels))

    def held_out_loss() -> float:
        rows = np.arange(len(held_out.outcome))
        few = [rows[start : start + config.tune_batch_size] for start in range(0, len(rows), config.tune_batch_size)]
        value = head.loss(torch.cat([network(held_out, some) for some in few]), *held_out_labels)
        if value is None:
            raise ValueError("the validation part has no loss: is there no event in it?")
        return float(value)

    batches = EventBalancedBatches(train_part.outcome.event, config.tune_batch_size)
    steps = config.tune_epochs * max(1, round(len(train_part.outcome) / config.tune_batch_size))
    settings = TrainingSettings(
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        epochs=config.tune_epochs,
        clip_norm=CLIP_NORM,
        schedule=warm_up_cosine(steps, round(WARM_UP_SHARE * steps)),
    )
    groups = [
        {"params": network.language_model.trainable(), "lr": config.tune_learning_rate},
        {"params": list(network.network.parameters())},
    ]
    return train(
        network,
        loss,
        held_out_loss,
        batches,
        settings,
        context,
        parameters=groups,
        name="tuning",
        keep_start=True,
    )
