"""Language models that are trained, in whole or in part: backbones, tokens, batches, generation."""

from methods.shared.text.attention_maps import attention_from_first_token
from methods.shared.text.backbone import Backbone, fresh_backbone, load_backbone
from methods.shared.text.batches import SimilarLengthBatches
from methods.shared.text.completion import completion_losses, output_logits
from methods.shared.text.generation import Generated, generated
from methods.shared.text.partly_trained import PartlyTrained, ReadTexts, diagnostics
from methods.shared.text.pooling import first_token, masked_mean
from methods.shared.text.scratch import Size, scratch_backbone
from methods.shared.text.tokens import TokenTexts, length_sorted, padded, tokenised

__all__ = [
    "Backbone",
    "Generated",
    "PartlyTrained",
    "ReadTexts",
    "SimilarLengthBatches",
    "Size",
    "TokenTexts",
    "attention_from_first_token",
    "completion_losses",
    "diagnostics",
    "first_token",
    "fresh_backbone",
    "generated",
    "length_sorted",
    "load_backbone",
    "masked_mean",
    "output_logits",
    "padded",
    "scratch_backbone",
    "tokenised",
]
