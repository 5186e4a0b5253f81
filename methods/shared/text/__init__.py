"""Language models that are trained, in whole or in part: backbones, tokens, batches, generation."""

from methods.shared.text.backbone import Backbone, load_backbone
from methods.shared.text.partly_trained import PartlyTrained, ReadTexts, diagnostics
from methods.shared.text.pooling import first_token, masked_mean
from methods.shared.text.scratch import Size, scratch_backbone
from methods.shared.text.tokens import TokenTexts, length_sorted, tokenised

__all__ = [
    "Backbone",
    "PartlyTrained",
    "ReadTexts",
    "Size",
    "TokenTexts",
    "diagnostics",
    "first_token",
    "length_sorted",
    "load_backbone",
    "masked_mean",
    "scratch_backbone",
    "tokenised",
]
