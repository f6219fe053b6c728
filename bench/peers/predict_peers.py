"""Measures rows per second of scikit-learn, PyTorch and ONNX Runtime on a network from the predictor benchmark."""

import io
import json
import pathlib
import sys
import time
import warnings

import numpy as np
import onnxruntime
import torch
from sklearn.neural_network import MLPRegressor

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

SINGLE_ROWS = 200
MIN_SECONDS = 0.3


def rate(units, body):
    body()
    start = time.perf_counter()
    done = 0
    while time.perf_counter() - start < MIN_SECONDS:
        body()
        done += units
    return done / (time.perf_counter() - start)


def measure(predict, x, z, name):
    found = np.asarray(predict(x), dtype=np.float64).ravel()
    if not np.allclose(found, z, rtol=1e-3, atol=1e-3):
        raise SystemExit(f"{name} predicts differently: expected {z[:3]}, got {found[:3]}")
    rows = [x[i : i + 1] for i in range(SINGLE_ROWS)]
    return {
        "rows": rate(len(x), lambda: predict(x)),
        "single": rate(SINGLE_ROWS, lambda: [predict(row) for row in rows]),
    }


def main(folder):
    shape = json.loads((folder / "shape.json").read_text())
    x = np.fromfile(folder / "x.bin", np.float32).reshape(shape["rows"], shape["inputs"])
    z = np.fromfile(folder / "z.bin", np.float32)
    inputs, modules, weights, biases = shape["inputs"], [], [], []
    for index, layer in enumerate(shape["layers"]):
        outputs = layer["outputs"]
        weights.append(np.fromfile(folder / f"w{index}.bin", np.float32).reshape(outputs, inputs))
        biases.append(np.fromfile(folder / f"b{index}.bin", np.float32))
        linear = torch.nn.Linear(inputs, outputs)
        linear.weight.data, linear.bias.data = torch.from_numpy(weights[-1]), torch.from_numpy(biases[-1])
        modules.append(linear)
        if layer["activation"] != "identity":
            modules.append({"ReLU": torch.nn.ReLU, "SiLU": torch.nn.SiLU}[layer["activation"]]())
        inputs = outputs
    network = torch.nn.Sequential(*modules).eval()
    figures = {}

    if all(layer["activation"] in ("ReLU", "identity") for layer in shape["layers"]):
        hidden = tuple(layer["outputs"] for layer in shape["layers"][:-1])
        sklearn = MLPRegressor(hidden, max_iter=1).fit(x[:50], z[:50])
        sklearn.coefs_ = [w.T.copy() for w in weights]
        sklearn.intercepts_ = biases
        figures["scikit-learn"] = measure(sklearn.predict, x, z, "scikit-learn")

    def torch_predict(rows):
        with torch.inference_mode():
            return network(torch.from_numpy(rows)).numpy()

    figures["PyTorch"] = measure(torch_predict, x, z, "PyTorch")

    file = io.BytesIO()
    torch.onnx.export(network, torch.from_numpy(x[:1]), file, input_names=["x"], output_names=["z"],
                      dynamic_axes={"x": {0: "rows"}})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    figures["ONNX Runtime"] = measure(lambda rows: session.run(None, {"x": rows})[0], x, z, "ONNX Runtime")
    (folder / "peers.json").write_text(json.dumps(figures))


main(pathlib.Path(sys.argv[1]))
