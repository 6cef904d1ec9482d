"""nginx with the very files of deploy/nginx: only ports and paths are others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.server import ROOT
from tripchat.local.process import accepts, free_port

FILES = ROOT / "deploy" / "nginx"
PATIENCE_SECONDS = 10


def program() -> str:
    """The nginx of this machine, which Debian keeps out of most people's PATH."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert found is not None, "no nginx found: `python -m tests.services` installs one"
    return found


class Nginx:
    """A proxy before workers at these ports."""

    def __init__(self, folder: Path, workers: Sequence[int]) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tls_url = f"https://127.0.0.1:{self.tls_port}"
        self.certificate = folder / "fullchain.pem"
        self._folder = folder
        self._write(workers)

    @property
    def _file(self) -> Path:
        return self._folder / "nginx.conf"

    @property
    def _temporary(self) -> str:
        """Where it puts what does not fit into memory: only root may use what is compiled in."""
        sorts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return " ".join(f"{sort}_temp_path {self._folder}/{sort};" for sort in sorts)

    def _write(self, workers: Sequence[int]) -> None:
        places = {
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.tls_port} ssl;",
            "/etc/nginx/tls/": f"{self._folder}/",
            "/run/nginx.pid": f"{self._folder}/nginx.pid",
            "/var/cache/nginx/tripchat": f"{self._folder}/cache",
            "include mime.types;": f"include /etc/nginx/mime.types; {self._temporary}",
            **{f"tripchat-{n}:3000": f"127.0.0.1:{port}" for n, port in enumerate(workers, 1)},
        }
        (self._folder / "tripchat").mkdir()
        for file, copy in (
            ("nginx.conf", "nginx.conf"),
            ("site.conf", "tripchat/site.conf"),
            ("tls.conf.example", "tripchat/tls.conf"),
        ):
            text = (FILES / file).read_text()
            for place, ours in places.items():
                text = text.replace(place, ours)
            assert not re.search(r"/etc/nginx/tls|/var/cache/nginx|tripchat-\d:", text)
            (self._folder / copy).write_text(text)
        _certify(self.certificate, self._folder / "privkey.pem")

    def check(self) -> subprocess.CompletedProcess[str]:
        """What `nginx -t` says of the files."""
        return subprocess.run(self._command("-t"), text=True, capture_output=True, check=False)

    def _command(self, *options: str) -> list[str]:
        return [program(), "-p", str(self._folder), "-c", str(self._file), *options]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve for a while."""
        with (self._folder / "nginx.log").open("wb") as log:
            process = subprocess.Popen(
                self._command("-g", "daemon off;"), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while not (accepts(self.port) and accepts(self.tls_port)):
                assert process.poll() is None, (self._folder / "nginx.log").read_text()
                assert time.monotonic() < until
            yield
        finally:
            process.terminate()
            process.wait()


def _certify(certificate: Path, key: Path) -> None:
    """Write a certificate for this machine that nobody has signed."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
