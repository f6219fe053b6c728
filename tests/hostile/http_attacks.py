"""What hostile clients do to the HTTP port: `http_attacks.py NAME PORT SECONDS`, as attacks.py does to gRPC's."""

import random
import resource
import select
import struct
import time

import attacks
from attack_run import CANCEL, in_threads, main, repeat
from attacks import (continuation_flood, ping_flood, priority_flood, settings_flood,  # pylint: disable=unused-import
                     window_update_flood)
from frames import (DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PREFACE, RST_STREAM, frame, literal,
                    settings)


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def http2_headers(path, method="GET"):
    return (literal(":method", method) + literal(":scheme", "http") + literal(":authority", "h") +
            literal(":path", path))


def large_headers(run):
    """From a dozen addresses a thousand requests each that do not end, with headers as large as may be."""
    headers = http2_headers("/metrics") + literal("x", "v" * 15900)
    attackers = []
    for number in range(120):
        if not run.goes_on() or not (attacker := run.connect(source=f"127.0.1.{number % 12 + 1}")):
            continue
        attackers.append(attacker)
        for stream in range(1, 200, 2):
            if not attacker.send(frame(HEADERS, END_HEADERS, stream, headers)):
                break
            run.count("requests")
        attacker.skim()
    run.hold(attackers)


