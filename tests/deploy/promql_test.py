"""The extraction of names from PromQL, on which the checks of dashboard and rules rely."""

import unittest

from promql import Matcher, Selector, exported, references


class References(unittest.TestCase):
    def test_selectors_and_matchers_are_found(self):
        found = references('sum by (method, code) (rate(rpc_total{job="roicast", code!~"OK|CANCELLED"}[$__rate_interval]))')
        self.assertEqual(
            [Selector("rpc_total", (Matcher("job", "=", "roicast"), Matcher("code", "!~", "OK|CANCELLED")))],
            found.selectors)
        self.assertEqual({"method", "code"}, found.grouping_labels)

    def test_functions_keywords_and_numbers_are_no_metrics(self):
        found = references(
            "histogram_quantile(0.99, sum(rate(a_bucket[5m])) by (le)) > 1e-3 and on (job) b:c unless vector(0) offset 5m")
        self.assertEqual(["a_bucket", "b:c"], [s.metric for s in found.selectors])
        self.assertEqual({"le", "job"}, found.grouping_labels)

    def test_aggregation_with_its_labels_in_front_is_no_metric(self):
        found = references("sum by (version) (x) / ignoring (version) group_left sum without (version) (y)")
        self.assertEqual(["x", "y"], [s.metric for s in found.selectors])

    def test_what_is_not_promql_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no PromQL token at '\\?"):
            references("a ? b")


class Exported(unittest.TestCase):
    def test_names_and_labels(self):
        page = ('# HELP a_total Calls.\n# TYPE a_total counter\na_total{method="Predict",code="OK"} 3\n'
                'a_total{method="Predict",code="NOT_FOUND"} 1\nb_bytes 1.5e+06\n')
        self.assertEqual(
            {"a_total": {("method", "Predict"), ("code", "OK"), ("code", "NOT_FOUND")}, "b_bytes": set()},
            exported(page))


if __name__ == "__main__":
    unittest.main()
