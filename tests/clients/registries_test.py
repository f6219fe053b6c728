"""Which failures of package clients skip a test, and which fail it."""

import unittest

import registries


class Fetch(unittest.TestCase):
    def fetch(self, says, code=1):
        registries.fetch(["/bin/sh", "-c", 'printf "%s" "$1"; exit "$2"', "sh", says, str(code)])

    def test_a_registry_that_cannot_be_reached_skips(self):
        for says in (
                'go: google.golang.org/grpc@v1.71.0: Get "https://proxy.golang.org/…": dial tcp: no such host',
                'main.go:4:2: golang.org/x/net@v0.34.0: Get "https://proxy.golang.org/…": proxyconnect tcp: EOF',
                "go: reading https://proxy.golang.org/…: 503 Service Unavailable",
                "[ERROR] Could not transfer artifact io.grpc:grpc-netty:pom:1.70.0: Connection refused",
                "[ERROR] Could not transfer artifact io.grpc:grpc-netty:pom:1.70.0: Unknown host repo.maven.apache.org",
                "WARNING: Retrying after connection broken by 'NewConnectionError(…)'\n"
                "ERROR: No matching distribution found for grpcio==1.85.1",
                "npm error code ENOTFOUND", "npm error code EAI_AGAIN"):
            with self.subTest(says), self.assertRaises(unittest.SkipTest) as skip:
                self.fetch(says)
            self.assertIn(says, str(skip.exception))

    def test_everything_else_fails(self):
        """A client that did not compile was skipped like one that could not be had."""
        for says in ("./client.go:7:2: undefined: predict", "go: golang.org/x/net@v9.9.9: reading …: 404 Not Found",
                     "verifying golang.org/x/net@v0.34.0: checksum mismatch",
                     "[ERROR] Could not find artifact io.grpc:grpc-netty:pom:99 in central",
                     "ERROR: No matching distribution found for grpcio==99", "npm error code E404", ""):
            with self.subTest(says), self.assertRaises(AssertionError) as failure:
                self.fetch(says)
            self.assertIn(says, str(failure.exception))

    def test_what_is_fetched_goes_on(self):
        self.fetch("warning: dial tcp: retrying", code=0)


if __name__ == "__main__":
    unittest.main()
