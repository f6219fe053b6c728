"""HTTP/2 and gRPC by hand, for clients that do what no library would."""

import select
import socket
import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4

PREDICT = "/roicast.v1.PredictionService/Predict"
BATCH_PREDICT = "/roicast.v1.PredictionService/BatchPredict"
STREAM_PREDICT = "/roicast.v1.PredictionService/StreamPredict"
IMPORT_MODEL = "/roicast.v1.ModelService/ImportModel"
UPLOAD = "/roicast.v1.TrainingService/UploadDataset"
EXPORT_MODEL = "/roicast.v1.ModelService/ExportModel"
LIST_MODELS = "/roicast.v1.ModelService/ListModels"
RANK = "/roicast.v1.DecisionService/Rank"
HEALTH_CHECK = "/grpc.health.v1.Health/Check"
HEALTH_WATCH = "/grpc.health.v1.Health/Watch"


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", name, value) for name, value in pairs))


def _integer(value, bits, first):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out = [first | limit]
    value -= limit
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def literal(name, value, first=0x00, bits=4):
    """A header field (RFC 7541, section 6.2), not indexed by default; first=0x40, bits=6: indexed."""
    name, value = name.encode(), value if isinstance(value, bytes) else value.encode()
    return _integer(0, bits, first) + _integer(len(name), 7, 0) + name + _integer(len(value), 7, 0) + value


def grpc_headers(path, **more):
    fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost", "te": "trailers",
              "content-type": "application/grpc"}
    fields.update({name.replace("_", "-"): value for name, value in more.items()})
    return b"".join(literal(name, value) for name, value in fields.items())


def message(body, compressed=False):
    return bytes([compressed]) + struct.pack(">I", len(body)) + body


def _field(number, body):
    return _integer(number << 3 | 2, 7, 0) + _varint(len(body)) + body


def _varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out) + bytes([value])


# A campaign whose channel is "search" and whose spend is 500.
CAMPAIGN = b"\x72\x06search" + b"\x79" + struct.pack("<d", 500)
PREDICT_REQUEST = b"\x12" + _varint(len(CAMPAIGN)) + CAMPAIGN
STREAM_PREDICT_REQUEST = b"\x0a" + _varint(len(PREDICT_REQUEST)) + PREDICT_REQUEST


def batch_request(rows):
    campaigns = (b"\x0a" + _varint(len(CAMPAIGN)) + CAMPAIGN) * rows
    return b"\x22" + _varint(len(campaigns)) + campaigns


def field(number, body):
    """A length-delimited field of a message."""
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def data_frames(stream, body, end=True, size=16384):
    parts = [body[at:at + size] for at in range(0, len(body), size)] or [b""]
    return b"".join(frame(DATA, END_STREAM if end and part is parts[-1] else 0, stream, part) for part in parts)


class Attacker:
    """One connection, from 127.0.0.2 unless another address is given."""

    SOURCE = "127.0.0.2"

    def __init__(self, port, preface=True, settings_frame=None, receive_buffer=None, source=SOURCE):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.bind((source, 0))
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        self.next_stream = 1
        if preface:
            self.send(PREFACE + (settings_frame or settings()) + frame(SETTINGS, ACK))

    def send(self, data):
        """False: the server has closed the connection, or reads nothing for 5 s."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    def skim(self):
        """Throws away what the server has sent. False: the connection is closed."""
        try:
            poll = select.poll()  # Unlike select, for any number of sockets.
            poll.register(self.socket, select.POLLIN)
            while poll.poll(0):
                if not self.socket.recv(1 << 20):
                    return False
            return True
        except OSError:
            return False

    def await_answers(self, count):
        """Reads until so many streams have ended. Raises TimeoutError, or ConnectionError at the connection's end."""
        buffer = last = b""
        while count > 0:
            part = self.socket.recv(1 << 16)
            if not part:
                raise ConnectionError(f"the server has closed the connection; its last frame: {last}")
            buffer += part
            while len(buffer) >= 9 and len(buffer) >= (size := 9 + int.from_bytes(buffer[:3], "big")):
                count -= buffer[3] in (DATA, HEADERS) and buffer[4] & END_STREAM
                last, buffer = buffer[:size], buffer[size:]

    def push(self, bodies, goes_on, end=True):
        """Sends a body on each stream, {stream: bytes}, as far as the server's windows let it, until all are sent or
        goes_on() is false. Returns the streams that the server has ended meanwhile."""
        windows = dict.fromkeys(bodies, 1 << 20)  # What the server announces; its connection's window is larger.
        connection = getattr(self, "_window", (16 << 20))
        sent = dict.fromkeys(bodies, 0)
        ended, buffer = set(), b""
        while goes_on() and (open_streams := [stream for stream in bodies
                                              if stream not in ended and sent[stream] < len(bodies[stream])]):
            progress = False
            for stream in open_streams:
                size = min(windows[stream], connection, 1 << 17, len(bodies[stream]) - sent[stream])
                if size <= 0:
                    continue
                part = bodies[stream][sent[stream]:sent[stream] + size]
                sent[stream] += size
                if not self.send(frame(DATA, END_STREAM if end and sent[stream] == len(bodies[stream]) else 0, stream,
                                       part)):
                    return set(bodies)
                windows[stream] -= size
                connection -= size
                progress = True
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            if poll.poll(0 if progress else 50):
                try:
                    came = self.socket.recv(1 << 20)
                except OSError:
                    came = b""
                if not came:
                    return set(bodies)
                buffer += came
            while len(buffer) >= 9 and len(buffer) >= (length := 9 + int.from_bytes(buffer[:3], "big")):
                kind, flags, stream = buffer[3], buffer[4], int.from_bytes(buffer[5:9], "big")
                if kind == WINDOW_UPDATE:
                    more = int.from_bytes(buffer[9:13], "big")
                    if stream == 0:
                        connection += more
                    elif stream in windows:
                        windows[stream] += more
                elif kind == RST_STREAM or (kind in (DATA, HEADERS) and flags & END_STREAM):
                    ended.add(stream)
                buffer = buffer[length:]
        self._window = connection
        return ended

    def closed_within(self, seconds):
        """Whether the server closes the connection."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.skim():
                return True
            time.sleep(0.01)
        return False

    def close(self):
        self.socket.close()
