"""scikit-learn's models for bench/accuracy_peers.py: ridge, MLP 64-64 with early stopping, gradient boosting, a constant."""
import warnings

import numpy as np
import pandas as pd
from accuracy_report import BOOSTING, CONSTANT, MLP, RIDGE
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 42
# Keeps finite what a linear model puts beyond anything that was learnt.
LARGEST_LOG = 50.0


def _mlp(kind):
    return kind(hidden_layer_sizes=(64, 64), early_stopping=True, n_iter_no_change=20, max_iter=1000, random_state=SEED)


def _models(two_valued):
    if two_valued:
        logistic = LogisticRegressionCV(Cs=6, cv=5, scoring="neg_log_loss", max_iter=500, l1_ratios=(0.0,),
                                        use_legacy_attributes=False)
        return {RIDGE: logistic, MLP: _mlp(MLPClassifier), BOOSTING: HistGradientBoostingClassifier(random_state=SEED)}
    return {RIDGE: RidgeCV(alphas=np.logspace(-3, 3, 13)), MLP: _mlp(MLPRegressor),
            BOOSTING: HistGradientBoostingRegressor(random_state=SEED)}


def _inputs(case, rows):
    """Numbers as numbers (after log1p where the case says so), words with a word for missing, dates as days and month."""
    columns = {}
    for name in case.inputs:
        cells = case.table[name].iloc[rows]
        if name in case.dates:
            date = pd.to_datetime(cells)
            columns[name + " days"] = (date - pd.Timestamp("2000-01-01")).dt.days.astype(float)
            columns[name + " month"] = date.dt.month.astype(str)
        elif name in case.words:
            columns[name] = cells.where(cells != "", "missing")
        else:
            numbers = pd.to_numeric(cells.str.strip(), errors="coerce")
            columns[name] = np.log1p(numbers) if name in case.log_inputs else numbers
    return pd.DataFrame(columns)


def _encoder(inputs):
    numeric = [name for name in inputs if pd.api.types.is_numeric_dtype(inputs[name])]
    words = [name for name in inputs if name not in numeric]
    return ColumnTransformer(
        [("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numeric),
         ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words)], sparse_threshold=0)


def _fit_number(model, x, y, x_test, scale):
    """Fits on the standardised target (on its own scale, asinh or log1p), and predicts in the target's own unit."""
    forward = {"none": lambda v: v, "asinh": np.arcsinh, "log1p": np.log1p}[scale](y)
    mean, spread = forward.mean(), forward.std() or 1.0
    model.fit(x, (forward - mean) / spread)
    predicted = np.clip(model.predict(x_test) * spread + mean, -LARGEST_LOG, LARGEST_LOG) if scale != "none" else \
        model.predict(x_test) * spread + mean
    if scale == "asinh":
        return np.sinh(predicted)
    if scale == "log1p":  # Duan's smearing estimate of the mean.
        residuals = forward - (model.predict(x) * spread + mean)
        return np.exp(predicted) * np.exp(np.clip(residuals, -LARGEST_LOG, LARGEST_LOG)).mean() - 1.0
    return predicted


def predict_peers(case, train, test):
    """{peer: predictions of the test rows}: numbers in the target's own unit, or probabilities."""
    y = case.y[train]
    answer = {CONSTANT: np.full(len(test), np.sinh(np.arcsinh(y).mean()) if case.scale == "asinh" else y.mean())}
    inputs = _inputs(case, train)
    encoder = _encoder(inputs)
    x, x_test = encoder.fit_transform(inputs), encoder.transform(_inputs(case, test))
    for name, model in _models(case.two_valued).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            if case.two_valued:
                answer[name] = model.fit(x, y).predict_proba(x_test)[:, 1]
            else:
                answer[name] = _fit_number(model, x, y, x_test, case.scale)
    return answer
