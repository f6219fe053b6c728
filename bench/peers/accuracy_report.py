"""The lines, bars and table of bench/accuracy_peers.py. A line has the form of bench/report.cc, and the same JSON."""
import json

RIDGE, MLP, BOOSTING, CONSTANT, LAW = "ridge", "MLP 64-64", "gradient boosting", "a constant", "the law itself"
PEERS = (RIDGE, MLP, BOOSTING, CONSTANT, LAW)
UCI = ("concrete", "energy", "wine", "yacht", "airfoil", "autompg", "parkinsons")
# scikit-learn's RMSE on the uci sets over all splits, as the README of the data has it.
MLP_COLUMN = dict(zip(UCI, (4.761, 0.774, 0.499, 0.266, 1.796, 2.660, 1.917)))
BOOSTING_COLUMN = dict(zip(UCI, (4.228, 0.485, 0.466, 0.244, 1.778, 2.682, 0.668)))
BEHIND = 1.02  # of RMSE or log loss, beside the best of ridge, the early-stopped MLP and a constant
# (case, unit): the least that a preset has to reach.
FLOORS = {("online_advertising random", "R2"): 0.985, ("online_advertising June", "R2"): 0.938,
          ("online_advertising random", "ROI>0"): 0.985, ("online_shoppers", "AUC"): 0.932, ("telco_churn", "AUC"): 0.846,
          ("pure_noise", "worst R2"): -0.02}
ERRORS = ("RMSE", "log loss")  # less is better, without a bound
COUNT = "sets"
SMALLEST = 1e-12
BELOW_BOOSTING = 6  # of the uci sets


class Report:
    def __init__(self, file):
        self.file = open(file, "a", encoding="utf-8") if file else None
        self.bars = {}  # by case and unit: met
        self.below_boosting = {}  # by uci set

    def add(self, case, value, unit, peer, peer_value, verdict=""):
        """The ratio is above 1 where roicast is better: of errors the peer's by ours, of shares their distances from 1."""
        if unit == COUNT:
            ratio = value / peer_value
        elif unit in ERRORS:
            ratio = peer_value / max(value, SMALLEST)
        else:
            ratio = (1 - peer_value) / max(1 - value, SMALLEST)
        print(f"{'accuracy':<12} {case:<50} {value:>12.5g} {unit:<8} | {peer} {peer_value:.5g} | ratio {ratio:.3f}"
              + (f" ({verdict})" if verdict else ""), flush=True)
        if self.file:
            line = {"name": "accuracy", "case": case, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value,
                    "ratio": ratio}
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()

    def bar(self, case, value, unit, limit, least):
        met = value >= limit if least else value <= limit
        self.bars[f"{case} {unit}"] = met
        self.add("bar: " + case, value, unit, "at least" if least else "at most", limit, "MET" if met else "missed")
        return met

    def finish(self):
        """The bar over all uci sets, and how many bars are met."""
        if self.below_boosting:
            if len(self.below_boosting) == len(UCI):
                self.bar("uci accurate, boosting column", sum(self.below_boosting.values()), COUNT, BELOW_BOOSTING, least=True)
            else:
                print(f"accuracy: {sum(self.below_boosting.values())} of {len(self.below_boosting)} uci sets at or below the "
                      f"boosting column; the bar is of all {len(UCI)}")
        missed = [case for case, met in self.bars.items() if not met]
        print(f"accuracy: {len(self.bars) - len(missed)} of {len(self.bars)} bars MET"
              + (f"; missed: {'; '.join(missed)}" if missed else ""))


def units(case):
    """The figures that are shown."""
    if case.two_valued:
        return ("AUC", "log loss")
    if case.profitable:
        return ("R2", "ROI>0")
    return ("RMSE",) if case.name.startswith("uci") else ("R2",)


def report_case(case, found, presets, report):
    """The lines and bars of a case. found: {model: {unit: figure}}."""
    for preset in (preset for preset in presets if preset in found):
        ours = found[preset]
        title = f"{case.name} {preset}"
        for unit in units(case):
            for peer in PEERS:
                if peer in found:
                    report.add(title, ours[unit], unit, peer, found[peer][unit])
        error = "log loss" if case.two_valued else "RMSE"
        if preset in ("compact", "accurate"):
            best = min((RIDGE, MLP, CONSTANT), key=lambda peer: found[peer][error])
            report.bar(f"{title}, 2 % behind {best}", ours[error], error, BEHIND * found[best][error], least=False)
        for (name, unit), floor in FLOORS.items():
            if name == case.name:
                report.bar(title, ours[unit], unit, floor, least=True)
        name = case.name.removeprefix("uci ")
        if name in MLP_COLUMN and preset == "compact":
            report.bar(f"{title}, MLP 64-64 column", ours["RMSE"], "RMSE", MLP_COLUMN[name], least=False)
        if name in BOOSTING_COLUMN and preset == "accurate":
            report.below_boosting[name] = report.bar(f"{title}, boosting column", ours["RMSE"], "RMSE", BOOSTING_COLUMN[name],
                                                     least=False)


def print_table(rows, presets):
    """The figures once more, as a table for the documentation."""
    models = (*presets, *PEERS)
    print("\n| data | splits | figure | " + " | ".join(models) + " |\n|" + "---|" * (3 + len(models)))
    for case, found in rows:
        for unit in units(case):
            cells = [f"{found[model][unit]:.4g}" if model in found else "–" for model in models]
            print(f"| {case.name} | {len(case.splits)} | {unit} | " + " | ".join(cells) + " |")
