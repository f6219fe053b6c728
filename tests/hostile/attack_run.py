"""What the attacks share: a run counts what it does, for a time, and prints it."""

import os
import struct
import sys
import threading
import time

from frames import Attacker

CANCEL = struct.pack(">I", 8)


class Run:
    """Counts, and the time that is left."""

    def __init__(self, port, seconds):
        self.port = port
        self.seconds = seconds
        self.begin()
        self.counts = {"connections": 0, "refused": 0}

    def begin(self):
        """Preparations do not count."""
        self.until = time.monotonic() + self.seconds

    def goes_on(self):
        return time.monotonic() < self.until

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def connect(self, **options):
        """An attacker, or None: the server takes no connection just now."""
        try:
            attacker = Attacker(self.port, **options)
        except OSError:
            self.count("refused")
            time.sleep(0.02)
            return None
        self.count("connections")
        return attacker

    def hold(self, attackers):
        """Keeps connections until the end."""
        while self.goes_on():
            time.sleep(0.02)
        self.count("cut", sum(not attacker.skim() for attacker in attackers))


def repeat(run, chunk, what, read=True, **options):
    """Sends the same bytes over and over."""
    while run.goes_on():
        attacker = run.connect(**options)
        while attacker and run.goes_on() and attacker.send(chunk) and (not read or attacker.skim()):
            run.count(what)
        if attacker:
            attacker.close()


def in_threads(count, work):
    """Runs it so many times at once, until all have returned."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(attacks):
    """`NAME PORT SECONDS`: one of the functions in `attacks`."""
    name, port, seconds = sys.argv[1:]
    run = Run(int(port), float(seconds))
    attacks[name](run)
    print(" ".join(f"{what}={number}" for what, number in run.counts.items()), flush=True)
    # Not one by one: thousands of sockets take their time.
    os._exit(0)
