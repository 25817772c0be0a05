"""Settings: one TOML file, every value of which `EXCHANGE_...` overrides; read once, frozen.

`EXCHANGE_RELAY__PORT=2525` overrides `port` in `[relay]`. A variable that begins so and names no setting is refused:
a misspelt one must not silently mean "not set". Paths are relative to the file's folder.
"""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

LONGEST_PLUS = 17  # characters of a mailbox name, for 46 must come after its plus (reply_address.py)


class ConfigRefused(ValueError):
    """The settings cannot be used as they are: the text names the key, what is wrong, and never a secret."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(_Frozen):
    """Where a server listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)  # 0: any free port, printed at start


class Web(Listen):
    """Where the pages are served."""

    proxies: tuple[str, ...] = ("127.0.0.1", "::1")  # addresses in front of us whose X-Forwarded-For is believed


class Smtp(Listen):
    """The listener for inbound mail."""

    tls_certificate: Path | None = None  # PEM; with tls_key: STARTTLS is offered
    tls_key: Path | None = None
    largest: int = Field(default=35 * 1024 * 1024, ge=65536)  # octets; a referral with photographs
    trusted_sealers: tuple[str, ...] = ()  # domains whose ARC seal is believed of mail that they pass on


class Lmtp(_Frozen):
    """Where a mail server before us hands mail over; nowhere unless written."""

    path: Path | None = None  # of a Unix socket
    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.path is not None and self.port is not None:
            raise ValueError("path or port: a server listens at one of them")
        if self.port == 25:
            raise ValueError("port 25 is for SMTP (RFC 2033 5): choose another")
        return self


class Imap(_Frozen):
    """A shared mailbox that mail is fetched from; none unless a host is written."""

    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "loopback"] = "implicit"
    ca_file: Path | None = None
    username: str = ""
    password_file: Path | None = None
    token_file: Path | None = None  # an OAuth 2 access token, kept fresh by a program of yours
    folder: str = Field(default="INBOX", pattern=r"^[ -%'-~]{1,200}$")
    move_to: str = Field(default="", pattern=r"^[ -%'-~]{0,200}$")  # a folder for what was taken
    keyword: str = Field(default="$Taken", pattern=r"^(\\?[$A-Za-z][A-Za-z0-9$_-]{0,60})?$")  # otherwise its mark
    every: float = Field(default=15.0, gt=0)  # seconds between looks

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not (self.username and bool(self.password_file) != bool(self.token_file)):
            raise ValueError("host needs username, and either password_file or token_file")
        return self


class RelaySettings(_Frozen):
    """The relay that takes our outbound mail."""

    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["required", "sealed-may-pass", "loopback"] = "required"
    ca_file: Path | None = None
    username: str = ""
    password_file: Path | None = None


class Work(_Frozen):
    """How the workers behave."""

    batch: int = Field(default=10, ge=1, le=100)
    lease: float = Field(default=180.0, gt=0)  # seconds until another worker takes over from one that vanished
    poll: float = Field(default=1.0, gt=0)  # seconds between looks when nothing rings
    answers: int = Field(default=20, ge=1)  # automatic answers to one address in a day; then a person is asked to
    retry_scale: float = Field(default=1.0, gt=0)  # of the back-off; a hub with clocks of seconds wants less


class Dkim(_Frozen):
    """How our own mail is signed; not at all unless a selector is written."""

    selector: str = Field(default="", pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$")  # part of a DNS name
    key_file: Path = Path("dkim.pem")


class Direct(_Frozen):
    """How the servers of mail domains are reached that get mail over verified TLS."""

    port: int = Field(default=25, ge=1, le=65535)
    https_port: int = Field(default=443, ge=1, le=65535)  # of MTA-STS policies
    ca_file: Path | None = None  # who vouches for their certificates; the system's unless written
    networks: tuple[str, ...] = ()  # that may be connected to besides public addresses

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)  # its ValueError says what is wrong
        return value


class Pickup(_Frozen):
    """How one-time codes reach whoever fetches a letter."""

    sender: Literal["", "mail", "http", "console"] = ""
    url: str = Field(default="", pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost)(:\d+)?/\S*)?$")
    body: str = '{"to": "{to}", "text": "{text}"}'
    content_type: Literal["application/json", "application/x-www-form-urlencoded"] = "application/json"
    token_file: Path | None = None  # said as "Authorization: Bearer ..."

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.sender == "http" and not self.url:
            raise ValueError('sender "http" needs the url of the gateway')
        if self.sender == "http" and not ("{to}" in self.body and "{text}" in self.body):
            raise ValueError("body needs {to} and {text}")
        return self


class Clamd(_Frozen):
    """What looks for malware in the files that referrers send; nothing unless written."""

    socket: Path | None = None  # of a ClamAV daemon


class Audit(_Frozen):
    """Who holds us to our record."""

    heads_to: str = ""  # mail address outside of this installation; "" sends none
    heads_every: float = Field(default=86400.0, gt=0)  # seconds


class Disk(_Frozen):
    """How much has to be left on the disk of a SQLite database."""

    least_free: int = Field(default=1024**3, ge=0)  # octets; below it mail is put off, and its senders try again
    warn_below: int = Field(default=5 * 1024**3, ge=0)  # octets; below it the desk and the operator are told


class Keys(_Frozen):
    """How agencies' certificates change."""

    hold: float = Field(default=86400.0, ge=0)  # seconds between the proof of one that replaces another and its use


