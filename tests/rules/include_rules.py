"""Which folder may include what: the rules of docs/architecture.md, read from the sources' #include lines."""

import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

# Headers of other projects, by what they are for.
RPC = r"grpc(pp|\+\+)?/|.*\.grpc\.pb\.h$"
PROTOBUF = r"google/protobuf/|.*\.pb\.h$"
METRICS = r"prometheus/"
DATABASE = r"sqlite3\.h$|libpq|pqxx"
LOGS = r"spdlog/|fmt/"
HTTP = r"civetweb\.h$|CivetServer\.h$|httplib\.h$"
COMMAND_LINE = r"CLI/"

OURS = ("base", "model", "server", "client", "tests", "bench")

# (folder, folders inside it that are exempt, pattern of forbidden includes, the rule in words)
RULES = [
    ("base", (), r"(model|server|client|tests|bench)/", "base includes nothing of ours but base"),
    ("base", (), "|".join((RPC, PROTOBUF, METRICS, DATABASE, LOGS, HTTP)), "base builds on Abseil alone"),
    ("model", (), r"(server|client|tests|bench)/", "model includes base alone"),
    ("model", (), "|".join((RPC, METRICS, DATABASE, LOGS, HTTP, COMMAND_LINE)),
     "model knows no gRPC, no metrics, no database, no logs"),
    ("model", ("model/artifact",), PROTOBUF, "only model/artifact sees a protobuf"),
    ("client", (), r"(model|server|tests|bench)/", "client includes neither model nor server"),
    ("client", (), "|".join((METRICS, DATABASE)), "client knows no metrics and no database"),
    ("server", (), r"(client|tests|bench)/", "server includes base, model and proto alone"),
    ("server", ("server/store",), DATABASE, "only server/store knows the database"),
    ("server/telemetry", (), RPC, "telemetry knows no gRPC"),
]


def violations(file, text):
    """The rules that `file` (path from the root, with slashes) breaks, one line each."""
    found = []
    for include in INCLUDE.findall(text):
        for folder, exempt, pattern, words in RULES:
            inside = file.startswith(folder + "/")
            excused = any(file.startswith(path + "/") for path in exempt)
            if inside and not excused and re.match(pattern, include):
                found.append(f"{file}: includes {include}, but {words}")
    return found


def sources(root):
    """All C++ files of ours under `root`, as paths from it."""
    for folder in OURS:
        for path in sorted(pathlib.Path(root, folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path.relative_to(root).as_posix()
