"""Thunderbird, as somebody at an agency uses it: one profile with one account, one key, and the hub's certificate.

1. This file and marionette.py alone know names from inside of Thunderbird; they are nobody's promise, and may change
   with a release.
2. It runs with its own settings, but for what would open a window or ask another machine: updates, telemetry, tours.
3. What is typed goes where the cursor stands, key by key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.realism.marionette import Marionette
from tests.realism.until import until

LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Account:
    """Whose mail it is, and where it is fetched and handed in."""

    name: str
    address: str
    password: str
    imap_port: int
    smtp_port: int


@dataclass(frozen=True)
class Shown:
    """A mail as it stands on the screen."""

    subject: str
    sender: str
    text: str
    sealed: str  # the icon of the lock: "ok"
    signed: str  # the icon of the seal: "verified", "unverified", "mismatch", "unknown"...
    attachments: tuple[str, ...]
    invitation: str  # what the bar of an invitation says; "" when there is none


@dataclass(frozen=True)
class Writing:
    """A mail being written, as its window shows it."""

    to: str
    subject: str
    text: str
    seals: bool
    signs: bool
    hides_subject: bool
    warnings: tuple[str, ...]


Settings = dict[str, str | int | bool]


def _settings(account: Account, fingerprint: str) -> Settings:
    server: Settings = {
        "hostname": "127.0.0.1", "port": account.imap_port, "type": "imap", "socketType": 0, "authMethod": 3,
        "userName": account.address, "name": account.address, "check_new_mail": False,
        "login_at_startup": False,  # a password asked for at the start keeps everybody out, the driver too
    }  # fmt: skip
    identity: Settings = {
        "fullName": account.name, "useremail": account.address, "smtpServer": "smtp1", "valid": True,
        "openpgp_key_id": fingerprint[-16:], "compose_html": False, "fcc": False,
    }  # fmt: skip
    relay: Settings = {"hostname": "127.0.0.1", "port": account.smtp_port, "authMethod": 1, "try_ssl": 0}
    return {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.identities": "id1",
        "mail.account.account1.server": "server1",
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        **{f"mail.server.server1.{name}": value for name, value in server.items()},
        **{f"mail.identity.id1.{name}": value for name, value in identity.items()},
        **{f"mail.smtpserver.smtp1.{name}": value for name, value in relay.items()},
        "intl.locale.requested": LANGUAGE,
        "calendar.timezone.local": "Europe/London",
        "calendar.timezone.useSystemTimezone": False,
        "marionette.port": 0,
        "app.update.enabled": False,
        "app.donation.eoy.version": 999,
        "browser.region.update.enabled": False,
        "datareporting.healthreport.uploadEnabled": False,
        "datareporting.policy.bypassNotification": True,
        "extensions.update.enabled": False,
        "mail.inappnotifications.enabled": False,
        "mail.provider.suppress_dialog_on_startup": True,
        "mail.rights.version": 1,
        "mail.shell.checkDefaultClient": False,
        "mail.spotlight.firstRunDone": True,
        "mailnews.start_page.enabled": False,
        "mailnews.start_page_override.mstone": "ignore",
        "network.proxy.type": 0,
        "toolkit.telemetry.enabled": False,
    }


_TAKE_KEYS = """
const [own, fingerprint, hub, address, password, port] = args;
const {RNP} = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
const {PgpSqliteDb2} = ChromeUtils.importESModule("chrome://openpgp/content/modules/sqliteDb.sys.mjs");
const {BondOpenPGP} = ChromeUtils.importESModule("chrome://openpgp/content/BondOpenPGP.sys.mjs");
await BondOpenPGP.init();
const ours = await RNP.importSecKeyBlockImpl(window, () => {}, false, own);
await PgpSqliteDb2.acceptAsPersonalKey(fingerprint);
const theirs = await RNP.importPubkeyBlockAutoAcceptImpl(window, hub, "verified");
const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
login.init("imap://127.0.0.1", null, "imap://127.0.0.1", address, password, "", "");
await Services.logins.addLoginAsync(login);
const {cal} = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const [home] = await until(() => (found => found.length && found)(cal.manager.getCalendars()), "there is a calendar");
home.setProperty("disabled", false);
home.setProperty("imip.identity.key", "id1");
return [ours.exitCode, theirs.exitCode];
"""
_INBOX = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const server = MailServices.accounts.accounts[0].incomingServer;
const inbox = () => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const pane = document.getElementById("tabmail").currentAbout3Pane;
"""
_FETCH = """
const fetched = () => inbox()?.msgDatabase?.getMsgHdrForMessageID(args[0]);
// The first try goes to an account whose folders nobody knows yet.
for (let tries = 0; tries < 20 && !fetched(); tries++) {
  await new Promise(then => server.getNewMessages(inbox() ?? server.rootFolder, msgWindow, {
    OnStartRunningUrl() {},
    OnStopRunningUrl: then,
  }));
  for (let looks = 0; looks < 40 && !fetched(); looks++) await new Promise(then => setTimeout(then, 50));
}
if (!fetched()) throw new Error("the mail is not in the inbox");
"""
_OPEN = """
// While a folder is taken in, a row may stand for a message that is not there yet, or any more: asking for it throws.
const is = found => { try { return found()?.messageId == args[0]; } catch { return false; } };
const at = () => {
  // Folders that are found late move the choice to another.
  if (!inbox()) return -1;
  if (pane.gFolder?.URI != inbox().URI) pane.displayFolder(inbox().URI);
  const rows = pane.gDBView?.msgFolder?.URI == inbox().URI ? pane.gDBView.rowCount : 0;
  return [...Array(rows).keys()].findIndex(row => is(() => pane.gDBView.getMsgHdrAt(row)));
};
await until(() => at() >= 0, "it is listed");
const mail = pane.messageBrowser.contentWindow;
const text = () => mail.getMessagePaneBrowser().contentDocument?.body?.innerText ?? "";
await until(() => {
  const row = at();
  // A folder that is taken in anew forgets what was chosen, and then the mail is shown by half.
  if (row >= 0 && pane.threadTree.selectedIndex != row) pane.threadTree.selectedIndex = row;
  else return row >= 0 && mail.msgLoaded && is(() => mail.gMessage) && text().includes(args[1]);
}, "it is shown");
await until(() => !mail.getMessagePaneBrowser().webProgress.isLoadingDocument, "nothing more is coming");
const get = id => mail.document.getElementById(id);
const icon = id => get(id).hidden ? "" : get(id).getAttribute("src").match(/message-(?:signed|encrypted)-(\\w+)/)[1];
await until(() => get("encryptionTechBtn").hidden || icon("signedHdrIcon"), "the signature has been looked at");
if (args[2]) await until(() => !get("imipAcceptButton").hidden, "the invitation can be accepted");
const one = name => [...mail.document.querySelectorAll(name)].map(found => found.textContent.trim());
return {
  subject: get("expandedsubjectBox").textContent.trim().replace(/^[^:]*:/, ""),
  sender: mail.gMessage.mime2DecodedAuthor,
  text: text(),
  sealed: get("encryptionTechBtn").hidden ? "" : icon("encryptedHdrIcon"),
  signed: get("encryptionTechBtn").hidden ? "" : icon("signedHdrIcon"),
  attachments: [...mail.document.querySelectorAll("#attachmentList richlistitem")].map(f => f.getAttribute("name")),
  invitation: get("imip-bar").collapsed ? "" : get("imip-bar").textContent.trim(),
};
"""
_REPLY = """
const pane = document.getElementById("tabmail").currentAbout3Pane;
const ready = new Promise(done => {
  const seen = {
    onCloseWindow() {},
    onOpenWindow(opened) {
      const other = opened.docShell.domWindow;
      other.addEventListener("compose-editor-ready", () => { Services.wm.removeListener(seen); done(other); });
    },
  };
  Services.wm.addListener(seen);
});
pane.commandController.doCommand("cmd_reply");
const writing = await ready;
const at = () => writing.gMsgCompose?.editor && writing.document.activeElement?.id;
await until(() => at() == "messageEditor", "the cursor stands in the text");
const button = writing.document.getElementById("button-encryption");
// The button follows what will be done, mostly: only the picture needs it.
for (let looks = 0; looks < 60 && button.checked != writing.gSendEncrypted; looks++)
  await new Promise(then => setTimeout(then, 50));
"""
_WRITTEN = """
const {gMsgCompose} = window;
const warned = [...document.querySelectorAll("#mail-notification-top notification-message, .notificationbox-stack "
  + "notification-message, notification-message")].map(found => found.messageText?.textContent || found.label || "");
return {
  to: [...document.querySelectorAll("mail-address-pill")].map(pill => pill.emailAddress).join(", "),
  subject: document.getElementById("msgSubject").value,
  text: GetCurrentEditor().document.body.innerText,
  seals: gSendEncrypted, signs: gSendSigned, hides_subject: gEncryptSubject,
  warnings: [...new Set(warned)].filter(Boolean),
};
"""
_SEND = """
goDoCommand("cmd_sendNow");
"""
_ACCEPT = """
const mail = document.getElementById("tabmail").currentAbout3Pane.messageBrowser.contentWindow;
mail.document.getElementById("imipAcceptButton").click();
await until(() => !mail.document.getElementById("imipDetailsButton").hidden, "it stands in the calendar");
await until(() => document.querySelector("#agenda [is='agenda-listitem']"), "it is listed");
"""


