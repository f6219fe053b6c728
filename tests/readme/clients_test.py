"""Runs the programs of docs/clients.md as they stand, against a server with a model of a table of one's own."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import page_server
from page_server import BUILD, ROOT

ROICAST = BUILD / "client/cli/roicast"
JAVA_JARS = pathlib.Path(os.environ.get("ROICAST_JAVA_JARS", "/usr/share/java"))
# Of each, the newest: Debian has every jar under its name with and without the version.
JARS = ("grpc-api", "grpc-context", "grpc-core", "grpc-netty", "grpc-protobuf", "grpc-protobuf-lite", "grpc-stub",
        "netty-buffer", "netty-codec", "netty-codec-http", "netty-codec-http2", "netty-codec-socks", "netty-common",
        "netty-handler", "netty-handler-proxy", "netty-resolver", "netty-transport", "protobuf", "guava", "perfmark-api",
        "geronimo-annotation-1.3-spec")


def program(language):
    text = (ROOT / "docs/clients.md").read_text()
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return block


def version_of(file):
    """Of v1.64.0.zip: [1, 64, 0]."""
    return [int(digits) for digits in re.findall(r"\d+", file.stem)]


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work, cls.environment = page_server.start(cls.addClassCleanup)
        (cls.work / "proto").symlink_to(ROOT / "proto")
        cls.run_ok([ROICAST, "generate", "--rows", "2000", "--seed", "8", "--output", "past.csv"])
        table = (cls.work / "past.csv").read_text().replace("channel", "Ad network", 1)
        (cls.work / "past.csv").write_text(table.replace("product_category", "Category", 1))
        cls.run_ok([ROICAST, "train", "past.csv", "--model", "mine", "--epochs", "20", "--exclude", "price"])
        answer = json.loads(cls.run_ok([ROICAST, "predict", "--json", "--model", "mine", "Ad network=social",
                                        "Category=fashion", "spend=1200", "start_time=2025-03-01T12:00:00Z"]))
        cls.expected = f"ROI {answer['roi']:+.4f} by mine version 1\n"
        (cls.work / "stubs").mkdir()
        cls.run_ok(["protoc", "-I", "proto", "--python_out=stubs", "--grpc_python_out=stubs",
                    "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", *cls.protos()])

    @classmethod
    def protos(cls):
        return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "proto/roicast/v1").glob("*.proto"))

    @classmethod
    def run_ok(cls, command, folder=None, **variables):
        result = subprocess.run(command, cwd=folder or cls.work, env={**cls.environment, **variables}, text=True,
                                capture_output=True, timeout=500, check=False)
        if result.returncode != 0:
            raise AssertionError(f"{command}\n{result.stdout}\n{result.stderr}")
        return result.stdout

    def need(self, available, what):
        if not available:
            self.skipTest(f"needs {what}")

    def test_cpp(self):
        self.assertEqual(self.expected, self.run_ok([os.environ["ROICAST_CLIENT_PROGRAM"]]))

    def test_python(self):
        self.assertEqual(self.expected, self.run_ok([sys.executable, "-c", program("python")]))

    def test_python_fetches_a_new_schema(self):
        """The program's functions, over a training that gives the model another schema."""
        more = f"""
import subprocess
subprocess.run([{str(ROICAST)!r}, "train", "past.csv", "--model", "changing", "--epochs", "2", "--exclude", "price"], check=True)
MODEL.name = "changing"
encoder = fetch_encoder()
first, same = predict_dense(encoder, values)
assert same is encoder and first.served_by.version == 1
subprocess.run([{str(ROICAST)!r}, "train", "past.csv", "--model", "changing", "--epochs", "2"], check=True)
second, new = predict_dense(encoder, values)
named = predictions.Predict(prediction_pb2.PredictRequest(model=MODEL, row=named_row(values)), timeout=1)
assert new is not encoder and new.digest != encoder.digest and second == named
print("version", second.served_by.version)
"""
        self.assertTrue(self.run_ok([sys.executable, "-c", program("python") + more]).endswith("version 2\n"))

    def test_go(self):
        self.need(all(map(shutil.which, ("go", "protoc-gen-go", "protoc-gen-go-grpc"))),
                  "go, protoc-gen-go and protoc-gen-go-grpc")
        cache = pathlib.Path(self.run_ok(["go", "env", "GOMODCACHE"]).strip())
        modules = ("google.golang.org/grpc", "google.golang.org/protobuf")
        stored = {module: sorted((cache / "cache/download" / module / "@v").glob("*.zip"), key=version_of)
                  for module in modules}
        self.need(all(stored.values()), " and ".join(modules) + " in Go's module cache")
        folder = self.work / "go"
        (folder / "stubs").mkdir(parents=True)
        self.run_ok(["protoc", "-I", "proto", "--go_out=go/stubs", "--go_opt=paths=source_relative",
                     "--go-grpc_out=go/stubs", "--go-grpc_opt=paths=source_relative", *self.protos()])
        (folder / "main.go").write_text(program("go"))
        versions = "".join(f"require {module} {zips[-1].stem}\n" for module, zips in stored.items())
        (folder / "go.mod").write_text(f"module example.com/bidder\n\ngo 1.19\n\n{versions}")
        offline = {"GOFLAGS": "-mod=mod", "GOPROXY": f"file://{cache}/cache/download", "GOSUMDB": "off",
                   "GOTOOLCHAIN": "local"}
        known = subprocess.run(["go", "list", "-deps", "."], cwd=folder, env={**self.environment, **offline}, text=True,
                               capture_output=True, check=False)
        self.need(known.returncode == 0, f"all that grpc imports in Go's module cache: {known.stderr[-300:]}")
        self.assertEqual(self.expected, self.run_ok(["go", "run", "."], folder, **offline))

    def test_node(self):
        packages = "for (const p of ['@grpc/grpc-js', '@grpc/proto-loader']) require.resolve(p)"
        self.need(shutil.which("node") and subprocess.run(["node", "-e", packages], capture_output=True,
                                                          check=False).returncode == 0,
                  "node with @grpc/grpc-js and @grpc/proto-loader (on NODE_PATH)")
        self.assertEqual(self.expected, self.run_ok(["node", "-e", program("js")]))

    def test_java(self):
        plugin = shutil.which("grpc_java_plugin")
        self.need(shutil.which("javac") and plugin, "javac and grpc_java_plugin")
        jars = [JAVA_JARS / f"{name}.jar" for name in JARS]
        missing = [str(jar) for jar in jars if not jar.exists()]
        self.need(not missing, ", ".join(missing))
        path = ":".join(map(str, jars))
        folder = self.work / "java"
        (folder / "classes").mkdir(parents=True)
        self.run_ok(["protoc", "-I", "proto", "--java_out=java", "--grpc-java_out=java",
                     f"--plugin=protoc-gen-grpc-java={plugin}", *self.protos()])
        (folder / "Bidder.java").write_text(program("java"))
        self.run_ok(["javac", "-cp", path, "-d", "classes", *map(str, folder.rglob("*.java"))], folder)
        self.assertEqual(self.expected, self.run_ok(["java", "-cp", f"{path}:classes", "Bidder"], folder))


if __name__ == "__main__":
    unittest.main()
