#!/usr/bin/env python3
"""Records training_curves.json: loss curves and predictions of scikit-learn and PyTorch on rows made by a formula.

Run it by hand with an interpreter that has both; the test only reads the file. All in float64, rows in order (no
shuffling), no dropout, so that nothing random is left.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
import torch
from sklearn.neural_network import MLPRegressor

ROWS, INPUTS = 96, 20


def rows():
    i, j = np.arange(ROWS)[:, None], np.arange(INPUTS)[None, :]
    x = np.sin(0.7 * i + 1.3 * j * (i % 7 + 1))
    y = x[:, 0] - 0.8 * x[:, 1] * x[:, 2] + 0.5 * np.abs(x[:, 3])
    # As the trainer gets them.
    return x.astype(np.float32).astype(np.float64), y.astype(np.float32).astype(np.float64)


def start_weights(units):
    """[out, in] per layer; biases start at zero."""
    layers = []
    for layer in range(len(units) - 1):
        out, inner = np.arange(units[layer + 1])[:, None], np.arange(units[layer])[None, :]
        w = np.cos(1.7 * out + 0.9 * inner * (out + 1) + layer) * np.sqrt(2.0 / units[layer])
        layers.append(w.astype(np.float32).astype(np.float64))
    return layers


def scikit_learn(hidden, activation, epochs, batch, **options):
    weights = start_weights([INPUTS, *hidden, 1])

    class FromGivenWeights(MLPRegressor):
        def _initialize(self, y, layer_units, dtype):
            super()._initialize(y, layer_units, dtype)
            self.coefs_ = [w.T.copy() for w in weights]
            self.intercepts_ = [np.zeros(len(w)) for w in weights]

    x, y = rows()
    mlp = FromGivenWeights(hidden_layer_sizes=hidden, activation=activation, alpha=0.0, batch_size=batch,
                           shuffle=False, max_iter=epochs, tol=0.0, n_iter_no_change=10**6, **options)
    warnings.simplefilter("ignore")
    mlp.fit(x, y)
    # Its loss is half the mean squared error.
    return {"losses": [2 * v for v in mlp.loss_curve_], "predictions": mlp.predict(x)[:8].tolist()}


def pytorch(hidden, activation, epochs, batch, loss_function, make_optimizer, clip=0.0):
    torch.set_default_dtype(torch.float64)
    layers = []
    weights = start_weights([INPUTS, *hidden, 1])
    for i, w in enumerate(weights):
        linear = torch.nn.Linear(w.shape[1], w.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w))
            linear.bias.zero_()
        layers += [linear] + ([activation] if i + 1 < len(weights) else [])
    network = torch.nn.Sequential(*layers)
    optimizer = make_optimizer(network)
    x, y = (torch.from_numpy(v) for v in rows())
    losses = []
    for _ in range(epochs):
        total = 0.0
        for first in range(0, ROWS, batch):
            optimizer.zero_grad()
            loss = loss_function(network(x[first:first + batch])[:, 0], y[first:first + batch])
            loss.backward()
            if clip > 0.0:
                torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
            optimizer.step()
            total += loss.item() * len(y[first:first + batch])
        losses.append(total / ROWS)
    return {"losses": losses, "predictions": network(x)[:8, 0].tolist()}


def decayed_weights_only(network):
    weights = [p for p in network.parameters() if p.dim() == 2]
    biases = [p for p in network.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": 0.1}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.01)


curves = {
    "sklearn_adam_relu": scikit_learn([5], "relu", 40, 32, solver="adam", learning_rate_init=0.01),
    "sklearn_sgd_tanh": scikit_learn([6, 4], "tanh", 40, 40, solver="sgd", learning_rate_init=0.05, momentum=0.9,
                                     nesterovs_momentum=False),
    "torch_adam_relu": pytorch([5], torch.nn.ReLU(), 40, 32, torch.nn.MSELoss(),
                               lambda n: torch.optim.Adam(n.parameters(), lr=0.01)),
    "torch_adamw_silu_huber": pytorch([12, 7], torch.nn.SiLU(), 40, 32, torch.nn.HuberLoss(delta=0.5),
                                      decayed_weights_only),
    "torch_adam_gelu_clipped": pytorch([16, 16], torch.nn.GELU(approximate="tanh"), 30, 32, torch.nn.MSELoss(),
                                       lambda n: torch.optim.Adam(n.parameters(), lr=0.005), clip=0.3),
    "torch_adam_mish_absolute": pytorch([10], torch.nn.Mish(), 30, 32, torch.nn.L1Loss(),
                                        lambda n: torch.optim.Adam(n.parameters(), lr=0.005)),
}
made_with = {"scikit-learn": sklearn.__version__, "torch": torch.__version__, "numpy": np.__version__}
path = pathlib.Path(__file__).with_name("training_curves.json")
path.write_text(json.dumps({"made_with": made_with, "curves": curves}, indent=1) + "\n")
