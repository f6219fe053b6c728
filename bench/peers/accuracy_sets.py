"""The tables and splits of bench/accuracy_peers.py. Cells stay the text that the file has, for roicast reads them itself."""
import os
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from accuracy_report import UCI
from sklearn.model_selection import StratifiedKFold

UCI_SPLITS = {"parkinsons": 3}
SEED = 42


@dataclass
class Case:
    name: str
    table: pd.DataFrame  # cells as text: inputs, and the columns of the target
    inputs: list  # names of columns
    y: np.ndarray  # the target of each row; of two values: 1 is the positive one
    splits: list  # (training rows, test rows)
    flags: list  # of roicast train
    two_valued: bool = False
    scale: str = "none"  # on which the peers fit: none, asinh or log1p
    measured_on: str = "none"  # none: the target's own unit; asinh
    words: tuple = ()  # inputs that are words
    dates: tuple = ()
    log_inputs: tuple = ()
    spec: dict = field(default_factory=dict)  # of --spec
    truth: np.ndarray | None = None  # the expected target, where the law is known
    profitable: bool = False  # the target is an ROI whose sign is measured


def _read(path, **kwargs):
    return pd.read_csv(path, dtype=str, keep_default_na=False, **kwargs)


def _random_splits(rows, count, first_seed=SEED):
    """80/20: numpy's permutation, as the README of the data says."""
    splits = []
    for seed in range(first_seed, first_seed + count):
        order = np.random.default_rng(seed).permutation(rows)
        splits.append((order[: rows * 4 // 5], order[rows * 4 // 5:]))
    return splits


def _stratified(y, count):
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED).split(np.zeros(len(y)), y)
    return list(folds)[:count]


def _uci(data, name, count):
    folder = os.path.join(data, "uci", name)
    table = _read(os.path.join(folder, "data.csv"), header=None)
    mask = pd.read_csv(os.path.join(folder, "test_mask.csv"), header=None).to_numpy() == 1
    inputs = [f"x{i}" for i in range(table.shape[1] - 1)]
    table.columns = inputs + ["y"]
    splits = [(np.flatnonzero(~mask[:, i]), np.flatnonzero(mask[:, i])) for i in
              range(min(count, UCI_SPLITS.get(name, mask.shape[1])))]
    return Case(f"uci {name}", table, inputs, table["y"].astype(float).to_numpy(), splits, ["--target", "y"])


def _advertising(data, part):
    table = _read(os.path.join(data, "online_advertising", "online_advertising.csv"))
    table = table[table["cost"].astype(float) > 0].drop_duplicates().reset_index(drop=True)
    if part == "June":
        june = (table["month"] == "June").to_numpy()
        splits = [(np.flatnonzero(~june), np.flatnonzero(june))]
    else:
        splits = _random_splits(len(table), 1)
    words = ("campaign_number", "user_engagement", "banner", "placement")
    cost = table["cost"].astype(float)
    # The peers' figures are of the asinh scale; the plain inverse transform is what they, too, predict.
    spec = {"preprocessing": {"target_transform": "TARGET_TRANSFORM_ASINH", "statistic": "PREDICTION_STATISTIC_MEDIAN"}}
    return Case(f"online_advertising {part}", table, [*words, "day", "displays", "cost", "clicks"],
                ((table["revenue"].astype(float) - cost) / cost).to_numpy(), splits,
                ["--revenue", "revenue", "--spend", "cost"], scale="asinh", measured_on="asinh", words=words,
                log_inputs=("displays", "cost", "clicks"), spec=spec, profitable=True)


def _two_valued(name, path, target, positive, words, drop, count):
    table = _read(path).drop(columns=drop)
    y = (table[target] == positive).to_numpy().astype(int)
    inputs = [column for column in table if column != target]
    words = words or [column for column in inputs if pd.to_numeric(table[column].str.strip().replace("", "nan"),
                                                                   errors="coerce").isna().mean() > 0.5]
    flags = ["--target", target, "--target-kind", "two-valued", "--positive-value", positive]
    for column in words:
        flags += ["--kind", f"{column}=categorical"]
    return Case(name, table, inputs, y, _stratified(y, count), flags, two_valued=True, words=tuple(words))


def _shoppers(data, count):
    words = ["Month", "OperatingSystems", "Browser", "Region", "TrafficType", "VisitorType", "Weekend"]
    return _two_valued("online_shoppers", os.path.join(data, "online_shoppers", "online_shoppers.csv"), "Revenue", "TRUE",
                       words, [], count)


def _telco(data, count):
    return _two_valued("telco_churn", os.path.join(data, "telco_churn", "telco_churn.csv"), "Churn", "Yes", None,
                       ["customerID"], count)


def _weekly(name, path, target, drop, words, date, count):
    table = _read(path).drop(columns=drop)
    return Case(name, table, [column for column in table if column != target], table[target].astype(float).to_numpy(),
                _random_splits(len(table), count), ["--target", target], words=words, dates=(date,))


def _meridian(data, count):
    table = _read(os.path.join(data, "meridian", "geo_all_channels.csv"))
    revenue = table["conversions"].astype(float) * table["revenue_per_conversion"].astype(float)
    table = table.drop(columns=[table.columns[0], "conversions", "revenue_per_conversion"])
    inputs = list(table)
    table["sales"] = revenue.map(repr)
    return Case("meridian", table, inputs, revenue.to_numpy(), _random_splits(len(table), count), ["--target", "sales"],
                words=("geo",), dates=("time",))


def _case_file(folder, name, target, words, count):
    table = _read(os.path.join(folder, name + ".csv"))
    if target == "roi":
        y, flags = table["roi"].astype(float).to_numpy(), ["--target", "roi"]
        inputs = [column for column in table if column != "roi"]
    else:
        revenue, spend = (table[column].astype(float) for column in target)
        y, flags = (revenue / spend - 1).to_numpy(), ["--revenue", target[0], "--spend", target[1]]
        inputs = [column for column in table if column != target[0] and column != "Campaign"]
    return Case(name, table, inputs, y, _random_splits(len(table), count), flags, words=words)


def _world(two_valued, count):
    """3,000 campaigns whose law is known: a power of spend, season and channel, log-normal noise of 0.4; 5,000 new ones."""
    random = np.random.default_rng(SEED)
    rows, train = 3000 * count + 5000, 3000
    channel, region = random.integers(0, 6, rows), random.integers(0, 4, rows)
    spend, day = np.exp(random.normal(7, 1, rows)), random.integers(0, 365, rows)
    law = (0.25 * channel - 0.5 + 0.15 * region - 0.3 * np.log(spend / 1100)
           + 0.3 * np.sin(2 * np.pi * day / 365))
    table = pd.DataFrame({"channel": [f"c{i}" for i in channel], "region": [f"r{i}" for i in region],
                          "spend": [f"{v:.2f}" for v in spend], "day": day.astype(str)})
    for extra in range(4):  # has no relation to the target
        table[f"other{extra}"] = [f"{v:.4f}" for v in random.normal(0, 1, rows)]
    inputs = list(table)
    test = np.arange(rows - 5000, rows)
    splits = [(np.arange(i * train, (i + 1) * train), test) for i in range(count)]
    shared = {"words": ("channel", "region"), "log_inputs": ("spend",)}
    if two_valued:
        truth = 1 / (1 + np.exp(1.2 - law))
        y = (random.random(rows) < truth).astype(int)
        table["converted"] = np.where(y == 1, "yes", "no")
        return Case("noisy conversions (3,000)", table, inputs, y, splits,
                    ["--target", "converted", "--target-kind", "two-valued", "--positive-value", "yes"], two_valued=True,
                    truth=truth, **shared)
    y = np.exp(law + random.normal(0, 0.4, rows)) - 1
    table["roi"] = [f"{v:.6g}" for v in y]
    return Case("noisy campaigns (3,000)", table, inputs, y, splits, ["--target", "roi"], scale="log1p",
                truth=np.exp(law + 0.08) - 1, **shared)


def cases(data, count, folds):
    """(name, function that reads the case), of all sets of the folder; count: splits of each that has several, folds: of
    targets with two values, at most 5."""
    path = lambda *parts: os.path.join(data, *parts)
    found = [(f"uci {name}", lambda name=name: _uci(data, name, count)) for name in UCI]
    found += [(f"online_advertising {part}", lambda part=part: _advertising(data, part)) for part in ("random", "June")]
    found += [("online_shoppers", lambda: _shoppers(data, folds)), ("telco_churn", lambda: _telco(data, folds))]
    found.append(("pymc_roas", lambda: _weekly("pymc_roas", path("pymc_roas", "mmm_roas_data_reduced.csv"), "y",
                                               ["y01", "y02"], (), "date", count)))
    found.append(("robyn", lambda: _weekly("robyn", path("robyn", "dt_simulated_weekly.csv"), "revenue", [], ("events",),
                                           "DATE", count)))
    found.append(("meridian", lambda: _meridian(data, count)))
    folder = os.path.join(data, "..", "cases")
    noise_words = ("campaign_type", "audience", "channel", "city", "language")
    found.append(("pure_noise", lambda: _case_file(folder, "pure_noise", "roi", noise_words, count)))
    found.append(("thousands_twin", lambda: _case_file(folder, "thousands_twin", ("Revenue", "Spend"),
                                                       ("Channel", "Region"), count)))
    found.append(("region_na", lambda: _case_file(folder, "region_na", ("revenue", "spend"),
                                                  ("channel", "region", "promo"), count)))
    found += [("noisy campaigns (3,000)", lambda: _world(False, count)),
              ("noisy conversions (3,000)", lambda: _world(True, folds))]
    return found
