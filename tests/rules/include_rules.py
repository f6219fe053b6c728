"""Checks the #include lines of the sources against the rules of docs/architecture.md."""

import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

# Headers of other projects, by purpose.
RPC = r"grpc(pp|\+\+)/|grpc/(?!health/|reflection/)|.*\.grpc\.pb\.h$"
PROTOBUF = r"google/protobuf/|.*\.pb\.h$"
METRICS = r"prometheus/"
DATABASE = r"sqlite3\.h$|libpq|pqxx"
LOGS = r"spdlog/|fmt/"
HTTP = r"nghttp2/|boost/|httplib\.h$"
TLS = r"openssl/"
COMMAND_LINE = r"CLI/"

OURS = ("base", "model", "server", "client", "tests", "bench")

# (directory, exempt directories inside it, pattern of forbidden includes, the rule in words)
RULES = [
    ("base", (), r"(model|server|client|tests|bench)/", "base includes only base"),
    ("base", (), "|".join((RPC, PROTOBUF, METRICS, DATABASE, LOGS, HTTP)), "base depends only on Abseil"),
    ("model", (), r"(server|client|tests|bench)/", "model includes only base and model"),
    ("model", (), "|".join((RPC, METRICS, DATABASE, LOGS, HTTP, COMMAND_LINE)),
     "model uses no gRPC, metrics, database or logs"),
    ("model", ("model/artifact",), PROTOBUF, "only model/artifact uses Protobuf"),
    ("client", (), r"(model|server|tests|bench)/", "client includes neither model nor server"),
    ("client", (), "|".join((METRICS, DATABASE)), "client uses no metrics and no database"),
    ("server", (), r"(client|tests|bench)/", "server includes only base, model, proto and server"),
    ("server", ("server/store",), DATABASE, "only server/store uses the database"),
    ("server", (), RPC, "the server speaks gRPC with its own transport, and uses no gRPC library"),
    ("server/telemetry", (), r"model/|server/(services|serving|store|training|transport)/",
     "telemetry knows none who report to it"),
    ("server/transport", (), r"model/|server/(services|store|training)/|server/serving/(?!in_flight_limit|lifecycle|peer_limit)",
     "transport knows no service and no model"),
    ("server/transport/loop", (), r"server/transport/(?!loop/)", "the loop knows nothing of what runs on it"),
    ("server/transport/connection", (), r"server/transport/(?!(connection|loop)/)",
     "a connection does not know what it speaks"),
    ("server/transport/tls", (), r"server/transport/(?!(connection|loop|tls)/)", "TLS does not know what is spoken over it"),
    ("server", ("server/transport/tls", "server/services/probes"), TLS,
     "only server/transport/tls and the probe of the gRPC port use OpenSSL"),
    ("client", (), TLS, "the client has gRPC's TLS"),
    ("server/transport/http2", (), r"server/transport/(?!(connection|http2|loop)/)", "HTTP/2 does not know gRPC"),
    ("server/transport/grpc", (), r"server/transport/(?!(connection|grpc|http2|loop)/)",
     "gRPC does not know who listens"),
    ("server/transport/http", (), r"server/transport/(?!(connection|http|http2|loop)/)",
     "HTTP does not know who listens"),
    ("server", ("server/transport/http",), r"boost/", "only server/transport/http uses the parser of HTTP/1.1"),
    ("server/serving", (), r"server/(services|transport|training)/|roicast/v1/", "serving knows no service"),
    ("server/store", (), r"model/|server/(services|serving|telemetry|training|transport)/", "the store knows none who use it"),
    ("server/training", (), r"server/(services|serving|transport)/", "training knows no service"),
    ("server/errors", (), r"model/|server/(?!errors/)", "errors include only base and proto"),
    ("server/protobuf", (), r"model/|roicast/v1/|server/(?!protobuf/)", "server/protobuf knows no message of ours"),
    ("server/net", (), r"model/|server/(?!net/)", "net includes only base"),
    ("model/artifact", (), r"model/training/(?!(training_spec|capacity/capacity|search_report)\.h)",
     "model/artifact includes of model/training only the spec and the reports of capacities and searches"),
    ("model/simd", (), r"model/(?!simd/)", "model/simd includes nothing else of model"),
    ("model/data", (), r"model/(?!data/)", "model/data includes nothing else of model"),
    ("model/evaluation", (), r"model/(?!(data|evaluation)/)", "model/evaluation includes of model only data"),
    ("model/features", (), r"model/(?!(data|features)/)", "model/features includes of model only data"),
    ("model/network", (), r"model/(?!(data|network|simd)/)", "model/network includes of model only data and simd"),
    ("model/uncertainty", (), r"model/training/", "model/uncertainty does not know how models are trained"),
    ("model/artifact", (), r"model/uncertainty/(?!(calibration|model_error)\.h)", "model/artifact carries a calibration and a model error, but does not use it"),
    ("model/artifact", (), r"model/explanation/(?!background\.h)", "model/artifact carries a background, but does not use it"),
    ("model/artifact", (), r"model/(predictor|simd)/", "model/artifact does not know who reads it"),
    ("model/decision", (), r"model/training/", "model/decision does not know how models are trained"),
    ("client", ("client/cli", "client/generator", "client/load"), r"client/(cli|generator|load)/",
     "the client library knows none of its users"),
    *[(f"model/{folder}", (), r"model/training/", "model/training is used by none of model but model/artifact")
      for folder in ("data", "features", "network", "evaluation", "predictor", "explanation")],
    ("server/services/decision", (),
     r"server/services/(?!decision/|prediction/(batch_request|batch_rows|model_binding)\.h)\w+/",
     "decisions take rows as predictions do, and know nothing else of other services"),
    *[(f"server/services/{service}", (), rf"server/services/(?!{service}/)\w+/", "services do not include each other")
      for service in ("health", "models", "prediction", "reflection", "training")],
]


def violations(file, text):
    """The rules that `file` (a path relative to the root) violates, one line each."""
    found = []
    for include in INCLUDE.findall(text):
        for folder, exempt, pattern, words in RULES:
            inside = file.startswith(folder + "/")
            excused = any(file.startswith(path + "/") for path in exempt)
            if inside and not excused and re.match(pattern, include):
                found.append(f"{file}: includes {include}, but {words}")
    return found


def sources(root):
    """All our C++ files under `root`, as paths relative to it."""
    for folder in OURS:
        for path in sorted(pathlib.Path(root, folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path.relative_to(root).as_posix()
