"""Clients in other languages and tools of others, from registries."""

import json
import subprocess
import unittest

import registries
from client_server import FOLDER, PROTO, ClientTest

PREDICT = {"campaign": {"channel": "search", "spend": 500}}


class Languages(ClientTest):
    def test_go(self):
        self.check([registries.go_build(FOLDER / "go"), self.descriptors()])

    def test_node(self):
        modules = registries.npm_modules(FOLDER / "node")
        self.check([registries.tool("node"), FOLDER / "node/client.js", PROTO],
                   environment={"NODE_PATH": str(modules / "node_modules")})

    def test_java(self):
        class_path = registries.maven_class_path(FOLDER / "java/pom.xml")
        self.check(["java", "-cp", class_path, FOLDER / "java/Client.java", self.descriptors()])


class Tools(ClientTest):
    def run_tool(self, *command):
        done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        return done.stdout.decode()

    def test_grpcurl(self):
        """By reflection."""
        grpcurl = registries.go_program("github.com/fullstorydev/grpcurl/cmd/grpcurl", "v1.9.3")
        address = f"127.0.0.1:{self.port}"
        services = self.run_tool(grpcurl, "-plaintext", address, "list").split()
        for service in ("grpc.health.v1.Health", "roicast.v1.DecisionService", "roicast.v1.ModelService",
                        "roicast.v1.PredictionService", "roicast.v1.TrainingService"):
            self.assertIn(service, services)
        self.assertIn("rpc Predict (", self.run_tool(grpcurl, "-plaintext", address, "describe",
                                                     "roicast.v1.PredictionService"))
        answer = json.loads(self.run_tool(grpcurl, "-plaintext", "-d", json.dumps(PREDICT), address,
                                          "roicast.v1.PredictionService/Predict"))
        self.assertEqual(answer["servedBy"]["model"], "default")

    def test_ghz(self):
        ghz = registries.go_program("github.com/bojand/ghz/cmd/ghz", "v0.120.0")
        result = json.loads(self.run_tool(
            ghz, "--insecure", "--proto", PROTO / "roicast/v1/prediction.proto", "--import-paths", PROTO, "--call",
            "roicast.v1.PredictionService/Predict", "-d", json.dumps(PREDICT), "-n", "2000", "-c", "16", "--connections",
            "4", "-O", "json", f"127.0.0.1:{self.port}"))
        self.assertEqual(result["statusCodeDistribution"], {"OK": 2000})

    def test_grpc_health_probe(self):
        probe = registries.go_program("github.com/grpc-ecosystem/grpc-health-probe", "v0.4.62")
        for service in ("", "roicast.v1.PredictionService"):
            self.assertIn("SERVING", self.run_tool(probe, f"-addr=127.0.0.1:{self.port}", f"-service={service}"))


if __name__ == "__main__":
    unittest.main()
