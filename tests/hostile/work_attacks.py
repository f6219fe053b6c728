"""Hostile clients that make the server work, or take its places: `work_attacks.py NAME PORT SECONDS`. The dataset is
$ROICAST_HOSTILE_DIGEST."""

import gzip
import os
import select
import struct
import time

from attack_run import CANCEL, in_threads, main
from frames import (BATCH_PREDICT, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PREDICT, PREDICT_REQUEST,
                    RST_STREAM, UPLOAD, WINDOW_UPDATE, data_frames, frame, grpc_headers, message, settings)

INSPECT = "/roicast.v1.TrainingService/InspectDataset"
EVALUATE = "/roicast.v1.TrainingService/EvaluateModel"
CREATE_JOB = "/roicast.v1.TrainingService/CreateTrainingJob"


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out) + bytes([value])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def spec(*more):
    """A TrainingSpec for the dataset: its digest, and further fields."""
    return field(2, os.environ["ROICAST_HOSTILE_DIGEST"].encode()) + b"".join(more)


# Sixteen layers of 4,096 units.
HUGE_NETWORK = field(9, field(1, varint(4096) * 16))


def header_only_uploads(run):
    """Uploads that begin and never go on: hundreds, on a few connections."""
    header = message(field(1, field(1, b"nothing")))
    attackers = []
    while run.goes_on() and len(attackers) < 10:
        if not (attacker := run.connect()):
            continue
        attackers.append(attacker)
        for stream in range(1, 100, 2):
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(UPLOAD)) + frame(DATA, 0, stream, header))
            run.count("uploads")
        attacker.skim()
    run.hold(attackers)


def abandoned(run, path, body):
    """Calls whose client leaves soon after it has asked, over and over: by a reset, or with the connection."""
    while run.goes_on():
        attacker = run.connect()
        for _ in range(4):
            if not attacker or not run.goes_on():
                break
            streams = [attacker.stream() for _ in range(8)]
            if not attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, grpc_headers(path)) +
                                          data_frames(stream, message(body)) for stream in streams)):
                break
            run.count("calls", len(streams))
            time.sleep(0.05)
            attacker.skim()
            attacker.send(b"".join(frame(RST_STREAM, 0, stream, CANCEL) for stream in streams[:-1]))
        if attacker:
            attacker.close()


def abandoned_inspections(run):
    abandoned(run, INSPECT, field(1, spec()))


def abandoned_evaluations(run):
    abandoned(run, EVALUATE, field(2, os.environ["ROICAST_HOSTILE_DIGEST"].encode()))


def waiting_inspections(run):
    """As many as may be, and each is waited for."""
    attackers = []
    while run.goes_on():
        while len(attackers) < 4 and (attacker := run.connect()):
            attackers.append(attacker)
            for stream in range(1, 32, 2):
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(INSPECT)) +
                              data_frames(stream, message(field(1, spec()))))
                run.count("calls")
        for attacker in attackers:
            attacker.skim()
        time.sleep(0.05)


def huge_specs(run):
    """Jobs whose networks take gigabytes."""
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            stream = attacker.stream()
            if not attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(CREATE_JOB)) +
                                 data_frames(stream, message(field(1, spec(HUGE_NETWORK))))) or not attacker.skim():
                break
            run.count("specs")
            time.sleep(0.005)
        if attacker:
            attacker.close()


def large_specs(run):
    """Jobs of which each has a value of 40 MB."""
    value = field(6, field(3, field(1, b"channel") + field(2, b"v" * (40 << 20))))
    while run.goes_on():
        if not (attacker := run.connect()):
            continue
        stream = attacker.stream()
        attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(CREATE_JOB)))
        attacker.push({stream: message(field(1, spec(value)))}, run.goes_on)
        run.count("specs")
        until = time.monotonic() + 0.5
        while run.goes_on() and time.monotonic() < until and attacker.skim():
            time.sleep(0.02)
        attacker.close()


def heavy_rows(run):
    """Predictions of one row that has a megabyte: of fields that no row has, empty values, options and names."""
    unknown, empty = b"\xba\x3e\x00", b"\x0a\x00"
    bodies = [PREDICT_REQUEST + unknown * 330000, PREDICT_REQUEST + b"\xbb\x3e\xbc\x3e" * 250000, field(3, empty * 500000),
              field(2, unknown * 330000), field(3, field(1, unknown * 330000)), PREDICT_REQUEST + field(5, unknown * 330000),
              field(3, empty * 2000) * 250, field(3, field(1, field(1, b"s" * 990000)))]

    def one():
        while run.goes_on():
            if not (attacker := run.connect()):
                continue
            for body in bodies:
                stream = attacker.stream()
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(PREDICT)))
                attacker.push({stream: message(body)}, run.goes_on)
                run.count("rows")
                attacker.skim()
                time.sleep(0.03)
            attacker.close()

    in_threads(2, one)


