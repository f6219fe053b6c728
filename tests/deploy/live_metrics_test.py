"""Dashboard, rules and alerts against what a running server really exports: every metric, every label, every value that
they select by equality. First the server gets successful and failing training jobs and calls, so that each series exists."""

import unittest

import expressions
import live_server
import promql

# Labels that Prometheus adds when it scrapes.
SCRAPED = {"job", "instance"}
# What others export: Prometheus itself, node_exporter and kube-state-metrics.
FOREIGN = {"ALERTS": {("alertname", ""), ("alertstate", "firing")},
           "node_systemd_unit_state": {("name", "roicast.service"), ("state", "failed")},
           "kube_pod_container_status_waiting_reason": {("reason", "CrashLoopBackOff"), ("namespace", ""), ("pod", "")}}


class LiveMetrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = live_server.LiveServer()
        try:
            cls.server.drive()
            cls.exported = promql.exported(cls.server.metrics())
        except BaseException:
            cls.server.close()
            raise
        cls.exported["up"] = set()
        cls.exported |= FOREIGN
        cls.recorded = {name: cls.labels_of_result(expression) for name, expression in expressions.rules().items()}

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    @classmethod
    def labels_of_result(cls, expression):
        return promql.references(expression).grouping_labels - {"le"}

    def labels(self, metric):
        """The labels of a metric or recorded series; None where there is no such thing."""
        if metric in self.recorded:
            return self.recorded[metric] | SCRAPED
        if metric in self.exported:
            return {label for label, _ in self.exported[metric]} | SCRAPED
        return None

    def problems(self, where, expression):
        found = promql.references(expression)
        available = set(SCRAPED)
        for selector in found.selectors:
            labels = self.labels(selector.metric)
            if labels is None:
                yield f"{where}: the server exports no {selector.metric}"
                continue
            available |= labels
            for matcher in selector.matchers:
                if matcher.label not in labels:
                    yield f"{where}: {selector.metric} has no label {matcher.label}"
                elif matcher.operator == "=" and matcher.label not in SCRAPED and selector.metric in self.exported:
                    if (matcher.label, matcher.value) not in self.exported[selector.metric]:
                        yield f'{where}: {selector.metric} never has {matcher.label}="{matcher.value}"'
        for label in sorted(found.grouping_labels - available):
            yield f"{where}: nothing in it has the label {label}"

    def check(self, named):
        self.assertEqual([], [line for where, expression in named.items() for line in self.problems(where, expression)])

    def test_the_dashboard_asks_for_what_there_is(self):
        self.check(expressions.dashboard())

    def test_the_rules_record_what_there_is(self):
        self.check(expressions.rules())

    def test_the_alerts_watch_what_there_is(self):
        self.check(expressions.alerts())

    def test_every_metric_of_the_server_is_documented(self):
        page = (expressions.ROOT / "docs/operations.md").read_text()
        families = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
                    for name in self.exported if name.startswith("roicast_")}
        self.assertEqual([], sorted(name for name in families if f"`{name}`" not in page))

    def test_what_is_not_there_would_be_found(self):
        self.assertEqual(["x: the server exports no roicast_nothing_total"], list(self.problems("x", "roicast_nothing_total")))
        self.assertEqual(["x: roicast_rpc_in_flight has no label code"],
                         list(self.problems("x", 'roicast_rpc_in_flight{code="OK"}')))
        self.assertEqual(['x: roicast_rpc_requests_total never has code="Ok"'],
                         list(self.problems("x", 'roicast_rpc_requests_total{code="Ok"}')))
        self.assertEqual(["x: nothing in it has the label version"],
                         list(self.problems("x", "sum by (version) (roicast_rpc_in_flight)")))


if __name__ == "__main__":
    unittest.main()
