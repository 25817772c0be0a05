"""Somebody else's S/MIME: the openssl command by subprocess, sharing no code with the product it judges."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WALL = 60  # seconds for one openssl command on a busy machine
FOR_MAIL = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
RSA = ("rsa:2048",)
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
_CONFIG = """
[ca]
default_ca = one
[one]
default_md = sha256
database = {folder}/index
new_certs_dir = {folder}
policy = any
unique_subject = no
serial = {folder}/serial
[any]
commonName = supplied
emailAddress = optional
[req]
distinguished_name = dn
[dn]
"""


@dataclass(frozen=True)
class Person:
    """Somebody with a certificate."""

    folder: Path

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return (self.folder / "certificate.pem").read_bytes()

    @property
    def key(self) -> bytes:
        """The private key, as PEM."""
        return (self.folder / "key.pem").read_bytes()

    @property
    def fingerprint(self) -> str:
        """SHA-256 as openssl writes it, without its colons."""
        said = openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", str(self.folder / "certificate.pem"))
        return said.decode().partition("=")[2].strip().replace(":", "")

    def decrypt(self, envelope: bytes) -> bytes:
        """The content of a DER envelope to them."""
        mine = ("-inkey", str(self.folder / "key.pem"), "-recip", str(self.folder / "certificate.pem"))
        return openssl("cms", "-decrypt", "-inform", "DER", *mine, stdin=envelope)

    def sign(self, content: bytes, *options: str) -> bytes:
        """A mail in which this content is signed: multipart/signed, or opaque with -nodetach."""
        mine = ("-inkey", str(self.folder / "key.pem"), "-signer", str(self.folder / "certificate.pem"))
        return openssl("cms", "-sign", "-md", "sha256", *mine, *options, stdin=content)


def openssl(*words: str, stdin: bytes = b"", check: bool = True) -> bytes:
    """Run openssl; what it printed."""
    done = subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=False, timeout=WALL)
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def person(
    folder: Path,
    address: str,
    extensions: str = FOR_MAIL,
    *,
    key: tuple[str, ...] = RSA,
    md: str = "sha256",
    dates: tuple[str, str] = ("20250101000000Z", "20490101000000Z"),
) -> Person:
    """Somebody with a new key, and a certificate for it that it signed itself."""
    folder.mkdir(parents=True)
    (folder / "index").touch()
    (folder / "config").write_text(_CONFIG.format(folder=folder))
    (folder / "extensions").write_text(f"{extensions}subjectAltName=email:{address}\nsubjectKeyIdentifier=hash\n")
    made = ("-nodes", "-keyout", str(folder / "key.pem"), "-out", str(folder / "request"))
    openssl("req", "-config", str(folder / "config"), "-newkey", *key, "-subj", "/CN=Somebody", *made)
    openssl(
        *("ca", "-batch", "-notext", "-selfsign", "-create_serial", "-md", md, "-config", str(folder / "config")),
        *("-startdate", dates[0], "-enddate", dates[1], "-extfile", str(folder / "extensions")),
        *("-keyfile", str(folder / "key.pem"), "-in", str(folder / "request")),
        *("-out", str(folder / "certificate.pem")),
    )
    return Person(folder)


@dataclass(frozen=True)
class Authority:
    """Somebody who issues certificates to others, and takes them back."""

    person: Person

    @property
    def pem(self) -> bytes:
        """Its own certificate."""
        return self.person.pem

    def issue(self, folder: Path, address: str) -> Person:
        """Somebody with a new key and a certificate of this authority's."""
        folder.mkdir()
        (folder / "extensions").write_text(f"{FOR_MAIL}subjectAltName=email:{address}\nsubjectKeyIdentifier=hash\n")
        made = ("-nodes", "-keyout", str(folder / "key.pem"), "-out", str(folder / "request"))
        openssl("req", "-config", str(self._config), "-newkey", *RSA, "-subj", "/CN=Somebody", *made)
        self._ca("-batch", "-notext", "-md", "sha256", "-extfile", str(folder / "extensions"),
                 "-startdate", "20250101000000Z", "-enddate", "20490101000000Z",
                 "-in", str(folder / "request"), "-out", str(folder / "certificate.pem"))  # fmt: skip
        return Person(folder)

    def revoke(self, whom: Person) -> None:
        """Take a certificate back."""
        self._ca("-revoke", str(whom.folder / "certificate.pem"))

    def crl(self) -> bytes:
        """What it has taken back, as PEM."""
        return self._ca("-gencrl", "-md", "sha256", "-crldays", "7")

    @property
    def _config(self) -> Path:
        return self.person.folder / "config"

    def _ca(self, *words: str) -> bytes:
        mine = ("-keyfile", str(self.person.folder / "key.pem"), "-cert", str(self.person.folder / "certificate.pem"))
        return openssl("ca", "-config", str(self._config), *mine, *words)


def authority(folder: Path) -> Authority:
    """An authority with a certificate that it signed itself."""
    usage = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    return Authority(person(folder, "authority@ca.example", usage))


def encrypt(
    content: bytes, *certificates: bytes, options: tuple[str, ...] = ("-aes256",), to_each: tuple[str, ...] = ()
) -> bytes:
    """A mail that holds this content, enveloped to these certificates; `to_each` says how."""
    with _files(certificates) as files:
        recipients = [word for file in files for word in ("-recip", file, *to_each)]
        return openssl("cms", "-encrypt", *options, *recipients, stdin=content)


def verify(mail: bytes, certificate: bytes) -> bytes:
    """What was signed by exactly this certificate; fails when it was not."""
    with _files([certificate]) as files:
        return openssl("cms", "-verify", "-purpose", "any", "-CAfile", files[0], "-certfile", files[0], "-nointern",
                       stdin=mail)  # fmt: skip


@contextmanager
def _files(contents: tuple[bytes, ...] | list[bytes]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{folder}/{n}.pem" for n, _ in enumerate(contents)]
        for name, content in zip(names, contents, strict=True):
            Path(name).write_bytes(content)
        yield names
