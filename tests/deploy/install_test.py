"""What `cmake --install` installs runs with nothing but the packages of install_deps.sh's group "runtime"."""

import functools
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])
# Installed on every Debian system: apt itself needs them.
BASE_PACKAGES = {"libc6", "libstdc++6", "libgcc-s1"}
# Only in sanitizer builds, which are not shipped.
SANITIZERS = {"libasan8", "libubsan1", "libtsan2"}


def run(*command):
    return subprocess.run(command, text=True, capture_output=True, timeout=120, check=True).stdout


def runtime_packages():
    return set(run(str(ROOT / "scripts/install_deps.sh"), "--list", "runtime").split())


def providers():
    """{virtual package: the installed one that provides it}."""
    lines = [line.split("\t") for line in run("dpkg-query", "-W", "-f=${Package}\t${Provides}\n").splitlines()]
    installed = {package for package, _ in lines}
    found = {re.split(r"[ (:]", one.strip())[0]: package for package, provides in lines for one in provides.split(",")}
    return {virtual: package for virtual, package in found.items() if virtual and virtual not in installed}


def with_dependencies(packages):
    """The packages and what they depend on, directly and through others."""
    provided_by = providers()
    pending, seen = list(packages), set()
    while pending:
        package = pending.pop()
        package = provided_by.get(package, package)
        if package in seen:
            continue
        seen.add(package)
        for depends in run("dpkg-query", "-W", "-f=${Depends}\n", package).splitlines():
            pending.extend(re.split(r"[ (:]", one.strip())[0] for one in depends.split(",") if one.strip())
    return seen


@functools.cache
def package_of(library):
    """The package of a library. If /lib is a link to /usr/lib, packages list their files under either name."""
    for path in (library, library.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", path], text=True, capture_output=True, timeout=120)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise LookupError(f"no package has {library}")


def packages_of_libraries(binary):
    """{package: one of its libraries that the binary loads}."""
    found = {}
    for line in run("ldd", str(binary)).splitlines():
        match = re.search(r"=> (/\S+)", line)
        if not match:
            continue
        library = os.path.realpath(match.group(1))
        owner = package_of(library)
        found[owner] = library
    return found


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name)
        run("cmake", "--install", str(BUILD), "--prefix", str(cls.prefix))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_both_binaries_start(self):
        for name in ("roicast-server", "roicast"):
            self.assertRegex(run(str(self.prefix / "bin" / name), "--release" if name == "roicast" else "--version"), r"\d+\.\d+\.\d+")

    def test_protos_licence_pages_and_unit_are_there(self):
        for path in ("share/roicast/proto/roicast/v1/prediction.proto", "share/doc/roicast/LICENSE",
                     "share/doc/roicast/README.md", "share/doc/roicast/docs/operations.md",
                     "share/doc/roicast/examples/prometheus/alerts.yaml", "share/roicast/server.conf",
                     "lib/systemd/system/roicast.service", "lib/sysusers.d/roicast.conf"):
            self.assertTrue((self.prefix / path).is_file(), path)

    def test_the_runtime_packages_are_enough_and_each_is_needed(self):
        loaded = {}
        for name in ("roicast-server", "roicast"):
            loaded.update(packages_of_libraries(self.prefix / "bin" / name))
        installed = runtime_packages()
        enough = with_dependencies(installed) | BASE_PACKAGES | SANITIZERS
        self.assertEqual({}, {package: library for package, library in loaded.items() if package not in enough})
        self.assertEqual(set(), {package for package in installed if package not in loaded})


if __name__ == "__main__":
    unittest.main()
