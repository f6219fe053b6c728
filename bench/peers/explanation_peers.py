"""Explains rows with the package shap: how many a second, and their values.

explanation_peers.py FOLDER LIBRARY FEATURES: FOLDER has model.roicast, rows.bin and background.bin (float32, row-major).
Writes FOLDER/peers.json. The model is asked through LIBRARY (bench/predict_library.cc), the cheapest way there is.
"""

import ctypes
import json
import pathlib
import sys
import time
import warnings

import numpy as np
import shap

warnings.filterwarnings("ignore")


def load(library, path):
    """The model as a function of rows."""
    lib = ctypes.CDLL(library)
    lib.roicast_open.restype = ctypes.c_void_p
    lib.roicast_open.argtypes = [ctypes.c_char_p]
    pointer = ctypes.POINTER(ctypes.c_float)
    lib.roicast_predict.argtypes = [ctypes.c_void_p, pointer, ctypes.c_int64, pointer]
    lib.roicast_predict.restype = None
    handle = lib.roicast_open(str(path).encode())
    if not handle:
        raise SystemExit(f"{path}: no model")

    def predict(rows):
        rows = np.ascontiguousarray(rows, np.float32)
        out = np.empty(len(rows), np.float32)
        lib.roicast_predict(handle, rows.ctypes.data_as(pointer), len(rows), out.ctypes.data_as(pointer))
        return out.astype(np.float64)

    return predict


def measure(explain, rows):
    explain(rows[:1])  # compiles
    start = time.process_time()
    values = np.asarray(explain(rows), np.float64)
    return {"rows_per_second": len(rows) / (time.process_time() - start), "values": values.ravel().tolist()}


def main(folder, library, features):
    predict = load(library, folder / "model.roicast")
    rows = np.fromfile(folder / "rows.bin", np.float32).reshape(-1, features).astype(np.float64)
    background = np.fromfile(folder / "background.bin", np.float32).reshape(-1, features).astype(np.float64)
    masker = shap.maskers.Independent(background, max_samples=len(background))
    figures = {}

    permutation = shap.explainers.Permutation(predict, masker, seed=1)
    for pairs in (2, 10):  # 10 is shap's default
        evaluations = pairs * (2 * features + 1)
        figures[f"shap Permutation, {pairs} pairs"] = measure(
            lambda x: permutation(x, max_evals=evaluations, silent=True).values, rows)

    if features <= 12:
        exact = shap.explainers.Exact(predict, masker)
        figures["shap Exact"] = measure(lambda x: exact(x, max_evals=2**features, silent=True).values, rows)
    else:
        kernel = shap.KernelExplainer(predict, background, seed=1)
        few = measure(lambda x: kernel.shap_values(x, silent=True), rows[:10])
        figures["shap Kernel"] = few
    (folder / "peers.json").write_text(json.dumps(figures))


main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
