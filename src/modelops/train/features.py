"""From `features:` of a spec to a scikit-learn transformer.

Every step is one that exports to ONNX, except own transformers and hashed text. Rare and unknown categories are the
same thing to the model: ordinal gives both -1, one-hot all zeros, target encoding the overall mean.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from modelops.core.errors import ModelopsError
from modelops.serving.signature import Input
from modelops.spec.features import Categorical, Custom, Numeric
from modelops.spec.model import Spec
from modelops.train.inputs import encoded_name

SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
WORD = r"[^ ]+"  # the words are separated by blanks already, see serving.encode.words

Step = tuple[str, Any, Any]


def transformer(
    spec: Spec, columns: tuple[Input, ...], rows: pd.DataFrame, code: ModuleType | None, *, sparse: bool
) -> ColumnTransformer:
    """Return the unfitted transformer of a spec's features.

    Parameters
    ----------
    spec : Spec
        The model's spec.
    columns : tuple of Input
        The model's inputs.
    rows : pandas.DataFrame
        The encoded training rows; decide which categories are known.
    code : module, optional
        The model's own `code.py`.
    sparse : bool
        Whether the estimator takes sparse matrices.

    Raises
    ------
    ModelopsError
        When a column has nothing to learn from, or an own transformer cannot be made.
    """
    features = spec.features
    steps: list[Step] = []
    if features.numeric:
        names = [encoded_name(columns, name, "number") for name in features.numeric.columns]
        steps.append(("numeric", _numeric(features.numeric), names))
    if features.categorical:
        names = [encoded_name(columns, name, "text") for name in features.categorical.columns]
        steps.append(("categorical", _categorical(spec, features.categorical, rows[names]), names))
    if features.dates:
        names = [name for column in columns for name, kind in column.encodings if kind.endswith(("_sin", "_cos"))]
        steps.append(("dates", "passthrough", names))
    steps += _text_steps(spec, columns)
    steps += _interaction_steps(spec, columns)
    steps += [
        (f"custom{place}", _custom(group, code), [_plain_name(columns, name) for name in group.columns])
        for place, group in enumerate(features.custom)
    ]
    return ColumnTransformer(steps, sparse_threshold=0.3 if sparse else 0)


def _numeric(group: Numeric) -> Any:
    steps: list[tuple[str, Any]] = []
    if group.impute != "none":
        steps.append(("impute", imputer(group.impute)))
    if group.scale != "none":
        steps.append(("scale", SCALERS[group.scale]()))
    return Pipeline(steps) if steps else "passthrough"


def imputer(strategy: str) -> SimpleImputer:
    """Return the imputer for `median`, `mean` or `zero`. A column without any value is kept."""
    if strategy == "zero":
        return SimpleImputer(strategy="constant", fill_value=0, keep_empty_features=True)
    return SimpleImputer(strategy=strategy, keep_empty_features=True)


def _categorical(spec: Spec, group: Categorical, rows: pd.DataFrame) -> Any:
    known = [_categories(name, rows[name], group.rare) for name in rows.columns]
    if group.encode == "ordinal":
        return OrdinalEncoder(categories=known, handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
    if group.encode == "onehot":
        return OneHotEncoder(categories=known, handle_unknown="ignore", dtype=np.float32)
    kind = "continuous" if spec.train.task == "regression" else "auto"
    return TargetEncoder(categories=known, target_type=kind, random_state=spec.train.seed)


def _categories(name: str, values: pd.Series, rare: float) -> np.ndarray:
    counts = values.value_counts()
    frequent = counts[counts >= rare * len(values)]
    if frequent.empty:
        raise ModelopsError(
            f'features.categorical: every category of "{name}" is rarer than rare: {rare}',
            hint="lower features.categorical.rare or leave the column out",
        )
    if len(frequent) > max(len(values) / 2, 10):
        raise ModelopsError(
            f'features.categorical: "{name}" has {len(frequent):,} categories in {len(values):,} training rows',
            hint="leave it out, set features.categorical.rare, or treat it as text",
        )
    return np.array(sorted(frequent.index), dtype=object)


def _text_steps(spec: Spec, columns: tuple[Input, ...]) -> list[Step]:
    group = spec.features.text
    if group is None:
        return []
    steps: list[Step] = []
    for name in group.columns:
        shared = {"lowercase": False, "token_pattern": WORD, "dtype": np.float32}
        if group.encode == "tfidf":
            words = TfidfVectorizer(max_features=group.size, **shared)
        else:
            words = HashingVectorizer(n_features=group.size, **shared)
        steps.append((f"text_{name}", words, encoded_name(columns, name, "words")))
    return steps


def _interaction_steps(spec: Spec, columns: tuple[Input, ...]) -> list[Step]:
    numeric = spec.features.numeric
    impute = numeric.impute if numeric else "none"
    steps: list[Step] = []
    for left, right in spec.features.interactions:
        product = PolynomialFeatures(degree=(2, 2), interaction_only=True, include_bias=False)
        parts = [("impute", imputer(impute))] if impute != "none" else []
        names = [encoded_name(columns, name, "number") for name in (left, right)]
        steps.append((f"product_{left}_{right}", Pipeline([*parts, ("product", product)]), names))
    return steps


def _plain_name(columns: tuple[Input, ...], name: str) -> str:
    """Return the encoded column that an own transformer receives: the one with the column's own name."""
    return next(column.encodings[0][0] for column in columns if column.name == name)


def _custom(group: Custom, code: ModuleType | None) -> Any:
    maker = getattr(code, group.transformer, None)
    if maker is None:
        raise ModelopsError(
            f"features.custom: no class {group.transformer} in the model's code.py",
            hint="write it in models/<model>/code.py, with fit and transform",
        )
    if not (hasattr(maker, "fit") and hasattr(maker, "transform")):
        raise ModelopsError(
            f"features.custom: {group.transformer} has no fit and transform",
            hint="derive it from sklearn.base.TransformerMixin and sklearn.base.BaseEstimator",
        )
    try:
        return maker(**group.params)
    except Exception as error:
        raise ModelopsError(f"features.custom: {group.transformer}: {error}") from error