def large_options(run):
    """Batches whose options of uncertainty are 24 MB."""
    body = message(field(7, bytes(24 << 20)))

    def one():
        while run.goes_on():
            if not (attacker := run.connect()):
                continue
            stream = attacker.stream()
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)))
            attacker.push({stream: body}, run.goes_on)
            run.count("batches")
            attacker.close()

    in_threads(2, one)


def batches(run, rows, calls):
    """On each of four connections so many batches at once, over and over, as long as it takes to compute them."""
    spends = field(1, field(1, b"spend") + field(2, field(1, bytes(4 * rows))))
    body = message(field(2, spends))

    def one():
        while run.goes_on():
            if not (attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 1 << 30)))):
                continue
            attacker.send(frame(WINDOW_UPDATE, 0, 0, (1 << 30).to_bytes(4, "big")))
            streams = [attacker.stream() for _ in range(calls)]
            attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) for stream in streams))
            attacker.push(dict.fromkeys(streams, body), run.goes_on)
            run.count("batches", calls)
            until = time.monotonic() + 2
            while run.goes_on() and time.monotonic() < until and attacker.skim():
                time.sleep(0.02)
            attacker.close()

    in_threads(4, one)


def large_batches(run):
    """They keep the threads busy for seconds."""
    batches(run, 400000, 25)


def many_batches(run):
    """More than may wait for a thread."""
    batches(run, 6000, 200)


def in_turns(run, path, body, connections, calls, **headers):
    """So many calls at once on each connection, and the next ones when they are answered."""
    head = grpc_headers(path, **headers)
    window = settings((INITIAL_WINDOW_SIZE, (1 << 31) - 1))
    open_window = frame(WINDOW_UPDATE, 0, 0, ((1 << 31) - 65536).to_bytes(4, "big"))

    def ask(attacker):
        streams = [attacker.stream() for _ in range(calls)]
        run.count("calls", calls)
        return attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, END_STREAM, stream, body)
                                      for stream in streams))

    attackers = {}
    poll = select.poll()
    while run.goes_on():
        if len(attackers) < connections and (new := run.connect(settings_frame=window)):
            attackers[new.socket.fileno()] = [new, b"", calls]
            poll.register(new.socket, select.POLLIN)
            new.send(open_window)
            ask(new)
        for descriptor, _ in poll.poll(0 if len(attackers) < connections else 100):
            attacker, rest, left = attackers[descriptor]
            try:
                part = attacker.socket.recv(1 << 20)
            except OSError:
                part = b""
            if not part:
                poll.unregister(descriptor)
                del attackers[descriptor]
                attacker.close()
                continue
            rest += part
            at = 0
            while len(rest) - at >= 9 and len(rest) - at >= (size := 9 + int.from_bytes(rest[at:at + 3], "big")):
                left -= rest[at + 3] in (DATA, HEADERS) and rest[at + 4] & END_STREAM
                at += size
            if left <= 0:
                run.count("answers", calls)
                left = calls
                ask(attacker)
            attackers[descriptor] = [attacker, rest[at:], left]


def costly_batches(run):
    """84 bytes each, and 8,000 rows."""
    codes = field(1, field(1, b"channel") + field(4, field(1, b"search") + field(2, bytes(8000))))
    in_turns(run, BATCH_PREDICT, message(gzip.compress(field(2, codes)), compressed=True), 60, 8, grpc_encoding="gzip")


def small_batches(run):
    """As many rows as are predicted at once."""
    spends = field(1, field(1, b"spend") + field(2, field(1, struct.pack("<f", 100) * 60)))
    in_turns(run, BATCH_PREDICT, message(field(2, spends)), 400, 4)


def costly_predicts(run):
    """Of a model with a million weights."""
    in_turns(run, PREDICT, message(field(1, field(1, b"large")) + PREDICT_REQUEST), 25, 8)


def reflection(run):
    """Small questions with answers of tens of kilobytes."""
    question = message(field(4, b"roicast.v1.DecisionService"))
    in_turns(run, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", question * 8, 60, 8)


def unknown_names(run):
    """Batches of 70 rows with a name that the model "wide" does not have, one after the other."""
    row = field(1, field(1, field(1, b"x" * 95)))
    # Its version 1, whether that serves or not.
    body = message(field(1, field(1, b"wide") + b"\x10\x01") + field(6, row * 70))
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            stream = attacker.stream()
            if not attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) +
                                 data_frames(stream, body)) or not attacker.skim():
                break
            run.count("batches")
            time.sleep(0.02)
        if attacker:
            attacker.close()


if __name__ == "__main__":
    main(globals())
