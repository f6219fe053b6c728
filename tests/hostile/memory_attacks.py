"""Clients who want the server's memory: `memory_attacks.py NAME PORT SECONDS`."""

import gzip
import itertools
import struct
import time

from attack_run import in_threads, main
from frames import (BATCH_PREDICT, END_HEADERS, END_STREAM, DATA, EXPORT_MODEL, HEADERS, HEALTH_CHECK, HEALTH_WATCH,
                    IMPORT_MODEL, INITIAL_WINDOW_SIZE, LIST_MODELS, RANK, UPLOAD, field, data_frames, frame, grpc_headers,
                    message, settings)

ROWS = 500000
# Two bytes each, and an object of hundreds once it is parsed.
EMPTY = b"\x0a\x00"
# Of a number that no message has: three and four bytes, and objects of 70 and 50 for whoever keeps what it does not know.
UNKNOWN = b"\xba\x3e\x00"
UNKNOWN_GROUP = b"\xbb\x3e\xbc\x3e"
# max_issues: 2^31 - 1.
ALL_ISSUES = b"\x28\xff\xff\xff\xff\x07"


def _imports(run, start, parts):
    """Many at once, each of so many parts of 1 MiB behind `start`; none of them ends."""
    body = message(field(1, b"hostile")) + message(field(2, start + bytes((1 << 20) - len(start))))
    body += message(field(2, bytes(1 << 20))) * (parts - 1)
    attackers = []

    def one():
        while run.goes_on():
            if not (attacker := run.connect()):
                continue
            attackers.append(attacker)
            streams = [attacker.stream() for _ in range(4)]
            attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, grpc_headers(IMPORT_MODEL))
                                   for stream in streams))
            run.count("imports", len(streams))
            ended = attacker.push(dict.fromkeys(streams, body), run.goes_on, end=False)
            run.count("ended by the server", len(ended))
            if len(ended) < len(streams):
                while run.goes_on() and attacker.skim():
                    time.sleep(0.02)
            attacker.close()

    in_threads(5, one)


def unfinished_imports(run):
    """Files that begin as artifacts of 200 MB do, and do not go on after 64 MB."""
    _imports(run, b"ROICAST\0" + struct.pack("<IIQ", 1, 56, 200 << 20) + bytes(32), 64)


def imports_of_other_files(run):
    """Files that are no artifacts."""
    _imports(run, b"PK\3\4", 64)


def unread_exports(run):
    """Exports for which there is no window."""
    attackers = []
    while run.goes_on() and len(attackers) < 20:
        if attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0))):
            attackers.append(attacker)
            request = message(field(1, field(1, b"large")))
            for _ in range(10):
                stream = attacker.stream()
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(EXPORT_MODEL)) +
                              frame(DATA, END_STREAM, stream, request))
                run.count("exports")
            attacker.skim()
    run.hold(attackers)


def _calls(run, calls):
    """(path, body) over and over, from four connections, with the answers read."""
    def one():
        while run.goes_on():
            if not (attacker := run.connect()):
                continue
            for path, body in calls:
                stream = attacker.stream()
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(path)))
                attacker.push({stream: message(body)}, run.goes_on)
                run.count("calls")
                attacker.skim()
            attacker.close()

    in_threads(4, one)


def bad_rows(run):
    """As many rows as a batch may have, each with an issue, and all issues are asked for."""
    attackers = []
    body = message(field(4, EMPTY * ROWS) + ALL_ISSUES)
    while run.goes_on() and len(attackers) < 8:
        if attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0))):
            attackers.append(attacker)
            for _ in range(4):
                stream = attacker.stream()
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) +
                              data_frames(stream, body[:1 << 20], end=len(body) <= 1 << 20))
                run.count("batches")
            attacker.skim()
    run.hold(attackers)


def small_parts(run):
    """Messages of 32 MB of the smallest parts that there are: campaigns, rows, values of a row, columns, words."""
    many = EMPTY * (16 << 20)
    words = field(1, field(1, b"channel") + field(4, many))
    _calls(run, [(BATCH_PREDICT, body) for body in (field(4, many), field(6, many), field(6, field(1, many)),
                                                    field(2, many), field(2, words))])