class SignIn(_Frozen):
    """How staff sign in to the desk."""

    passkeys: bool = True
    passwords: bool = True
    second: Literal["required", "optional"] = "required"  # what comes on top of a password
    idle: float = Field(default=900.0, ge=60)  # seconds of quiet until somebody signs in again
    longest: float = Field(default=28800.0, ge=60)  # seconds until they do so whatever they did: a working day
    prove_again: float = Field(default=600.0, ge=0)  # seconds for which they may release, export, destroy...


class Provider(_Frozen):
    """The identity provider at which staff may sign in too (OpenID Connect); none unless an issuer is written."""

    issuer: str = Field(default="", pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)?$")
    name: str = "your organisation"  # as the page says it: "Sign in with Fakeshire Council"
    client_id: str = ""
    client_secret_file: Path | None = None
    ca_file: Path | None = None  # who vouches for its certificate; the system's unless written

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("issuer needs the client_id that the provider gave this exchange")
        return self


class Settings(BaseSettings):
    """All settings of one exchange."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="EXCHANGE_", env_nested_delimiter="__")

    folder: Path  # of the settings file
    hub: str = Field(default="hub", pattern=r"^[a-z][a-z0-9-]{0,39}$")
    hub_address: str
    reply_addresses: Literal["own", "plus"] = "own"
    base_url: str = Field(pattern=r"^https?://[^/\s]+$")
    database: str
    keystore: str
    master_key: Path = Path("master.key")
    gnupg_home: Path = Path("gnupg")
    smime_home: Path = Path("smime")
    hub_fingerprint: str = ""
    openpgp: Literal["sequoia", "gnupg"] = "sequoia"  # gnupg: slower, and able to use a key that stays on a card
    dns_server: str = ""  # host:port of a resolver; "" uses the system's
    web: Web = Web(port=8080)
    smtp: Smtp = Smtp(port=2525)
    lmtp: Lmtp = Lmtp()
    imap: Imap = Imap()
    relay: RelaySettings = RelaySettings()
    dkim: Dkim = Dkim()
    work: Work = Work()
    audit: Audit = Audit()
    tls: Direct = Direct()
    pickup: Pickup = Pickup()
    clamd: Clamd = Clamd()
    keys: Keys = Keys()
    disk: Disk = Disk()
    sign_in: SignIn = SignIn()
    provider: Provider = Provider()

    @model_validator(mode="after")
    def _room_behind_the_plus(self) -> Self:
        if self.reply_addresses == "plus" and len(self.hub_address.partition("@")[0]) > LONGEST_PLUS:
            raise ValueError(
                f'reply_addresses "plus" needs a hub_address of at most {LONGEST_PLUS} characters before the @'
            )
        return self

    @model_validator(mode="after")
    def _codes_on_a_screen(self) -> Self:
        own = urlsplit(self.base_url).hostname in ("127.0.0.1", "localhost")
        if self.pickup.sender == "console" and not own:
            raise ValueError('pickup.sender "console" shows codes to whoever reads the log: use "mail" or "http"')
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings

    def path(self, relative: Path) -> Path:
        """A path of the file, resolved against its folder."""
        return relative if relative.is_absolute() else self.folder / relative


_NOT_SETTINGS = frozenset({"CONFIG", "FAULT"})  # which file; where a test stops the process


def with_hub_key(text: str, old: str, new: str) -> str | None:
    """The text of a settings file with another key of the hub; None when it does not name the old one."""
    changed, number = re.subn(rf'(?m)^(hub_fingerprint\s*=\s*"){re.escape(old)}(")', rf"\g<1>{new}\g<2>", text)
    return changed if number == 1 else None


def keys() -> tuple[str, ...]:
    """Every key of the settings file, a table's own written after a dot: `hub`, `web.port`..."""
    found: list[str] = []
    for name, field in Settings.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            found += [f"{name}.{key}" for key in table.model_fields]
        elif name != "folder":
            found.append(name)
    return tuple(found)


def _refuse_unknown_variables() -> None:
    tables = {key.partition(".")[0] for key in keys() if "." in key}  # a whole table may be given as JSON
    known = {key.replace(".", "__").upper() for key in (*keys(), *tables)} | _NOT_SETTINGS
    for name in sorted(os.environ):
        prefix, _, rest = name.upper().partition("_")
        if prefix == "EXCHANGE" and rest and rest not in known:
            near = get_close_matches(rest, sorted(known), n=1)
            meant = f"did you mean EXCHANGE_{near[0]}?" if near else "unset it"
            raise ConfigRefused(
                f"{name} in the environment names no setting: {meant} (two underscores stand between table and key)"
            )


def read(file: Path | None = None) -> Settings:
    """Settings from `file` or `EXCHANGE_CONFIG`. Raises ConfigRefused."""
    _refuse_unknown_variables()
    file = file or Path(os.environ.get("EXCHANGE_CONFIG", "exchange.toml"))
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise ConfigRefused(
            f"no settings file {file}: run `exchange init DIR`, then name it with --config or EXCHANGE_CONFIG"
        ) from None
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigRefused(f"{file}: {wrong}") from None
    try:
        return Settings(folder=file.resolve().parent, **values)
    except ValidationError as wrong:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in wrong.errors())
        raise ConfigRefused(f"{file}: {faults}") from None
