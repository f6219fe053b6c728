"""Writes corpus/grpc_port: conversations with the gRPC port for grpc_port_fuzz.cc to begin with."""

import gzip
import pathlib
import struct
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "hostile"))
from frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, PING,  # pylint: disable=wrong-import-position
                    PREFACE, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, grpc_headers, literal,
                    message, settings)

BEGIN, OWN_PREFACE, HANG_UP = 0, 1, 2
PADDED, WITH_PRIORITY = 8, 32


def call(stream, path, body, headers=b"", end=True, **more):
    return (frame(HEADERS, END_HEADERS, stream, grpc_headers(path, **more) + headers) +
            frame(DATA, END_STREAM if end else 0, stream, body))


CONVERSATIONS = {
    "unary": (0, 0, call(1, "/u", message(b"hello"))),
    "unary_bytewise": (0, 1, call(1, "/u", message(b"hello"))),
    "unary_error": (0, 0, call(1, "/u", message(b"error"))),
    "unary_late": (0, 0, call(1, "/u", message(b"late")) + frame(RST_STREAM, 0, 1, struct.pack(">I", 8))),
    "unary_none": (0, 0, frame(HEADERS, END_HEADERS | END_STREAM, 1, grpc_headers("/u"))),
    "unary_two": (0, 0, call(1, "/u", message(b"a") + message(b"b"))),
    "unary_torn": (0, 0, call(1, "/u", message(b"hello")[:7])),
    "unary_too_large": (0, 50, call(1, "/u", message(bytes(2049)))),
    "unary_gzip": (0, 0, call(1, "/u", message(gzip.compress(b"x" * 1500), True), grpc_encoding="gzip",
                              grpc_accept_encoding="identity,gzip")),
    "unary_bomb": (0, 0, call(1, "/u", message(gzip.compress(bytes(100000)), True), grpc_encoding="gzip")),
    "unary_timeout": (0, 0, call(1, "/u", message(b"hello"), grpc_timeout="10m")),
    "many": (0, 100, b"".join(call(stream, "/u", message(b"late" * stream)) for stream in range(1, 30, 2))),
    "stream": (0, 20, call(1, "/s", message(b"one") + message(b"later") + message(b"three"), end=False) +
               frame(DATA, END_STREAM, 1, message(b"x" * 1000) * 3)),
    "stream_hang_up": (HANG_UP, 20, call(1, "/s", message(b"one") + message(b"later"), end=False)),
    "stream_refused": (0, 0, call(1, "/s", message(b"one"), literal("refuse", "yes"))),
    "no_window": (0, 0, settings((INITIAL_WINDOW_SIZE, 0)) + call(1, "/s", message(b"x" * 1000) * 3) +
                  call(3, "/u", message(b"one")) + frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 500))),
    "not_grpc": (0, 0, frame(HEADERS, END_HEADERS | END_STREAM, 1, literal(":method", "GET") + literal(":path", "/") +
                             literal(":scheme", "http"))),
    "unknown_method": (0, 0, call(1, "/x", message(b"one"))),
    "continuation": (0, 9, frame(HEADERS, END_STREAM, 1, grpc_headers("/u")[:20]) +
                     frame(CONTINUATION, 0, 1, grpc_headers("/u")[20:40]) +
                     frame(CONTINUATION, END_HEADERS, 1, grpc_headers("/u")[40:])),
    "trailers": (0, 0, call(1, "/u", message(b"hello"), end=False) +
                 frame(HEADERS, END_HEADERS | END_STREAM, 1, literal("x", "y"))),
    "large_headers": (0, 0, call(1, "/s", b"", literal("x", "y" * 600))),
    "indexed": (0, 0, frame(HEADERS, END_HEADERS, 1, grpc_headers("/s") + literal("x", "y" * 200, 0x40, 6)) +
                frame(HEADERS, END_HEADERS, 3, grpc_headers("/s") + b"\xbe\xbe")),
    "padded": (0, 0, frame(HEADERS, END_HEADERS | PADDED | WITH_PRIORITY, 1, b"\x04" + struct.pack(">IB", 0, 16) +
                           grpc_headers("/u") + bytes(4)) +
               frame(DATA, END_STREAM | PADDED, 1, b"\x03" + message(b"hello") + bytes(3))),
    "others": (0, 0, frame(PING, 0, 0, bytes(8)) + frame(SETTINGS, ACK) + frame(PRIORITY, 0, 3, struct.pack(">IB", 1, 1)) +
               frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30)) + frame(PUSH_PROMISE, 0, 1, bytes(4)) +
               frame(GOAWAY, 0, 0, bytes(8)) + frame(99, 0, 0, b"?")),
    "own_preface": (OWN_PREFACE, 0, PREFACE + settings((INITIAL_WINDOW_SIZE, 100)) + call(1, "/u", message(b"hi"))),
    "http_1": (OWN_PREFACE, 0, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
}


def main():
    folder = FOLDER / "corpus/grpc_port"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (flags, piece, data) in CONVERSATIONS.items():
        (folder / name).write_bytes(bytes([flags, piece]) + data)


if __name__ == "__main__":
    main()
