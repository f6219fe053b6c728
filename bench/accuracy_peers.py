#!/usr/bin/env python3
"""Accuracy of what roicast serves beside scikit-learn's ridge, MLP and gradient boosting, on the same rows and splits.

usage: accuracy_peers.py --build build/release [--data ../shared/data] [--json FILE] [--splits N] [--quick]
                         [--presets compact,accurate] [--only TEXT,…]

Run it with the interpreter that bench/peers/setup_accuracy.sh prints. Each case: roicast trains, through its own command line and
a server of its own, on a file of the training rows; `roicast score` predicts the test file; the peers get the same rows and inputs.
A figure is the mean over the splits. The ratio compares errors (RMSE, log loss, 1 - AUC, 1 - R2): above 1, roicast is better.
--quick: one split of each case, preset compact only. Skips, saying so, where the data folder is absent.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# One thread, before the libraries read it.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from accuracy_models import predict_peers  # noqa: E402
from accuracy_report import LAW, Report, print_table, report_case  # noqa: E402
from accuracy_sets import cases  # noqa: E402
from roicast_server import Server, binaries, fail  # noqa: E402
from sklearn.metrics import log_loss, roc_auc_score  # noqa: E402

SPLITS, FOLDS = 3, 5  # of targets with two values


class Roicast:
    """Trains and scores with the client; every model has a name of its own."""

    def __init__(self, client, server, folder):
        self.client, self.server, self.folder, self.models = client, server, folder, 0

    def run(self, *arguments):
        done = subprocess.run([self.client, "--server", self.server.target, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"roicast {' '.join(arguments)} exited with {done.returncode}: "
                               + done.stderr.decode(errors="replace")[-600:])
        return done.stdout

    def predict(self, case, preset, train, test):
        """Predictions of the test rows, and the seconds that training took."""
        path = lambda name: os.path.join(self.folder, name)
        case.table.iloc[train].to_csv(path("train.csv"), index=False)
        case.table.iloc[test][case.inputs].to_csv(path("test.csv"), index=False)
        self.models += 1
        model = f"m{self.models}"
        # The same inputs and rows as the peers: columns that a name or a correlation would leave out stay, copies too.
        flags = [*case.flags, "--copies", "keep", "--preset", preset, "--model", model]
        for column in case.inputs:
            flags += ["--include", column]
        unused = [column for column in case.table if column not in case.inputs and column not in case.flags]
        for column in unused:
            flags += ["--exclude", column]
        if case.spec:
            with open(path("spec.json"), "w", encoding="utf-8") as file:
                json.dump(case.spec, file)
            flags += ["--spec", path("spec.json")]
        start = time.perf_counter()
        self.run("--json", "train", path("train.csv"), *flags)
        seconds = time.perf_counter() - start
        # A version that is no better than a constant does not start to serve by itself: the first version is asked for.
        self.run("score", path("test.csv"), "--model", model, "--version", "1", "--column", "predicted", "--output",
                 path("scored.csv"))
        return self.read(path("scored.csv"), case, train, len(test)), seconds

    @staticmethod
    def read(file, case, train, rows):
        predicted = pd.read_csv(file, usecols=["predicted"], dtype=float)["predicted"].to_numpy()
        if len(predicted) != rows:
            raise RuntimeError(f"{len(predicted)} of {rows} rows were scored")
        if np.isnan(predicted).any():
            print(f"accuracy: {case.name}: {np.isnan(predicted).sum()} of {rows} rows got no prediction; the mean stands for it",
                  file=sys.stderr)
            predicted = np.where(np.isnan(predicted), case.y[train].mean(), predicted)
        return predicted


def figures(case, y, predicted):
    """{unit: figure} of one split."""
    if case.two_valued:
        probability = np.clip(predicted, 1e-6, 1 - 1e-6)
        return {"AUC": roc_auc_score(y, probability), "log loss": log_loss(y, probability)}
    answer = {}
    if case.profitable:
        answer["ROI>0"] = float(np.mean((predicted > 0) == (y > 0)))
    if case.measured_on == "asinh":
        y, predicted = np.arcsinh(y), np.arcsinh(predicted)
    error = float(np.mean((y - predicted) ** 2))
    return {**answer, "RMSE": error ** 0.5, "R2": 1 - error / float(np.var(y))}


def mean_figures(splits):
    mean = {unit: float(np.mean([split[unit] for split in splits])) for unit in splits[0]}
    if "R2" in mean:
        mean["worst R2"] = min(split["R2"] for split in splits)
    return mean


def measure(case, presets, roicast):
    """{model: {unit: mean over the splits}} and the presets that failed, which are told and left out."""
    splits, seconds, failed = {}, {}, set()
    for number, (train, test) in enumerate(case.splits, 1):
        if len(np.intersect1d(train, test)):
            fail(f"{case.name}: rows on both sides of split {number}")
        for peer, predicted in predict_peers(case, train, test).items():
            splits.setdefault(peer, []).append(figures(case, case.y[test], predicted))
        if case.truth is not None:
            splits.setdefault(LAW, []).append(figures(case, case.y[test], case.truth[test]))
        for preset in presets:
            if preset in failed:
                continue
            try:
                predicted, spent = roicast.predict(case, preset, train, test)
            except RuntimeError as error:
                failed.add(preset)
                splits.pop(preset, None)
                print(f"accuracy: {case.name}: {preset} was not measured: {error}", file=sys.stderr, flush=True)
                continue
            splits.setdefault(preset, []).append(figures(case, case.y[test], predicted))
            seconds[preset] = seconds.get(preset, 0) + spent / len(case.splits)
    for preset in seconds:
        if preset not in failed:
            print(f"{case.name}: {preset}: {len(case.splits)} × {len(case.splits[0][0])} rows, {seconds[preset]:.1f} s of "
                  "training each", file=sys.stderr, flush=True)
    return {model: mean_figures(of) for model, of in splits.items()}, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="build directory with the binaries")
    parser.add_argument("--data", default="../shared/data", help="folder with the sets")
    parser.add_argument("--json", help="append one JSON object per line to this file")
    parser.add_argument("--splits", type=int,
                        help="splits of each set that has several (default 3; of targets with two values 5, their folds)")
    parser.add_argument("--presets",
                        help="presets of roicast, with commas (default compact,accurate; '' measures the peers only)")
    parser.add_argument("--only", default="", help="cases whose name contains one of these texts, with commas")
    parser.add_argument("--quick", action="store_true", help="one split, preset compact, unless --splits and --presets say more")
    options = parser.parse_args()
    if options.splits is not None and options.splits < 1:
        fail(f"--splits: expected at least 1, got {options.splits}")
    splits, folds = 1 if options.quick else SPLITS, 1 if options.quick else FOLDS
    if options.splits is not None:
        splits, folds = options.splits, min(options.splits, FOLDS)
    presets = options.presets if options.presets is not None else "compact" if options.quick else "compact,accurate"
    presets = [preset for preset in presets.split(",") if preset]
    if not os.path.isdir(options.data):
        print(f"accuracy: skipped beside scikit-learn: no folder {options.data}; --data names it")
        return
    texts = options.only.split(",")
    chosen = [(name, read) for name, read in cases(options.data, splits, folds) if any(text in name for text in texts)]
    if not chosen:
        fail(f"--only {options.only}: no case has this in its name; there are "
             + ", ".join(name for name, _ in cases(options.data, splits, folds)))
    server_binary, client = binaries(options.build) if presets else (None, None)
    report, rows, unmeasured = Report(options.json), [], []
    folder = tempfile.mkdtemp(prefix="roicast-accuracy-")
    server = Server(server_binary, os.path.join(folder, "store")) if presets else None
    roicast = Roicast(client, server, folder)
    try:
        for name, read in chosen:
            try:
                case = read()
            except FileNotFoundError as error:
                print(f"accuracy: {name}: skipped: no file {error.filename}")
                continue
            found, failed = measure(case, presets, roicast)
            unmeasured += [f"{name} {preset}" for preset in failed]
            report_case(case, found, presets, report)
            rows.append((case, found))
        report.finish()
        print_table(rows, presets)
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if unmeasured:
        fail("not measured: " + ", ".join(unmeasured))


if __name__ == "__main__":
    main()