class Thunderbird:
    """The running program."""

    def __init__(self, driver: Marionette, account: Account, main: str) -> None:
        self._driver, self._account, self._main = driver, account, main

    @property
    async def version(self) -> str:
        """As it says."""
        return str(await self._driver.script("return Services.appinfo.version;"))

    async def take_keys(self, own: bytes, fingerprint: str, hub: bytes) -> None:
        """Import one's own key, and the hub's certificate as one whose fingerprint was compared."""
        a = self._account
        codes = await self._driver.script(
            _TAKE_KEYS, own.decode(), fingerprint, hub.decode(), a.address, a.password, a.imap_port
        )
        assert codes == [0, 0], f"keys not imported: {codes}"

    async def open(self, message_id: str, text: str, *, invitation: bool = False) -> Shown:
        """Fetch mail, and open the one of this Message-ID, in which this text is to be read."""
        bare = message_id.strip("<>")
        await self._driver.script(_INBOX + _FETCH, bare)
        shown = await self._driver.script(_INBOX + _OPEN, bare, text, invitation)
        return Shown(**shown | {"attachments": tuple(shown["attachments"])})

    async def reply(self, words: str) -> tuple[Writing, bytes]:
        """Press Reply and type at the cursor; the mail as it stands then, and a picture of it. It is not sent yet."""
        await self._driver.script(_REPLY)
        await self._driver.window(await self._other())
        keys = [{"type": kind, "value": key} for key in words for kind in ("keyDown", "keyUp")]
        await self._driver.command("WebDriver:PerformActions", actions=[{"type": "key", "id": "k", "actions": keys}])
        written = await self._driver.script(_WRITTEN)
        return Writing(**written | {"warnings": tuple(written["warnings"])}), await self._driver.screenshot()

    async def send(self) -> None:
        """Press Send, and see the window close."""
        await self._driver.script(_SEND)
        await self._driver.window(self._main)

    async def accept(self) -> None:
        """Press Accept in the bar of an invitation."""
        await self._driver.script(_ACCEPT)

    async def picture(self) -> bytes:
        """Its main window."""
        return await self._driver.screenshot()

    async def _other(self) -> str:
        handles = await self._driver.command("WebDriver:GetWindowHandles")
        return str(next(handle for handle in handles if handle != self._main))


@contextlib.asynccontextmanager
async def thunderbird(account: Account, fingerprint: str) -> AsyncIterator[Thunderbird]:
    """Started without a screen, with a profile of its own that is thrown away."""
    profile = await asyncio.to_thread(_profile, account, fingerprint)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOZ_")}
    environment |= {
        "HOME": str(profile),
        "MOZ_CRASHREPORTER_DISABLE": "1",
        "TZ": "Europe/London",
        "LC_ALL": "en_GB.UTF-8",
    }
    command = ("thunderbird", "--headless", "--no-remote", "--profile", str(profile), "--marionette",
               "--remote-allow-system-access")  # fmt: skip
    with (profile / "thunderbird.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    try:
        port = profile / "MarionetteActivePort"
        number = await until("Thunderbird can be driven", lambda: port.read_text() if port.is_file() else "")
        driver = await Marionette.open(int(number))
        yield Thunderbird(driver, account, str(await driver.command("WebDriver:GetWindowHandle")))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
        shutil.rmtree(profile, ignore_errors=True)


def _profile(account: Account, fingerprint: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="thunderbird-"))
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in _settings(account, fingerprint).items())
    (folder / "user.js").write_text("".join(lines))
    return folder
