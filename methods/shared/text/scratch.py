"""Small language models with random weights, and tokenizers that are fitted on the training patients' texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.encoders.pretrained import Kind
from benchmarks.types import Context
from methods.shared.text.backbone import Backbone
from methods.shared.training.reproducible import reproducible

ENCODER_TOKENS = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
CAUSAL_TOKENS = {"pad_token": "[PAD]", "eos_token": "[END]"}


@dataclass(frozen=True, slots=True)
class Size:
    """Shape of a transformer.

    Parameters
    ----------
    width, layers, heads : int
        ``width`` is a multiple of ``heads``; a causal model has half as many key-value heads.
    feed_forward : int
        Width of the feed-forward part.
    positions : int
        Tokens of the longest text.
    dropout : float
        Share dropped in training: of an encoder of states and attention weights, of a causal model of the latter.
    """

    width: int = 256
    layers: int = 4
    heads: int = 4
    feed_forward: int = 1024
    positions: int = 512
    dropout: float = 0.1


def scratch_backbone(texts: Sequence[str], kind: Kind, size: Size, *, vocabulary: int, context: Context) -> Backbone:
    """Return a model with random weights; its tokenizer is fitted on the texts, which must be of training patients.

    An encoder is a BERT that reads lower case, a causal model a Qwen2. Of both the tokens are pairs of bytes, often
    occurring ones joined (byte-level BPE), and a digit is a token of its own.

    Parameters
    ----------
    texts : sequence of str
        What the tokenizer is fitted on.
    kind : {"encoder", "causal"}
        Which of the two.
    size : Size
        Shape of the model.
    vocabulary : int
        Most tokens; 256 single bytes are among them.
    context : Context
        Seed of the weights.
    """
    tokenizer = _tokenizer(texts, kind, vocabulary)
    make = _bert if kind == "encoder" else _qwen
    with reproducible(context, "weights"):
        model = make(size, tokenizer).eval()
    backbone = Backbone(tokenizer, model, kind, "", "")
    return Backbone(tokenizer, model, kind, f"scratch-{backbone.parameters_in_millions:.2f}M", "")


def _tokenizer(texts: Sequence[str], kind: Kind, vocabulary: int) -> Any:
    """Return byte-level BPE (Sennrich et al. 2016), which has no unknown character, in whatever script.

    Not WordPiece: trained twice on the same texts, the library's gives two vocabularies.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ENCODER_TOKENS if kind == "encoder" else CAUSAL_TOKENS
    tokenizer = Tokenizer(models.BPE())
    if kind == "encoder":
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.ByteLevel(add_prefix_space=kind == "encoder"), pre_tokenizers.Digits(individual_digits=True)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(special.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.decoder = decoders.ByteLevel()
    if kind == "encoder":
        framed = [(token, tokenizer.token_to_id(token)) for token in (special["cls_token"], special["sep_token"])]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{special['cls_token']} $A {special['sep_token']}", special_tokens=framed
        )
    fast: Any = PreTrainedTokenizerFast
    return fast(tokenizer_object=tokenizer, **special)


def _bert(size: Size, tokenizer: Any) -> Any:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.feed_forward,
        hidden_dropout_prob=size.dropout,
        attention_probs_dropout_prob=size.dropout,
        max_position_embeddings=size.positions,
        pad_token_id=tokenizer.pad_token_id,
    )
    return BertModel(config, add_pooling_layer=False)


def _qwen(size: Size, tokenizer: Any) -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=max(1, size.heads // 2),
        intermediate_size=size.feed_forward,
        attention_dropout=size.dropout,
        max_position_embeddings=size.positions,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    return Qwen2ForCausalLM(config)
