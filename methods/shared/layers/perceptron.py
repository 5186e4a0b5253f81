"""Perceptrons on the clinical table: settings, network, fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torchtuples.practical import MLPVanilla

from benchmarks.types import Context, FloatArray, IntArray, Patients, Trial
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train
from methods.shared.training.reproducible import reproducible


@dataclass(frozen=True, slots=True)
class PerceptronConfig:
    """Settings that all perceptrons on the clinical table have.

    Parameters
    ----------
    layers, width : int
        Hidden layers (0 is a linear model), and nodes in each.
    dropout : float
        Share of a hidden layer's outputs dropped in training.
    batch_norm : bool
        Whether hidden layers are followed by batch normalisation.
    learning_rate, weight_decay : float
        Of AdamW: a step shrinks the weights by the product of both.
    batch_size : int
        Patients in a batch.
    epochs : int
        Most passes over the training patients.
    patience : int
        Epochs without a lower validation loss after which training stops.
    """

    layers: Annotated[int, Field(ge=0)] = 2
    width: Annotated[int, Field(ge=1)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    batch_norm: bool = True
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 1.0
    batch_size: Annotated[int, Field(ge=2)] = 64
    epochs: Annotated[int, Field(ge=1)] = 500
    patience: Annotated[int, Field(ge=1)] = 20

    @property
    def nodes(self) -> list[int]:
        """Width of each hidden layer."""
        return [self.width] * self.layers

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""
        return TrainingSettings(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            epochs=self.epochs,
            patience=self.patience,
        )


def perceptron_choices(trial: Trial, *, fewest_layers: int = 1) -> dict[str, Any]:
    """Draw the settings of a perceptron from an Optuna trial."""
    return {
        "layers": trial.suggest_int("layers", fewest_layers, 4),
        "width": trial.suggest_categorical("width", [16, 32, 64, 128]),
        "dropout": trial.suggest_float("dropout", 0.0, 0.6),
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-3, 10.0, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
    }


def as_tensor(features: FloatArray, device: torch.device | str) -> Tensor:
    """Return features, shape (n, p), as a float32 tensor on a device."""
    return torch.as_tensor(features, dtype=torch.float32, device=device)


class ClinicalPerceptron:
    """Preprocessor and perceptron in one: from a clinical table to the network's outputs.

    The network is torchtuples' ``MLPVanilla``: linear, ReLU, batch normalisation, dropout; weights of the hidden
    layers drawn as in He et al. (2015).

    Parameters
    ----------
    config : PerceptronConfig
        Size of the network and how it is trained.
    """

    def __init__(self, config: PerceptronConfig) -> None:
        self.config = config

    def fit(
        self,
        train_patients: Patients,
        train_labels: tuple[Tensor, ...],
        validation_patients: Patients,
        validation_labels: tuple[Tensor, ...],
        loss: Callable[..., Tensor | None],
        context: Context,
        *,
        outputs: int,
        output_bias: bool = True,
        start: FloatArray | None = None,
        name: str = "",
    ) -> TrainingRecord:
        """Train on patients and their labels.

        Parameters
        ----------
        train_patients, validation_patients : Patients
            With a clinical table.
        train_labels, validation_labels : tuple of Tensor
            Each with one row per patient; rows of them are given to the loss after the outputs.
        loss : callable
            ``loss(outputs, *labels)``, the mean loss of a batch, or None if the batch has none.
        context : Context
            Of the fit.
        outputs : int
            Number of outputs of the network.
        output_bias : bool
            Whether the last layer has a bias.
        start : array, shape (outputs,), optional
            What the untrained network says of everybody: the last layer starts with zero weights and this bias. If
            not given, its weights are random.
        name : str
            Which of several networks of one fit it is: each has random numbers of its own.
        """
        table = train_patients.table()
        self._features = TabularPreprocessor().fit(table)
        device = torch.device(context.device)
        x = as_tensor(self._features.transform(table), device)
        x_validation = as_tensor(self._features.transform(validation_patients.table()), device)
        y = tuple(label.to(device) for label in train_labels)
        y_validation = tuple(label.to(device) for label in validation_labels)
        with reproducible(context, "weights", *([name] if name else [])):
            self._network = perceptron(self.config, x.shape[1], outputs, output_bias=output_bias, start=start).to(
                device
            )

        def batch_loss(rows: IntArray) -> Tensor | None:
            chosen = torch.from_numpy(rows).to(device)
            return loss(self._network(x[chosen]), *(label[chosen] for label in y))

        def validation_loss() -> float:
            value = loss(self._network(x_validation), *y_validation)
            if value is None:
                raise ValueError("the validation part has no loss: is there no event in it?")
            return float(value)

        batches = ShuffledBatches(len(x), self.config.batch_size)
        return train(self._network, batch_loss, validation_loss, batches, self.config.training, context, name=name)

    def outputs(self, patients: Patients) -> FloatArray:
        """Return the network's outputs, shape (n, outputs)."""
        device = next(self._network.parameters()).device
        x = as_tensor(self._features.transform(patients.table()), device)
        with torch.no_grad():
            values: FloatArray = self._network(x).cpu().numpy().astype(np.float64)
        return values


def perceptron(
    config: PerceptronConfig,
    inputs: int,
    outputs: int,
    *,
    output_bias: bool = True,
    start: FloatArray | None = None,
) -> nn.Module:
    """Return an untrained network, drawn from torch's generator; see ``ClinicalPerceptron.fit``."""
    network = MLPVanilla(
        inputs,
        config.nodes,
        outputs,
        batch_norm=config.batch_norm,
        dropout=config.dropout or None,
        output_bias=output_bias,
    )
    if start is not None:
        last = network.net[-1]
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            last.bias.copy_(torch.from_numpy(start))
    return cast(nn.Module, network)
