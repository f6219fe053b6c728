"""Every PromQL expression under deploy/: of the dashboard, of the recording rules, of the alerts."""

import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def dashboard():
    """{where: expression} of panels, annotations and variables."""
    board = json.loads((ROOT / "deploy/grafana/roicast.json").read_text())
    found = {}
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            found[f'panel "{panel["title"]}" {target["refId"]}'] = target["expr"]
    for annotation in board["annotations"]["list"]:
        found[f'annotation "{annotation["name"]}"'] = annotation["expr"]
    for variable in board["templating"]["list"]:
        query = re.fullmatch(r"label_values\((.*), *(\w+)\)", variable.get("definition", ""))
        if query:
            found[f'variable "{variable["name"]}"'] = f"count by ({query.group(2)}) ({query.group(1)})"
    return found


def rules():
    """{name of the recorded series: expression}."""
    return {rule["record"]: rule["expr"] for rule in _rules("rules.yaml")}


def alerts():
    """{name of the alert: expression}."""
    return {rule["alert"]: rule["expr"] for rule in _rules("alerts.yaml")}


def _rules(name):
    groups = yaml.safe_load((ROOT / "deploy/prometheus" / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]
