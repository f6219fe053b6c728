"""While a hostile client does its worst from one address, a client at another one predicts: none of its calls
fails or waits long, the server's memory stays bounded, and afterwards all is as before.

The figures are printed. bounds.py has the bounds of time; ROICAST_HOSTILE_MEGABYTES (over idle, during the attack) and
ROICAST_HOSTILE_LATER_MEGABYTES (5 s after it) change those of memory."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from bounds import ATTACK_SECONDS, RATE, SECONDS, Probe, check_waits, repeated_while_slow
from frames import (DATA, END_HEADERS, END_STREAM, HEADERS, PREDICT, PREDICT_REQUEST, RST_STREAM, STREAM_PREDICT, WINDOW_UPDATE, Attacker, frame,
                    grpc_headers, message)
from server_under_attack import ServerUnderAttack

FOLDER = pathlib.Path(__file__).resolve().parent
MAX_MORE_MEGABYTES = float(os.environ.get("ROICAST_HOSTILE_MEGABYTES", "200"))
# The ends of the allocator's heaps are kept; server/freed_memory.h says when the rest is given back.
MAX_MORE_MEGABYTES_LATER = float(os.environ.get("ROICAST_HOSTILE_LATER_MEGABYTES", "72"))
BACK_TO_NORMAL_SECONDS = float(os.environ.get("ROICAST_HOSTILE_CALM_SECONDS", "5"))


class Hostile(unittest.TestCase):
    @repeated_while_slow
    def attack(self, name, attacks="attacks.py", prepare=None, max_more_megabytes=MAX_MORE_MEGABYTES, cut=None,
               healthz=True, **options):
        """cut: why the server has to have ended connections, or None. healthz: it can be asked for meanwhile."""
        with ServerUnderAttack(**options) as server:
            if prepare:
                prepare(server)
            idle = server.memory_mb()
            descriptors = server.descriptors()
            predicting = server.predict_at_rate(RATE, SECONDS)
            # A client that comes when all descriptors are taken is turned away, as it has to be.
            server.seconds_until(lambda: server.descriptors() > descriptors, BACK_TO_NORMAL_SECONDS)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / attacks, name, str(server.port),
                                       str(ATTACK_SECONDS)], stdout=subprocess.PIPE)
            probe = Probe(server.http_port, "/healthz") if healthz else None
            most, did = server.follow(attack)
            if probe:
                probe.end()
            result = json.loads(predicting.communicate(timeout=60)[0])
            back = server.seconds_until(lambda: server.descriptors() <= descriptors, BACK_TO_NORMAL_SECONDS)
            server.predict_once()
            calm = server.seconds_until(lambda: server.memory_mb() - idle < MAX_MORE_MEGABYTES_LATER,
                                        BACK_TO_NORMAL_SECONDS)
            p99 = result["latency_us"]["p99"] / 1000
            print(f"{name}: predict p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} ms, "
                  f"errors {result['errors']}; memory {idle:.0f} MB, at most {most:.0f} MB, later "
                  f"{server.memory_mb():.0f} MB; connections gone after {back:.2f} s; attack: {did}", flush=True)
            cuts = server.cuts()
            print(cuts, server.memory_refusals(), flush=True)
            self.assertEqual(result["errors"], {})
            if cut:
                self.assertIn(cut, cuts, "the attack goes on as long as it likes")
            if probe:
                self.assertEqual(probe.failures, [])
            self.assertLess(most - idle, max_more_megabytes)
            self.assertLess(calm, BACK_TO_NORMAL_SECONDS, "memory is not given back")
            self.assertLess(back, BACK_TO_NORMAL_SECONDS, "connections are still open")
            check_waits(server, name, p99, probe.longest() if probe else 0)

    def test_gzip_bomb(self):
        self.attack("gzip_bomb")

    def test_descriptors(self):
        self.attack("descriptors", max_descriptors=100, healthz=False,
                    flags=("--max_connections", "1000", "--max_connections_per_peer", "1000"))

    def test_connections_of_one_address(self):
        """By default some descriptors are never reached."""
        self.attack("descriptors", max_descriptors=100)

    def test_continuation_flood(self):
        self.attack("continuation_flood")

    def test_empty_continuation_flood(self):
        self.attack("empty_continuation_flood")

    def test_rapid_reset(self):
        self.attack("rapid_reset")

    def test_made_resets(self):
        self.attack("made_resets")

    def test_settings_flood(self):
        self.attack("settings_flood")

    def test_ping_flood(self):
        self.attack("ping_flood")

    def test_ping_ack_flood(self):
        self.attack("ping_ack_flood")

    def test_priority_flood(self):
        self.attack("priority_flood")

    def test_window_update_flood(self):
        self.attack("window_update_flood")

    def test_empty_data_flood(self):
        self.attack("empty_data_flood")

    def test_unknown_frames(self):
        self.attack("unknown_frames")

    def test_slow_header(self):
        self.attack("slow_header")

    def test_slow_body(self):
        self.attack("slow_body")

    def test_half_messages(self):
        self.attack("half_messages")

    def test_slow_reader(self):
        self.attack("slow_reader")

    def test_large_answers(self):
        self.attack("large_answers")

    def test_closed_window(self):
        self.attack("closed_window")

    def test_idle_streams(self):
        self.attack("idle_streams")

    def test_large_options(self):
        """They were copied where calls arrive, before their size was looked at."""
        self.attack("large_options", attacks="work_attacks.py", max_more_megabytes=600)

    def test_large_headers(self):
        self.attack("large_headers")

    def test_idle_connections(self):
        self.attack("idle_connections")

    def test_connection_churn(self):
        self.attack("connection_churn")

    def test_garbage(self):
        self.attack("garbage")


def make_large_model(server):
    """Called "large"."""
    server.run("generate", "--rows", "500", "-o", server.folder / "few.csv")
    server.run("train", server.folder / "few.csv", "--schema", "campaign", "--model", "large", "--hidden", "1024,1024",
               "--epochs", "1")


class MemoryHostile(unittest.TestCase):
    """Clients who want memory, on a server with a budget of 600 MB, of which 300 MB are kept for predictions. By default
    that is three quarters of what a container may have: the allocator keeps a part of what was freed for a moment."""

    BUDGET = 600

    def attack(self, name, max_more_megabytes=BUDGET * 5 // 4, prepare=None):
        Hostile.attack(self, name, attacks="memory_attacks.py", prepare=prepare, max_more_megabytes=max_more_megabytes,
                       flags=("--memory_budget", str(self.BUDGET * 1000 * 1000)))

    def test_unfinished_imports(self):
        """Sixteen imports held 3.5 GB."""
        self.attack("unfinished_imports")

    def test_imports_of_other_files(self):
        self.attack("imports_of_other_files", max_more_megabytes=MAX_MORE_MEGABYTES)

    def test_unread_exports(self):
        """Each held the whole artifact, and 4 MB of messages."""
        self.attack("unread_exports", max_more_megabytes=MAX_MORE_MEGABYTES, prepare=make_large_model)

    def test_bad_rows(self):
        """One batch built 1.2 GB of issues."""
        self.attack("bad_rows")

    def test_small_parts(self):
        """A message of 32 MB became 5 GB of objects."""
        self.attack("small_parts")

    def test_unknown_fields(self):
        """They counted as nothing: 60 MB of them became 1.3 GB."""
        self.attack("unknown_fields")

    def test_health_of_fields(self):
        """Nothing counted them, and the threads that answer predictions parsed them, for seconds."""
        self.attack("health_of_fields", max_more_megabytes=MAX_MORE_MEGABYTES)

    def test_long_rows(self):
        """One upload of 3 MB took 3 GB."""
        self.attack("long_rows", max_more_megabytes=MAX_MORE_MEGABYTES)

    def test_wide_tables(self):
        """What is collected of their columns, 190 MB in all, was not drawn from the budget."""
        Hostile.attack(self, "wide_tables", attacks="memory_attacks.py", max_more_megabytes=MAX_MORE_MEGABYTES * 3 / 5,
                       flags=("--memory_budget", "160000000"))


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make a certificate with")
class TlsHostile(unittest.TestCase):
    """The same on a port that speaks TLS; the other client does, too."""

    attack = Hostile.attack

    def attack_tls(self, name, **options):
        self.attack(name, attacks="tls_attacks.py", tls=True, **options)

    def test_idle_handshakes(self):
        self.attack_tls("idle_handshakes")

    def test_handshake_flood(self):
        self.attack_tls("handshake_flood")

    def test_whole_handshakes(self):
        self.attack_tls("whole_handshakes")

    def test_slow_handshakes(self):
        self.attack_tls("slow_handshakes")

    def test_endless_hello(self):
        self.attack_tls("endless_hello")

    def test_key_updates(self):
        """One connection had the loop compute keys all the time, and nothing ended it."""
        self.attack_tls("key_updates", cut="flood_key_update")

    def test_torn_records(self):
        """5,000 connections held 263 MB of records that did not end."""
        self.attack_tls("torn_records", cut="record", max_more_megabytes=200, flags=("--header_timeout", "1s"))

    def test_garbage(self):
        self.attack_tls("garbage")


class Busy(unittest.TestCase):
    def test_cancelled_calls_are_no_flood(self):
        """nghttp2 ended the connection after a thousand resets, and 33 more for each second."""
        with ServerUnderAttack() as server:
            client = Attacker(server.port)
            for _ in range(3000):
                stream = client.stream()
                client.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(STREAM_PREDICT)) +
                            frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big")))
            stream = client.stream()
            client.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(PREDICT)) +
                        frame(DATA, END_STREAM, stream, message(PREDICT_REQUEST)))
            client.await_answers(1)
            client.close()

    def test_calls_without_a_pause_are_no_flood(self):
        """Headers that had arrived in part at the end of each read counted as one endless block, and the client was cut
        off after some 130 kB."""
        with ServerUnderAttack() as server:
            client = Attacker(server.port)
            client.send(frame(WINDOW_UPDATE, 0, 0, (1 << 30).to_bytes(4, "big")))
            calls = []
            for _ in range(4000):
                stream = client.stream()
                calls.append(frame(HEADERS, END_HEADERS, stream, grpc_headers(PREDICT)) +
                             frame(DATA, END_STREAM, stream, message(PREDICT_REQUEST)))
            begun = b""
            for first in range(0, len(calls), 200):
                together = b"".join(calls[first:first + 200])
                following = b"".join(calls[first + 200:first + 201])[:40]
                client.send(together[len(begun):] + following)
                begun = following
                client.await_answers(200)
            client.close()


if __name__ == "__main__":
    unittest.main()