def unknown_fields(run):
    """Messages of 48 MB of fields that no message has: by themselves, as groups, and within campaigns."""
    many = UNKNOWN * (16 << 20)
    _calls(run, [(BATCH_PREDICT, many), (BATCH_PREDICT, UNKNOWN_GROUP * (12 << 20)),
                 (BATCH_PREDICT, field(4, field(1, many))), (RANK, many), (LIST_MODELS, many)])


def health_of_fields(run):
    """Questions for health of 48 MB: checked, and watched for ever."""
    many = UNKNOWN * (16 << 20)
    _calls(run, [(HEALTH_CHECK, many), (HEALTH_WATCH, many), (HEALTH_CHECK, field(1, b"s" * (48 << 20)))])


def idle_watches(run):
    """Watches of health from eight addresses, 16,000 of each if they get them, and nothing more."""
    attackers = []
    headers = grpc_headers(HEALTH_WATCH)
    for connection in range(128):
        if run.goes_on() and (attacker := run.connect(source=f"127.0.0.{2 + connection // 16}")):
            attackers.append(attacker)
            for _ in range(1000):
                stream = attacker.stream()
                attacker.send(frame(HEADERS, END_HEADERS, stream, headers) + frame(DATA, END_STREAM, stream, message(b"")))
                run.count("watches")
            attacker.skim()
    run.hold(attackers)


def held_messages(run):
    """Messages that lack their last byte, as much of them as the server holds: large ones first, then what still fits."""
    attackers = []
    sizes = [60 << 20, 60 << 20] + [size for size in (8 << 20, 1 << 20, 1 << 18, 1 << 16, 1 << 14, 5000) for _ in range(4)]
    for size in sizes:
        if run.goes_on() and (attacker := run.connect()):
            attackers.append(attacker)
            stream = attacker.stream()
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)))
            run.count("refused by the server", len(attacker.push({stream: message(bytes(size))[:-1]}, run.goes_on, end=False)))
            run.count("messages")
    run.hold(attackers)


def _uploads(run, table):
    """The table over and over, from four connections, each time with another last line."""
    numbers = itertools.count()

    def one():
        while run.goes_on():
            if not (attacker := run.connect()):
                continue
            stream = attacker.stream()
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(UPLOAD)))
            file = table + gzip.compress(f"{next(numbers)}\n".encode())
            parts = [message(field(2, file[begin:begin + (1 << 20)])) for begin in range(0, len(file), 1 << 20)]
            attacker.push({stream: message(field(1, field(1, b"hostile"))) + b"".join(parts)}, run.goes_on)
            run.count("uploads")
            until = time.monotonic() + 2
            while run.goes_on() and time.monotonic() < until and attacker.skim():
                time.sleep(0.02)
            attacker.close()

    in_threads(4, one)


def long_rows(run):
    """A row of 3,000 cells of 1 MB each: 3 MB of gzip."""
    names = ("spend,revenue," + ",".join(f"c{i}" for i in range(3000)) + "\n1,2").encode()
    cell = gzip.compress(b"," + b"x" * 1000000)
    _uploads(run, gzip.compress(names) + cell * 3000 + gzip.compress(b"\n"))


def wide_tables(run):
    """Tables of 9,992 columns whose cells have many looks: 40 kB of gzip."""
    looks = ["1", "1.5", '"1,5"', "1.234", "1 234", "1'234", "12 days", "$5", "5 EUR", "5%", "5M", "(5)", "5-", "007",
             "12345678901234567", "2024-05-01", "01.05.2024", "05/2024", "24/08/16", "12:30", "< 10%", "$ -", "CHF 3",
             "RM 1326.50", "5 kg", "5 hours", "5 clicks", "£5", "N/A", "null"]
    looks += [f"word {i} " + "ä" * 25 for i in range(12)]
    rows = ["spend,revenue," + ",".join(f"c{i}" for i in range(9990))]
    rows += [f"{i + 1},{i + 3}" + f",{look}" * 9990 for i, look in enumerate(looks * 2)]
    _uploads(run, gzip.compress(("\n".join(rows) + "\n").encode()))


if __name__ == "__main__":
    main(globals())
