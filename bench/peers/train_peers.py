"""Trains one case of bench/training.cc with a peer and prints its time per step, loss curve and test R2 as JSON.

usage: train_peers.py scikit-learn|pytorch FOLDER

FOLDER has case.json, and rows and initial weights as raw float32. Uses one thread, like roicast.
"""

import json
import os
import pathlib
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402


class Case:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        sizes = json.loads((folder / "case.json").read_text())
        self.inputs, self.hidden = sizes["inputs"], sizes["hidden"]
        self.dropout, self.batch, self.epochs = sizes["dropout"], sizes["batch"], sizes["epochs"]
        assert sizes["activation"] == "ReLU"
        read = lambda name: np.fromfile(folder / name, dtype=np.float32)
        self.x, self.y = read("x").reshape(-1, self.inputs), read("y")
        self.x_test, self.y_test = read("x_test").reshape(-1, self.inputs), read("y_test")
        units = [self.inputs, *self.hidden, 1]
        # [out, in] per layer; biases are zero.
        self.weights = [read(f"weights{i}").reshape(units[i + 1], units[i]) for i in range(len(units) - 1)]
        self.steps = self.epochs * -(-len(self.y) // self.batch)

    def answer(self, seconds, losses, predicted):
        residual = np.square(predicted.ravel() - self.y_test).sum()
        r2 = 1.0 - residual / np.square(self.y_test - self.y_test.mean()).sum()
        return {"seconds_per_step": seconds / self.steps, "losses": [float(v) for v in losses], "test_r2": float(r2)}


def run_scikit_learn(case):
    from sklearn.neural_network import MLPRegressor

    class FromGivenWeights(MLPRegressor):
        def _initialize(self, y, layer_units, dtype):
            super()._initialize(y, layer_units, dtype)
            self.coefs_ = [w.T.astype(dtype) for w in case.weights]
            self.intercepts_ = [np.zeros(len(w), dtype) for w in case.weights]

    mlp = FromGivenWeights(
        hidden_layer_sizes=case.hidden, activation="relu", solver="adam", alpha=0.0, batch_size=case.batch,
        learning_rate_init=1e-3, max_iter=case.epochs, random_state=42, tol=0.0, n_iter_no_change=10**6)
    warnings.simplefilter("ignore")  # "Not converged" is expected.
    start = time.perf_counter()
    mlp.fit(case.x, case.y)
    seconds = time.perf_counter() - start
    # scikit-learn's loss is half the mean squared error.
    return case.answer(seconds, [2.0 * v for v in mlp.loss_curve_], mlp.predict(case.x_test))


def run_pytorch(case):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(42)
    layers = []
    for i, weights in enumerate(case.weights):
        linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weights))
            linear.bias.zero_()
        layers.append(linear)
        if i + 1 < len(case.weights):
            layers.append(torch.nn.ReLU())
            if case.dropout > 0.0:
                layers.append(torch.nn.Dropout(case.dropout))
    network = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss_function = torch.nn.MSELoss()
    x, y = torch.from_numpy(case.x), torch.from_numpy(case.y).reshape(-1, 1)
    losses = []
    start = time.perf_counter()
    for _ in range(case.epochs):
        order = torch.randperm(len(y))
        total = 0.0
        for first in range(0, len(y), case.batch):
            rows = order[first:first + case.batch]
            optimizer.zero_grad()
            loss = loss_function(network(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(y))
    seconds = time.perf_counter() - start
    network.eval()
    with torch.no_grad():
        predicted = network(torch.from_numpy(case.x_test)).numpy()
    return case.answer(seconds, losses, predicted)


if __name__ == "__main__":
    runners = {"scikit-learn": run_scikit_learn, "pytorch": run_pytorch}
    print(json.dumps(runners[sys.argv[1]](Case(sys.argv[2]))))