def silent(run):
    """5,000 connections that say nothing, or half of a request, or one request and no more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    attackers = []
    while run.goes_on() and len(attackers) < 5000:
        if attacker := run.connect(preface=False):
            attackers.append(attacker)
            attacker.send([b"", b"GET /metrics HTTP/1.1\r\nHost:", get("/healthz"), PREFACE[:10]][len(attackers) % 4])
    run.hold(attackers)


def slow_header(run):
    """Headers a byte at a time, on 300 connections."""
    attackers = [attacker for attacker in (run.connect(preface=False) for _ in range(300)) if attacker]
    for byte in get("/metrics?" + "q" * 1000):
        for attacker in attackers:
            attacker.send(bytes([byte]))
        run.count("bytes")
        if not run.goes_on():
            return
        time.sleep(0.05)


def slow_body(run):
    """Bodies a byte at a time, on 300 connections, of requests that are refused and of such that wait for theirs."""
    attackers = [attacker for attacker in (run.connect(preface=False) for _ in range(300)) if attacker]
    for number, attacker in enumerate(attackers):
        method, path = [("POST", "/healthz"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/readyz")][number % 4]
        attacker.send(f"{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n".encode())
    while run.goes_on():
        for attacker in attackers:
            attacker.send(b"b")
        run.count("bytes")
        time.sleep(0.05)


def idle_streams(run):
    """As many requests over HTTP/2 as may be, whose bodies do not come."""
    attackers = []
    while run.goes_on() and len(attackers) < 100:
        if attacker := run.connect():
            attackers.append(attacker)
            for stream in range(1, 2001, 2):
                path = ("/healthz", "/readyz", "/metrics")[stream // 2 % 3]
                if not attacker.send(frame(HEADERS, END_HEADERS, stream, http2_headers(path))):
                    break
                run.count("requests")
            attacker.skim()
    run.hold(attackers)


def endless_header(run):
    repeat(run, b"a" * 65536, "chunks", preface=False)


def endless_body(run):
    while run.goes_on():
        attacker = run.connect(preface=False)
        body = b"POST /metrics HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        while attacker and run.goes_on() and attacker.send(body) and attacker.skim():
            run.count("chunks")
            body = b"10000\r\n" + bytes(65536) + b"\r\n"
        if attacker:
            attacker.close()


def slow_reader(run):
    """Large answers that nobody reads."""
    attackers = []
    while run.goes_on() and len(attackers) < 500:
        if attacker := run.connect(preface=False, receive_buffer=4096):
            attacker.socket.settimeout(0.05)
            attackers.append(attacker)
            attacker.send(get("/metrics") * 100)
            run.count("requests", 100)
    run.hold(attackers)


def closed_window(run):
    """The same over HTTP/2, without a window."""
    attackers = []
    while run.goes_on() and len(attackers) < 100:
        if attacker := run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0))):
            attacker.socket.settimeout(0.05)
            attackers.append(attacker)
            attacker.send(b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, http2_headers("/metrics"))
                                   for stream in range(1, 200, 2)))
            attacker.skim()
            run.count("requests", 100)
    run.hold(attackers)


def health_flood(run):
    repeat(run, get("/healthz") * 1000, "thousands", preface=False)


def metrics_flood(run):
    repeat(run, get("/metrics") * 10, "tens", preface=False)


def scrapes(run):
    """Of 100 connections each has a request for all metrics under way, and reads the answer."""
    attackers = [attacker for attacker in (run.connect(preface=False) for _ in range(100)) if attacker]
    by_descriptor = {attacker.socket.fileno(): attacker for attacker in attackers}
    poll = select.poll()
    for attacker in attackers:
        attacker.send(get("/metrics") * 3)
        poll.register(attacker.socket, select.POLLIN)
    while run.goes_on():
        for descriptor, _ in poll.poll(100):
            answers = by_descriptor[descriptor].socket.recv(1 << 20).count(b"HTTP/1.1 ")
            if answers and by_descriptor[descriptor].send(get("/metrics") * answers):
                run.count("scrapes", answers)


def readiness_flood(run):
    repeat(run, get("/readyz") * 10, "tens", preface=False)


def rapid_reset(run):
    """Requests that are reset as soon as they are sent, over HTTP/2."""
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            requests = b""
            for _ in range(100):
                stream = attacker.stream()
                requests += (frame(HEADERS, END_HEADERS, stream, http2_headers("/metrics")) +
                             frame(DATA, END_STREAM, stream) + frame(RST_STREAM, 0, stream, CANCEL))
            if not attacker.send(requests) or not attacker.skim():
                break
            run.count("resets", 100)
        if attacker:
            attacker.close()


def metrics_waiting(run):
    """More requests for all metrics than get an answer soon, and behind them others that are reset as soon as they are
    sent, with headers that are large, and three bytes each on the wire (HPACK's table)."""
    live = [run.connect(settings_frame=settings((INITIAL_WINDOW_SIZE, 0))) for _ in range(6)]
    for attacker in live:
        attacker.send(b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, http2_headers("/metrics"))
                               for stream in range(1, 200, 2)))
    large = literal("a", "v" * 3900, first=0x40, bits=6)
    while run.goes_on():
        attacker = run.connect()
        while attacker and run.goes_on():
            requests = b""
            for _ in range(500):
                stream = attacker.stream()
                headers = http2_headers("/metrics") + (large if stream == 1 else b"\xbe" * 3)
                requests += (frame(HEADERS, END_HEADERS | END_STREAM, stream, headers) +
                             frame(RST_STREAM, 0, stream, CANCEL))
            if not attacker.send(requests) or not attacker.skim() or not all(one.skim() for one in live):
                break
            run.count("resets", 500)
            time.sleep(0.03)
        if attacker:
            attacker.close()


def readyz_ports(run):
    """Three clients that ask for /readyz again and again, each over one connection."""
    def ask():
        attacker = run.connect(preface=False)
        while run.goes_on() and attacker.send(get("/readyz")) and attacker.socket.recv(4096):
            run.count("answers")

    in_threads(3, ask)


def empty_data_flood(run):
    attacks.empty_data_flood(run, http2_headers("/healthz"))


def garbage(run):
    source = random.Random(7)
    openings = [b"", PREFACE, b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                b"Host: h\r\n\r\n", PREFACE + settings() + struct.pack(">I", 0x7fffff)]
    while run.goes_on():
        if attacker := run.connect(preface=False):
            attacker.send(source.choice(openings) + source.randbytes(source.randrange(1, 4096)))
            attacker.skim()
            attacker.close()


if __name__ == "__main__":
    main(globals())
