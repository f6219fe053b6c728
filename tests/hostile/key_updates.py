"""A client of TLS that renews its keys whenever it is asked to, which Python's ssl module cannot: by OpenSSL itself."""

import ctypes
import ctypes.util

_SSL = ctypes.CDLL(ctypes.util.find_library("ssl"))
_CRYPTO = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _library, _names in ((_SSL, ("TLS_client_method", "SSL_CTX_new", "SSL_new")), (_CRYPTO, ("BIO_new", "BIO_s_mem"))):
    for _name in _names:
        getattr(_library, _name).restype = ctypes.c_void_p
_UPDATE_REQUESTED = 1
_KEEP_OPEN = -1
_BIO_C_SET_BUF_MEM_EOF_RETURN = 130
_PIECE = 1 << 16


def _pointer(pointer):
    return ctypes.c_void_p(pointer)


class KeyUpdater:
    """Over a socket that is connected."""

    def __init__(self, sock):
        self._socket = sock
        context = _pointer(_SSL.SSL_CTX_new(_pointer(_SSL.TLS_client_method())))
        self._ssl = _pointer(_SSL.SSL_new(context))
        self._in, self._out = (_pointer(_CRYPTO.BIO_new(_pointer(_CRYPTO.BIO_s_mem()))) for _ in range(2))
        for bio in (self._in, self._out):
            _CRYPTO.BIO_ctrl(bio, _BIO_C_SET_BUF_MEM_EOF_RETURN, ctypes.c_long(_KEEP_OPEN), None)
        _SSL.SSL_set_bio(self._ssl, self._in, self._out)
        _SSL.SSL_set_alpn_protos(self._ssl, b"\x02h2", 3)
        _SSL.SSL_set_connect_state(self._ssl)
        self._buffer = ctypes.create_string_buffer(_PIECE)
        while _SSL.SSL_do_handshake(self._ssl) != 1:
            self._socket.sendall(self._made())
            if not (came := self._socket.recv(_PIECE)):
                raise ConnectionError("the server has closed the connection")
            _CRYPTO.BIO_write(self._in, came, len(came))
        self._socket.sendall(self._made())

    def _made(self):
        made = b""
        while (size := _CRYPTO.BIO_read(self._out, self._buffer, _PIECE)) > 0:
            made += self._buffer.raw[:size]
        return made

    def write(self, data):
        _SSL.SSL_write(self._ssl, data, len(data))
        self._socket.sendall(self._made())

    def key_updates(self, count):
        """So many records, each of which asks the server to renew its keys, too."""
        for _ in range(count):
            _SSL.SSL_key_update(self._ssl, _UPDATE_REQUESTED)
            _SSL.SSL_do_handshake(self._ssl)
        return self._made()
