"""Which classes and functions a saved model may name: those of this suite, of the method's own package, and a few more.

A model folder may come from anybody. What it names is looked up here before anything is imported, instances are made
without calling their constructors, and nothing else in the folder is code. So a forged folder can make these classes
hold other numbers, and no more.
"""

import importlib
import types
from collections.abc import Callable
from typing import Any

# Packages whose classes and functions a model may name, beside that of the method itself.
OWN = ("methods", "metrics", "benchmarks.types", "benchmarks.encoders")

# Classes of libraries, by module: fitted transformers, forests and boosted trees, layers of networks.
CLASSES: dict[str, frozenset[str]] = {
    "pycox.models.cox_time": frozenset({"MLPVanillaCoxTime"}),
    "pycox.preprocessing.label_transforms": frozenset({"LabTransCoxTime"}),
    "sklearn._loss.link": frozenset({"IdentityLink", "Interval"}),
    "sklearn.compose._column_transformer": frozenset({"ColumnTransformer"}),
    "sklearn.decomposition._pca": frozenset({"PCA"}),
    "sklearn.decomposition._truncated_svd": frozenset({"TruncatedSVD"}),
    "sklearn.feature_extraction.text": frozenset({"CountVectorizer", "TfidfTransformer", "TfidfVectorizer"}),
    "sklearn.feature_selection._variance_threshold": frozenset({"VarianceThreshold"}),
    "sklearn.impute._base": frozenset({"MissingIndicator", "SimpleImputer"}),
    "sklearn.linear_model._ridge": frozenset({"RidgeCV"}),
    "sklearn.pipeline": frozenset({"Pipeline"}),
    "sklearn.preprocessing._data": frozenset({"StandardScaler"}),
    "sklearn.preprocessing._encoders": frozenset({"OneHotEncoder"}),
    "sklearn.preprocessing._polynomial": frozenset({"PolynomialFeatures"}),
    "sklearn.tree._classes": frozenset({"DecisionTreeRegressor"}),
    "sksurv.ensemble.boosting": frozenset({"GradientBoostingSurvivalAnalysis"}),
    "sksurv.ensemble.forest": frozenset({"RandomSurvivalForest"}),
    "sksurv.ensemble.survival_loss": frozenset({"CoxPH"}),
    "sksurv.functions": frozenset({"StepFunction"}),
    "sksurv.linear_model.coxph": frozenset({"BreslowEstimator"}),
    "sksurv.tree.tree": frozenset({"SurvivalTree"}),
    "torchtuples.practical": frozenset({"DenseVanillaBlock", "MLPVanilla"}),
    "transformers.generation.configuration_utils": frozenset({"GenerationConfig"}),
    "transformers.tokenization_utils_tokenizers": frozenset({"TokenizersBackend"}),
}

# Attributes of these that no prediction reads.
NOT_NEEDED = {"pycox.preprocessing.label_transforms:LabTransCoxTime": ("_inverse_duration_map",)}

# Attributes of language models: how low-rank layers were added, which stands in the layers themselves; and that hooks
# are there, which transformers puts back when it needs them.
NOWHERE_NEEDED = ("peft_config", "_output_capturing_hooks_installed")
HOOKS, PUT_BACK_BY = "_forward_hooks", "transformers.utils.output_capturing"

# Of these modules every layer: subclasses of ``torch.nn.Module`` that hold weights and settings.
LAYERS = ("torch.nn.modules", "transformers.models", "transformers.activations", "peft.tuners")
# The settings and the tokenizer of a language model beside its layers.
SETTINGS = "transformers.models"

FUNCTIONS: dict[str, frozenset[str]] = {
    "pycox.models.loss": frozenset({"nll_logistic_hazard", "nll_mtlr", "nll_pc_hazard_loss", "nll_pmf"}),
}

NUMPY_TYPES = frozenset({"float16", "float32", "float64", "int32", "int64", "bool", "object_", "str_"})


class NotAllowedError(ValueError):
    """Something is named that no saved model may name."""


def class_name(found: type[Any], package: str) -> str:
    """Return ``"module:Class"`` of a class that a model of the package may have.

    Raises
    ------
    NotAllowedError
        If it may not.
    """
    name = f"{found.__module__}:{found.__qualname__}"
    if load_class(name, package) is not found:
        raise NotAllowedError(f"another class stands at {name}")
    return name


def load_class(name: str, package: str) -> type[Any]:
    """Return the class of a ``"module:Class"`` that a model of the package may have; its module is imported.

    Raises
    ------
    NotAllowedError
        If it may not have it, or there is none.
    """
    module, _, attribute = name.partition(":")
    listed = attribute in CLASSES.get(module, ())
    layers = any(_within(module, place) for place in LAYERS)
    if not (listed or layers or _is_own(module, package)):
        raise NotAllowedError(f"a class that no saved model may have: {name[:120]}")
    found = _looked_up(module, attribute)
    if not isinstance(found, type):
        raise NotAllowedError(f"no class: {name[:120]}")
    if layers and not listed and not _is_of_a_network(found, module):
        raise NotAllowedError(f"no part of a network: {name[:120]}")
    return found


def function_name(function: Callable[..., Any], package: str) -> str:
    """Return ``"module:function"`` of a function of a module that a model of the package may have.

    Raises
    ------
    NotAllowedError
        If it may not, or the function is made inside of another, so that nothing but its code tells what it does.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    if load_function(name, package) is not function:
        raise NotAllowedError(f"another function stands at {name}")
    return name


def load_function(name: str, package: str) -> Callable[..., Any]:
    """Return the function of a ``"module:function"``; see ``function_name``."""
    module, _, attribute = name.partition(":")
    if not (attribute in FUNCTIONS.get(module, ()) or _is_own(module, package)):
        raise NotAllowedError(f"a function that no saved model may have: {name[:120]}")
    found = _looked_up(module, attribute)
    if not isinstance(found, types.FunctionType) or "." in attribute:
        raise NotAllowedError(f"no function: {name[:120]}")
    return found


def package_of(entry: str) -> str:
    """Return the top-level package of a method's ``"module:Class"``."""
    return entry.partition(":")[0].partition(".")[0]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _is_own(module: str, package: str) -> bool:
    of_suite = package in ("benchmarks", "metrics", "leaderboards")
    return any(_within(module, one) for one in (OWN if of_suite else (*OWN, package)))


def _looked_up(module: str, attribute: str) -> Any:
    if not all(part.isidentifier() for part in [*module.split("."), *attribute.split(".")]):
        raise NotAllowedError(f"no name: {module[:60]}:{attribute[:60]}")
    try:
        found: Any = importlib.import_module(module)
    except ImportError:
        raise NotAllowedError(f"there is no module {module[:120]}") from None
    for part in attribute.split("."):
        found = getattr(found, part, None)
    # What a module has imported from another one is named there.
    if getattr(found, "__module__", None) != module or getattr(found, "__qualname__", None) != attribute:
        raise NotAllowedError(f"{module[:60]} has no {attribute[:60]} of its own")
    return found


def _is_of_a_network(found: type[Any], module: str) -> bool:
    import torch

    if issubclass(found, torch.nn.Module):
        return True
    if not _within(module, SETTINGS):
        return False
    from transformers import PretrainedConfig
    from transformers.tokenization_utils_tokenizers import TokenizersBackend

    return issubclass(found, PretrainedConfig | TokenizersBackend)
