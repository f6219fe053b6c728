"""The systemd unit, its sample configuration and the Debian package fit the server and each other."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEMD = ROOT / "deploy/systemd"
DEBIAN = ROOT / "deploy/debian"
# Of `systemd-analyze security`, 0 to 10; below 2 is its "OK".
EXPOSURE_LIMIT = 2.0


def run(*command):
    result = subprocess.run(command, text=True, capture_output=True, timeout=300)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|min|m|h)", text).groups()
    return int(number) * {"s": 1, "min": 60, "m": 60, "h": 3600}[unit]


def unit_settings():
    """{setting: values} of the unit; a setting may be there several times."""
    found = {}
    for line in (SYSTEMD / "roicast.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def sample_settings():
    """{flag: (value, commented out)} of server.conf."""
    found = {}
    for line in (SYSTEMD / "server.conf").read_text().splitlines():
        match = re.fullmatch(r"(#?)(\w+) =\s*(.*)", line)
        if match:
            found[match.group(2)] = (match.group(3), bool(match.group(1)))
    return found


class SampleConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        page = run(os.environ["ROICAST_SERVER_BINARY"], "--help")
        # "NAME=default" on Debian 12, "NAME [default]" on Debian 13, whose CLI11 is newer.
        cls.defaults = {name: with_equals or in_brackets for name, with_equals, in_brackets in
                        re.findall(r"^  --(\w+) [A-Z]+(?:=(\S+)| \[(\S*)\])?", page, re.MULTILINE) if name != "config"}

    def test_every_flag_is_there_with_its_default(self):
        sample = sample_settings()
        self.assertEqual(set(self.defaults), set(sample))
        self.assertGreater(len(self.defaults), 15)
        self.assertEqual({name: self.defaults[name] for name, (_, commented) in sample.items() if commented},
                         {name: value for name, (value, commented) in sample.items() if commented})

    def test_what_is_set_is_the_folder_and_loopback(self):
        self.assertEqual({"listen": "127.0.0.1:8500", "http_listen": "127.0.0.1:8501", "store": "/var/lib/roicast"},
                         {name: value for name, (value, commented) in sample_settings().items() if not commented})

    def test_the_server_takes_it(self):
        # --version ends the process after the file has been read.
        with tempfile.TemporaryDirectory() as folder:
            everything = pathlib.Path(folder, "server.conf")
            lines = (SYSTEMD / "server.conf").read_text().splitlines()
            everything.write_text("\n".join(re.sub(r"^#(\w+ = \S)", r"\1", line) for line in lines))
            server = subprocess.Popen(
                [os.environ["ROICAST_SERVER_BINARY"], "--config", str(everything), "--store", folder, "--listen",
                 "127.0.0.1:0", "--http_listen", "127.0.0.1:0", "--lame_duck", "0s"], stderr=subprocess.PIPE, text=True)
            lines = []
            for line in server.stderr:
                lines.append(line)
                if " info ready " in line:
                    server.terminate()
            self.assertEqual(0, server.wait(timeout=60), lines)
            server.stderr.close()


class Unit(unittest.TestCase):
    def setUp(self):
        self.unit = unit_settings()

    def test_systemd_waits_longer_than_the_server_drains(self):
        sample = sample_settings()
        draining = seconds(sample["lame_duck"][0]) + seconds(sample["drain_timeout"][0])
        self.assertGreater(seconds(self.unit["TimeoutStopSec"][0]), draining)

    def test_it_runs_as_a_user_that_the_installation_creates(self):
        user = self.unit["User"][0]
        self.assertIn(f"u {user} ", (SYSTEMD / "sysusers.conf").read_text())
        self.assertRegex((DEBIAN / "postinst").read_text(), rf"adduser --system .* {user}\n")

    def test_the_store_is_the_folder_that_it_may_write(self):
        self.assertEqual(sample_settings()["store"][0], f"/var/lib/{self.unit['StateDirectory'][0]}")

    def test_systemd_understands_it(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze: the unit is not checked by systemd itself")
        with tempfile.TemporaryDirectory() as folder:
            # The command need not be installed where the unit is checked.
            unit = pathlib.Path(folder, "roicast.service")
            unit.write_text((SYSTEMD / "roicast.service").read_text().replace("ExecStart=roicast-server", "ExecStart=/bin/true"))
            result = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], text=True, capture_output=True,
                                    timeout=60)
            self.assertEqual("", "".join(line for line in result.stderr.splitlines(True) if "roicast" in line))

    def test_it_is_hardened(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze: the unit's exposure is not measured")
        page = run("systemd-analyze", "security", "--no-pager", "--offline=true", str(SYSTEMD / "roicast.service"))
        self.assertLess(float(re.search(r"Overall exposure level for roicast.service: ([\d.]+)", page).group(1)),
                        EXPOSURE_LIMIT)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"no {tool}: the Debian package is not built")
        cls.folder = tempfile.TemporaryDirectory()
        run("cpack", "-G", "DEB", "--config", os.environ["ROICAST_BUILD_DIR"] + "/CPackConfig.cmake", "-B", cls.folder.name)
        cls.package = next(pathlib.Path(cls.folder.name).glob("roicast_*.deb"))
        cls.root = pathlib.Path(cls.folder.name, "root")
        run("dpkg-deb", "--raw-extract", str(cls.package), str(cls.root))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_its_files_are_in_their_places(self):
        for path in ("usr/bin/roicast-server", "usr/bin/roicast", "usr/lib/systemd/system/roicast.service",
                     "etc/roicast/server.conf", "usr/share/doc/roicast/copyright",
                     "usr/share/doc/roicast/docs/operations.md", "usr/share/roicast/proto/roicast/v1/prediction.proto"):
            self.assertTrue((self.root / path).is_file(), path)
        self.assertEqual({"DEBIAN", "etc", "usr"}, {path.name for path in self.root.iterdir()})

    def test_a_changed_configuration_survives_an_upgrade(self):
        self.assertEqual("/etc/roicast/server.conf\n", (self.root / "DEBIAN/conffiles").read_text())

    def test_the_libraries_are_dependencies(self):
        depends = run("dpkg-deb", "--field", str(self.package), "Depends")
        for library in ("libgrpc++1.51", "libc6", "libsqlite3-0", "adduser"):
            self.assertIn(library, depends)

    def test_its_scripts_are_shell(self):
        for name in ("postinst", "prerm", "postrm"):
            script = self.root / "DEBIAN" / name
            run("sh", "-n", str(script))
            self.assertTrue(os.access(script, os.X_OK))


if __name__ == "__main__":
    unittest.main()
