# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An authority of a test's own, and a server on loopback with a certificate that it has signed."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority(NamedTuple):
    """What a client trusts, and what a server shows."""

    certificate: str
    """PEM of the authority."""
    chain: Path
    """Certificate and key of 127.0.0.1."""


def authority(folder: Path) -> Authority:
    """A new one."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("authority", ca_key, "authority", ca_key, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = _certificate("127.0.0.1", key, "authority", ca_key, names)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = folder / "chain.pem"
    chain.touch(mode=0o600)
    chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return Authority(ca.public_bytes(serialization.Encoding.PEM).decode(), chain)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=2))
    return builder.add_extension(extension, critical=False).sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@contextmanager
def tls_server(chain: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Answers a GET with the first of these files whose name the path ends with, or with 404; its URL."""

    class Handler(BaseHTTPRequestHandler):
        """Says nothing else."""

        def do_GET(self) -> None:
            """The file."""
            path = self.path.partition("?")[0]
            body = next((data for name, data in files.items() if path.endswith(name)), None)
            self.send_response(404 if body is None else 200)
            body = body or b""
            for name, value in (
                ("Content-Length", str(len(body))),
                ("ETag", '"tag"'),
                ("Last-Modified", "Tue, 24 Nov 2026 03:00:00 GMT"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
