"""Dockerfile, Kubernetes, compose and Prometheus agree with each other."""

import json
import pathlib
import re
import shutil
import subprocess
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def seconds(text):
    """Seconds of a duration such as "10s" or "2m"."""
    match = re.fullmatch(r"(\d+)(s|m)", text)
    if not match:
        raise ValueError(f"not a duration in s or m: {text!r}")
    return int(match.group(1)) * {"s": 1, "m": 60}[match.group(2)]


def anchors(markdown):
    """The anchors of the headings of a page, as code hosts make them."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            for line in markdown.splitlines() if line.startswith("#")}


class Files(unittest.TestCase):
    def test_every_file_parses(self):
        parsed = 0
        for path in DEPLOY.rglob("*"):
            if path.suffix in (".yaml", ".yml"):
                self.assertTrue(all(list(yaml.safe_load_all(path.read_text()))), path)
                parsed += 1
            elif path.suffix == ".json":
                json.loads(path.read_text())
                parsed += 1
        self.assertGreaterEqual(parsed, 7)

    def test_what_compose_mounts_is_there(self):
        folder = DEPLOY / "compose"
        compose = yaml.safe_load((folder / "compose.yaml").read_text())
        for service in compose["services"].values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((folder / source).exists(), source)
                else:
                    self.assertIn(source, compose["volumes"])
        self.assertTrue((folder / compose["services"]["server"]["build"] / "Dockerfile").exists())

    def test_what_prometheus_loads_is_there(self):
        config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
        for name in config["rule_files"]:
            self.assertTrue((DEPLOY / "prometheus" / name).exists(), name)


class Image(unittest.TestCase):
    def setUp(self):
        self.dockerfile = (ROOT / "Dockerfile").read_text()

    def test_the_base_can_be_pinned_and_is_named_once(self):
        self.assertEqual(1, len(re.findall(r"^ARG BASE=\S+$", self.dockerfile, re.MULTILINE)))
        bases = re.findall(r"^FROM (\S+)", self.dockerfile, re.MULTILINE)
        self.assertEqual({"${BASE}", "scratch"}, set(bases))

    def test_labels_say_version_and_revision(self):
        for label in ("version", "revision", "licenses", "base.name"):
            self.assertIn(f"org.opencontainers.image.{label}=", self.dockerfile)

    def test_licences_stay_and_no_path_names_an_architecture(self):
        self.assertIn("! -name copyright -delete", self.dockerfile)
        self.assertNotRegex(self.dockerfile, r"/usr/share/doc/\*|x86_64|aarch64")

    def test_what_is_installed_is_in_the_build_context(self):
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        for folder in ("cmake", "docs", "deploy", "server"):
            self.assertIn(f"!{folder}/", ignored)


class Kubernetes(unittest.TestCase):
    def setUp(self):
        documents = list(yaml.safe_load_all((DEPLOY / "kubernetes/roicast.yaml").read_text()))
        self.by_kind = {document["kind"]: document for document in documents}
        self.pod = self.by_kind["StatefulSet"]["spec"]["template"]["spec"]
        self.container = self.pod["containers"][0]
        self.dockerfile = (ROOT / "Dockerfile").read_text()

    def test_one_replica_owns_the_store(self):
        self.assertEqual(1, self.by_kind["StatefulSet"]["spec"]["replicas"])
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        self.assertIn(f"VOLUME {mounts['store']}", self.dockerfile)
        self.assertEqual("store", self.by_kind["StatefulSet"]["spec"]["volumeClaimTemplates"][0]["metadata"]["name"])

    def test_the_pod_lives_long_enough_to_drain(self):
        config = self.by_kind["ConfigMap"]["data"]
        draining = seconds(config["ROICAST_LAME_DUCK"]) + seconds(config["ROICAST_DRAIN_TIMEOUT"])
        self.assertGreater(self.pod["terminationGracePeriodSeconds"], draining)

    def test_it_runs_as_the_images_user_and_cannot_write_elsewhere(self):
        user = self.pod["securityContext"]["runAsUser"]
        self.assertIn(f"USER {user}:{self.pod['securityContext']['runAsGroup']}", self.dockerfile)
        self.assertTrue(self.pod["securityContext"]["runAsNonRoot"])
        self.assertTrue(self.container["securityContext"]["readOnlyRootFilesystem"])
        self.assertFalse(self.container["securityContext"]["allowPrivilegeEscalation"])

    def test_ports_are_those_of_image_and_service(self):
        ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        self.assertIn(f"EXPOSE {ports['grpc']} {ports['http']}", self.dockerfile)
        self.assertEqual(ports, {p["name"]: p["port"] for p in self.by_kind["Service"]["spec"]["ports"]})
        for argument in (f"0.0.0.0:{ports['grpc']}", f"0.0.0.0:{ports['http']}"):
            self.assertIn(argument, self.container["args"])

    def test_probes_tell_alive_from_ready(self):
        self.assertEqual("/healthz", self.container["livenessProbe"]["httpGet"]["path"])
        self.assertEqual("/readyz", self.container["readinessProbe"]["httpGet"]["path"])
        self.assertIn("memory", self.container["resources"]["limits"])


    def test_the_policy_lets_clients_and_prometheus_in_alone(self):
        policy = self.by_kind["NetworkPolicy"]["spec"]
        labels = self.by_kind["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
        self.assertLessEqual(policy["podSelector"]["matchLabels"].items(), labels.items())
        self.assertEqual([["grpc"], ["http"]], [[port["port"] for port in rule["ports"]] for rule in policy["ingress"]])
        self.assertTrue(all(rule["from"] for rule in policy["ingress"]))
        self.assertEqual(["Ingress", "Egress"], policy["policyTypes"])

    def test_nothing_evicts_the_only_server(self):
        budget = self.by_kind["PodDisruptionBudget"]["spec"]
        self.assertEqual(0, budget["maxUnavailable"])
        self.assertEqual(self.by_kind["StatefulSet"]["spec"]["selector"], budget["selector"])

    def test_the_service_monitor_scrapes_the_service_as_job_roicast(self):
        monitor = yaml.safe_load((DEPLOY / "kubernetes/servicemonitor.yaml").read_text())["spec"]
        service = self.by_kind["Service"]
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
        self.assertEqual("roicast", service["metadata"]["labels"][monitor["jobLabel"]])
        self.assertIn(monitor["endpoints"][0]["port"], {port["name"] for port in service["spec"]["ports"]})


class Compose(unittest.TestCase):
    def setUp(self):
        self.services = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())["services"]

    def test_every_port_is_on_loopback(self):
        ports = [port for service in self.services.values() for port in service["ports"]]
        self.assertEqual([], [port for port in ports if not port.startswith("127.0.0.1:")])
        self.assertGreaterEqual(len(ports), 5)

    def test_every_service_has_a_memory_limit(self):
        for name, service in self.services.items():
            self.assertRegex(service.get("mem_limit", ""), r"^\d+[mg]$", name)

    def test_services_wait_until_those_they_need_are_healthy(self):
        dockerfile = (ROOT / "Dockerfile").read_text()
        for name, service in self.services.items():
            for needed, how in service.get("depends_on", {}).items():
                self.assertEqual("service_healthy", how["condition"], name)
                self.assertTrue("healthcheck" in self.services[needed] or
                                (needed == "server" and "HEALTHCHECK" in dockerfile), needed)

    def test_grafana_has_no_default_password(self):
        environment = self.services["grafana"]["environment"]
        self.assertEqual("true", environment["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"])
        self.assertEqual("Viewer", environment["GF_AUTH_ANONYMOUS_ORG_ROLE"])

    def test_prometheus_sends_alerts_to_a_service_that_is_there(self):
        config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
        targets = [target for manager in config["alerting"]["alertmanagers"] for static in manager["static_configs"]
                   for target in static["targets"]]
        self.assertEqual(["alertmanager:9093"], targets)
        self.assertIn("127.0.0.1:9093:9093", self.services["alertmanager"]["ports"])

    def test_the_server_may_take_its_time_to_drain(self):
        server = self.services["server"]
        draining = seconds(server["environment"]["ROICAST_LAME_DUCK"]) + seconds(
            server["environment"]["ROICAST_DRAIN_TIMEOUT"])
        self.assertGreater(seconds(server["stop_grace_period"]), draining)


class Alerts(unittest.TestCase):
    def test_each_says_what_it_means_and_what_to_do(self):
        operations = anchors((ROOT / "docs/operations.md").read_text())
        groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreaterEqual(len(rules), 5)
        for rule in rules:
            with self.subTest(alert=rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertTrue(rule["annotations"]["summary"])
                page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
                self.assertEqual("{{ $externalLabels.runbooks }}", page)
                self.assertIn(anchor, operations)

    def test_their_links_have_a_page(self):
        config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
        self.assertRegex(config["global"]["external_labels"]["runbooks"], r"^(https?|file)://.*/operations\.md$")

    def test_every_severity_has_a_receiver(self):
        groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
        severities = {rule["labels"]["severity"] for group in groups for rule in group["rules"]}
        manager = yaml.safe_load((DEPLOY / "alertmanager/alertmanager.yml").read_text())
        routes = {route["matchers"][0]: route["receiver"] for route in manager["route"]["routes"]}
        self.assertEqual({f'severity="{severity}"' for severity in severities}, set(routes))
        self.assertLessEqual(set(routes.values()), {receiver["name"] for receiver in manager["receivers"]})
        if not shutil.which("amtool"):
            self.skipTest("no amtool: Alertmanager itself does not check its configuration")
        subprocess.run(["amtool", "check-config", DEPLOY / "alertmanager/alertmanager.yml"], check=True, timeout=60)

    def test_each_is_tested(self):
        groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
        alerts = {rule["alert"] for group in groups for rule in group["rules"]}
        tests = yaml.safe_load((DEPLOY / "prometheus/alerts_test.yaml").read_text())["tests"]
        fired = {case["alertname"] for test in tests for case in test.get("alert_rule_test", []) if case.get("exp_alerts")}
        quiet = {case["alertname"] for test in tests for case in test.get("alert_rule_test", [])
                 if not case.get("exp_alerts")}
        self.assertEqual(alerts, fired)
        self.assertEqual(alerts, quiet)


if __name__ == "__main__":
    unittest.main()
