"""Other people's S/MIME, as somebody at an agency would run it."""

from __future__ import annotations

from tests.interop.programs import Done, Program, Read, numbered, run
from tests.keys import openssl_command
from tests.keys.openssl_command import Person


class OpenSsl(Program):
    """OpenSSL's own CMS."""

    name, key = "openssl", "RSA-2048"
    kind: tuple[str, ...] = openssl_command.RSA
    usage = "digitalSignature,keyEncipherment"

    def version(self) -> str:
        return numbered(run("openssl", "version").stdout.decode())

    def make(self) -> bytes:
        extensions = f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,{self.usage}\n"
        self.person: Person = openssl_command.person(self.folder / "own", self.address, extensions, key=self.kind)
        return self.person.pem

    def open(self, sealed: bytes) -> Read:
        own = ("-inkey", str(self.person.folder / "key.pem"), "-recip", str(self.person.folder / "certificate.pem"))
        inside = run("openssl", "cms", "-decrypt", *own, stdin=sealed).stdout
        ours = ("-CAfile", self.hub, "-certfile", self.hub, "-nointern", "-purpose", "any")
        return Read(run("openssl", "cms", "-verify", *ours, stdin=inside).stdout, signed=True)

    def answer(self, content: bytes) -> bytes:
        signed = self.person.sign(content, "-binary")
        return run("openssl", "cms", "-encrypt", "-aes256", "-binary", "-recip", self.hub, stdin=signed).stdout


class OpenSslCurve(OpenSsl):
    """The same with an elliptic curve."""

    key, kind, usage = "P-256", openssl_command.P256, "digitalSignature,keyAgreement"


class Gpgsm(OpenSsl):
    """GnuPG's S/MIME, with Libksba and Libgcrypt: what Kleopatra and KMail use."""

    name, key = "gpgsm", "RSA-2048"

    def version(self) -> str:
        return numbered(run("gpgsm", "--version").stdout.decode())

    def gpgsm(self, *words: str, stdin: bytes = b"") -> Done:
        quiet = ("--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase-fd", "3", "--disable-crl-checks")
        # A shell, because the passphrase of the file that is taken in comes from a descriptor of its own.
        script = 'exec gpgsm "$@" 3<<END\nx\nEND'
        home = ("--homedir", str(self.folder), "--status-fd", "2")
        return run("sh", "-c", script, "gpgsm", *home, *quiet, *words, stdin=stdin)

    def make(self) -> bytes:
        certificate = super().make()
        (self.folder / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
        old = ("-legacy", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1")
        both = self.person.key + certificate
        p12 = run("openssl", "pkcs12", "-export", *old, "-passout", "pass:x", stdin=both).stdout
        self.trust(certificate)
        self.gpgsm("--import", stdin=p12)
        return certificate

    def meet(self, hub: bytes) -> None:
        super().meet(hub)
        self.trust(hub)
        self.gpgsm("--import", stdin=hub)

    def trust(self, certificate: bytes) -> None:
        """Self-signed certificates are trusted by name (gpg-agent's trustlist.txt)."""
        said = run("openssl", "x509", "-noout", "-fingerprint", "-sha1", stdin=certificate).stdout.decode()
        with (self.folder / "trustlist.txt").open("a") as trusted:
            trusted.write(said.partition("=")[2].strip() + " S relax\n")

    def open(self, sealed: bytes) -> Read:
        inside = self.gpgsm("--decrypt", "--assume-base64", stdin=_body(sealed)).stdout
        content, signature = self.folder / "content", self.folder / "signature"
        boundary = inside.partition(b'boundary="')[2].partition(b'"')[0]
        _, signed, beside, _ = inside.split(b"\r\n--" + boundary)
        content.write_bytes(signed.removeprefix(b"\r\n"))
        signature.write_bytes(_body(beside))
        told = self.gpgsm("--assume-base64", "--verify", str(signature), str(content)).stderr
        return Read(content.read_bytes(), b"GOODSIG" in told and b"VALIDSIG" in told)

    def answer(self, content: bytes) -> bytes:
        head = b"Content-Type: application/pkcs7-mime; smime-type=%b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        signed = self.gpgsm("--base64", "--local-user", self.address, "--sign", stdin=content).stdout
        sealed = self.gpgsm("--base64", "--recipient", "referrals@hub.example", "--encrypt",
                            stdin=head % b"signed-data" + signed).stdout  # fmt: skip
        return head % b"enveloped-data" + sealed


def _body(part: bytes) -> bytes:
    return part.replace(b"\r\n", b"\n").partition(b"\n\n")[2]


SMIME: tuple[type[Program], ...] = (OpenSsl, OpenSslCurve, Gpgsm)
