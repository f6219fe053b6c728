"""Programs of others, from package registries. They are kept in build/clients, and a test that cannot have one is
skipped and says why. Nothing is fetched unless ROICAST_CLIENTS=1, since that takes minutes the first time."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])
KEPT = BUILD / "clients"
FETCH_SECONDS = 900
# What package clients say of a registry that cannot be reached: Go's, Maven, pip, npm, and proxies between them.
UNREACHABLE = re.compile(
    r"dial tcp|proxyconnect tcp|no such host|connection refused|connection timed out|i/o timeout|handshake timeout|"
    r"network is unreachable|no route to host|unknown host|name resolution|name or service not known|"
    r"NewConnectionError|ConnectTimeoutError|ReadTimeoutError|connect timed out|"
    r"EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|"
    r"\b50[234] (Bad Gateway|Service Unavailable|Gateway Time-?out)", re.IGNORECASE)


def require_fetching():
    if os.environ.get("ROICAST_CLIENTS") != "1":
        raise unittest.SkipTest("programs from registries are fetched only with ROICAST_CLIENTS=1 (tests/clients/run.sh)")


def tool(name, *folders):
    """The path of a toolchain's program."""
    found = shutil.which(name) or shutil.which(name, path=":".join(folders))
    if found is None:
        raise unittest.SkipTest(f"{name} is not installed")
    return found


def fetch(command, **options):
    """Runs a package client. Skips if its registry cannot be reached; anything else that goes wrong fails the test."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=FETCH_SECONDS,
                              check=False, **options)
    except subprocess.TimeoutExpired as late:
        raise unittest.SkipTest(f"{command[0]}: the registry did not answer") from late
    if done.returncode == 0:
        return
    said = done.stdout.decode(errors="replace")
    why = f"{' '.join(map(str, command))}: {said[-2000:]}"
    if UNREACHABLE.search(said):
        raise unittest.SkipTest(why)
    raise AssertionError(why)


def go_program(package, version):
    """The path of a Go program, such as go_program("google.golang.org/grpc/interop/client", "v1.71.0")."""
    require_fetching()
    folder = KEPT / "go" / f"{package.replace('/', '_')}@{version}"
    program = folder / package.rsplit("/", 1)[-1]
    if not program.exists():
        go = tool("go", "/usr/local/go/bin", "/usr/lib/go/bin")
        fetch([go, "install", f"{package}@{version}"], env={**os.environ, "GOBIN": str(folder), "GOFLAGS": "-modcacherw"})
    return program


def maven_class_path(pom):
    """The class path of a pom.xml's dependencies."""
    require_fetching()
    tool("java")
    folder = KEPT / "java" / pom.parent.name
    if not folder.exists():
        part = folder.with_suffix(".part")
        fetch([tool("mvn"), "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={part}"])
        part.rename(folder)
    return f"{folder}/*"


def pip_packages(python, *packages):
    """A folder for PYTHONPATH."""
    require_fetching()
    folder = KEPT / "python" / "_".join(packages)
    if not folder.exists():
        part = folder.with_suffix(".part")
        fetch([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", part, *packages])
        part.rename(folder)
    return folder


def npm_modules(folder):
    """A folder with node_modules of the package.json and package-lock.json in `folder`."""
    require_fetching()
    kept = KEPT / "node" / folder.name
    if not (kept / "node_modules").exists():
        npm = tool("npm")
        kept.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            if (folder / file).exists():
                shutil.copy(folder / file, kept)
        fetch([npm, "ci" if (folder / "package-lock.json").exists() else "install", "--no-audit", "--no-fund",
               "--ignore-scripts"], cwd=kept)
    return kept


def go_build(folder):
    """The path of the program in `folder`, built."""
    require_fetching()
    program = KEPT / "go" / folder.name
    go = tool("go", "/usr/local/go/bin", "/usr/lib/go/bin")
    fetch([go, "build", "-o", str(program), "."], cwd=folder, env={**os.environ, "GOFLAGS": "-modcacherw"})
    return program
