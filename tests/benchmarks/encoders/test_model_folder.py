"""Folders of models: what is read, and what is said of a folder that cannot be."""

import json
from pathlib import Path

import pytest

from benchmarks.encoders.model_folder import find_model, pinned
from benchmarks.encoders.pretrained import frame_of, load_model, load_tokenizer
from benchmarks.errors import UsageError


def test_a_whole_folder_has_label_and_checksum_of_its_content(checkpoint: Path) -> None:
    found = find_model(f"hf:{checkpoint}")
    assert found.label == "tiny"
    assert len(found.checksum) == 64
    (checkpoint / "README.md").write_text("a card")
    assert find_model(f"hf:{checkpoint}") == found
    assert load_model(found, "encoder").config.num_hidden_layers == 2
    assert frame_of(load_tokenizer(found)) == ([2], [3])


def test_a_checksum_behind_the_folder_holds_it_to_its_content(checkpoint: Path) -> None:
    written_out = pinned(f"hf:{checkpoint}")
    assert written_out == f"hf:{checkpoint}@{find_model(f'hf:{checkpoint}').version}"
    assert pinned(written_out) == written_out
    assert pinned("minilm") == "minilm"
    assert find_model(written_out) == find_model(f"hf:{checkpoint}")
    config = checkpoint / "config.json"
    config.write_text(config.read_text().replace("gelu", "relu"))
    with pytest.raises(UsageError, match="its files have changed"):
        find_model(written_out)


@pytest.mark.parametrize(
    ("specification", "said"),
    [
        ("minilm", "python -m benchmarks models fetch minilm"),
        ("smollm2-135m", "python -m benchmarks models fetch smollm2-135m"),
        ("minlm", "did you mean minilm"),
        ("hf:no/such-model", "no model in Hugging Face's cache"),
        ("hf:no/such-model@abc", "hf download no/such-model --revision abc"),
        ("hf:/no/such/folder", "neither a folder nor the identifier of a model"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(specification: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_model(specification)


def test_a_folder_without_weights_is_refused(checkpoint: Path) -> None:
    (checkpoint / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="tiny has no weights"):
        find_model(f"hf:{checkpoint}")


def test_pickled_weights_are_refused_unread(checkpoint: Path) -> None:
    (checkpoint / "model.safetensors").rename(checkpoint / "pytorch_model.bin")
    with pytest.raises(UsageError, match=r"pickled \(pytorch_model.bin\).*save them as safetensors"):
        find_model(f"hf:{checkpoint}")


def test_a_folder_without_tokenizer_is_refused(checkpoint: Path) -> None:
    (checkpoint / "tokenizer.json").unlink()
    with pytest.raises(UsageError, match="tiny has no tokenizer"):
        find_model(f"hf:{checkpoint}")


@pytest.mark.parametrize("broken", ["", "{"])
def test_a_folder_without_configuration_is_refused(checkpoint: Path, broken: str) -> None:
    config = checkpoint / "config.json"
    config.write_text(broken) if broken else config.unlink()
    with pytest.raises(UsageError, match=r"config.json"):
        find_model(f"hf:{checkpoint}")


def test_code_in_a_folder_is_never_run(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    asking = {**config, "model_type": "of_its_own", "auto_map": {"AutoModel": "code.Model"}}
    (checkpoint / "config.json").write_text(json.dumps(asking))
    (checkpoint / "code.py").write_text("raise SystemExit('run!')")
    with pytest.raises(UsageError, match="asks for code of its own"):
        find_model(f"hf:{checkpoint}")


def test_damaged_weights_are_told(checkpoint: Path) -> None:
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(UsageError, match="the weights of tiny cannot be read"):
        load_model(find_model(f"hf:{checkpoint}"), "encoder")


def test_weights_that_do_not_fit_the_configuration_are_told(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(UsageError, match=r"tiny lacks 16 of the weights of a model of kind encoder"):
        load_model(find_model(f"hf:{checkpoint}"), "encoder")
