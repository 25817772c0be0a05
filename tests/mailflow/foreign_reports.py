"""Reports in the forms of mail systems at large, written for this project: people and hosts are made up."""

from __future__ import annotations

WHO = "duty@health.example"
TO = "To: referrals@hub.example\n"
RETURNED = f"""
From: referrals@hub.example
To: {WHO}
Subject: Message MASH-7K2F for your team
Message-ID: <one@hub.example>

words, and a telephone: ring sue@street.example, mailbox full of letters
"""


def report(head: str, words: str, fields: str, *, kind: str = "text/plain; charset=utf-8") -> str:
    """The standard form."""
    return (
        f"{head}{TO}MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: {kind}\n\n{words}\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.relay.example\n\n{fields}\n\n--b\nContent-Type: message/rfc822\n{RETURNED}--b--\n"
    )


def mixed(head: str, words: str) -> str:
    """Words and the message, without fields."""
    return (
        f"{head}{TO}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{words}\n--b\nContent-Type: message/rfc822\n{RETURNED}--b--\n"
    )


def plain(head: str, words: str) -> str:
    """Words alone."""
    return f"{head}{TO}Content-Type: text/plain; charset=utf-8\n\n{words}\n"


DAEMON = "Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.relay.example>\n"
POSTMASTER = "Return-Path: <>\nFrom: Postmaster <postmaster@mx.relay.example>\n"
FAILED = f"Final-Recipient: rfc822;{WHO}\nAction: failed\nStatus: 5.1.10\n"

# name: (mail, class, final)
REPORTS: dict[str, tuple[str, str, bool]] = {
    "Exchange Online, HTML": (
        report(
            "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@health.example>\n"
            "Subject: Undeliverable: Message MASH-7K2F for your team\nAuto-Submitted: auto-replied\n",
            f"<html><body><p>Your message to <a href='mailto:{WHO}'>{WHO}</a> couldn't be delivered.</p>"
            "<p>duty wasn't found at health.example.</p></body></html>",
            FAILED + "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by lookup",
            kind="text/html; charset=utf-8",
        ),
        "failed", True,
    ),
    "Exchange, German": (
        mixed(
            "From: Microsoft Outlook\n <MicrosoftExchange329e71ec@amt.example>\nSubject: Unzustellbar: Nachricht\n",
            f"Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\n{WHO}\n"
            "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.\n\n"
            "Diagnoseinformationen für Administratoren:\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound",
        ),
        "failed", True,
    ),
    "Exchange, French": (
        mixed(
            "From: Microsoft Outlook <postmaster@mairie.example>\nSubject: Non remis : Message\n",
            f"Échec de la remise pour les destinataires ou groupes suivants :\n\n{WHO}\n"
            "L'adresse de messagerie que vous avez entrée est introuvable.",
        ),
        "failed", True,
    ),
    "Exchange, Polish": (
        mixed(
            "From: Microsoft Outlook <postmaster@urzad.example>\nSubject: Niedostarczone: Wiadomość\n",
            f"Dostarczenie do następujących adresatów lub grup nie powiodło się:\n\n{WHO}\n"
            "Nie można odnaleźć wprowadzonego adresu e-mail.",
        ),
        "failed", True,
    ),
    "Exchange, Spanish": (
        mixed(
            "From: Microsoft Outlook <postmaster@ayto.example>\nSubject: No se puede entregar: Mensaje\n",
            f"No se pudo entregar el mensaje a estos destinatarios o grupos:\n\n{WHO}\n"
            "No se encontró la dirección de correo electrónico.",
        ),
        "failed", True,
    ),
    "Google, address not found": (
        report(
            "From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\n"
            f"X-Failed-Recipients: {WHO}\nSubject: Delivery Status Notification (Failure)\n",
            f"** Address not found **\n\nYour message wasn't delivered to {WHO} because the address couldn't be "
            f"found.",
            FAILED,
        ),
        "failed", True,
    ),
    "Google, still trying": (
        report(
            "From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\n"
            "Subject: Delivery Status Notification (Delay)\n",
            f"** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {WHO}. We will "
            "retry for 45 more hours.",
            f"Final-Recipient: rfc822; {WHO}\nAction: delayed\nStatus: 4.4.2\nWill-Retry-Until: Thu, 26 Nov 2026",
        ),
        "delayed", False,
    ),
    "Postfix, gave up after five days": (
        report(
            f"{DAEMON}Subject: Undelivered Mail Returned to Sender\n",
            f"<{WHO}>: connect to mx.health.example[192.0.2.9]:25: Connection timed out",
            f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 4.4.1\n"
            "Diagnostic-Code: X-Postfix; connect to mx.health.example[192.0.2.9]:25: Connection timed out",
        ),
        "delayed", True,
    ),
    "mailbox full": (
        report(
            f"{DAEMON}Subject: Undelivered Mail Returned to Sender\n",
            f"<{WHO}>: host mx.health.example said: 452 4.2.2 Mailbox full",
            f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 4.2.2\n"
            "Diagnostic-Code: smtp; 452 4.2.2 The email account that you tried to reach is over quota",
        ),
        "failed", True,
    ),
    "Courier": (
        report(
            '"Courier mail server at mx.relay.example" <@>\n'.replace('"', "From: \"", 1)
            + 'Subject: NOTICE: mail delivery status.\n',
            f"This is a delivery status notification from mx.relay.example.\n\nThe original message was received on "
            f"Tue\nfrom hub.example\n\n---------\n\n                           UNDELIVERABLE MAIL\n\n"
            f"Your message to the following recipients cannot be delivered:\n\n<{WHO}>:\n    mx.health.example "
            "[192.0.2.9]:\n<<< 550 User unknown.",
            f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 5.0.0",
        ),
        "failed", True,
    ),
    "Zimbra, a forward that failed": (
        report(
            f"{DAEMON}Subject: Undelivered Mail Returned to Sender\n",
            f"<{WHO}> (expanded from <desk@health.example>): unknown user: \"duty\"",
            f"Final-Recipient: rfc822; {WHO}\nOriginal-Recipient: rfc822;desk@health.example\nAction: failed\n"
            "Status: 5.1.1",
        ),
        "failed", True,
    ),
    "Domino": (
        mixed(
            "From: Postmaster@amt.example\nSubject: DELIVERY FAILURE: User duty (duty@health.example) not listed\n",
            f"Your message\n\n  Subject: Message\n\nwas not delivered to:\n\n  {WHO}\n\nbecause:\n\n"
            "  User duty (duty@health.example) not listed in Domino Directory",
        ),
        "failed", True,
    ),
    "GroupWise": (
        mixed(
            "From: Mailer-Daemon@council.example\nSubject: Message status - undeliverable\n",
            f"The attached message was undeliverable to: {WHO} (550 5.1.1 no such user)",
        ),
        "failed", True,
    ),
    "MDaemon": (
        plain(
            "From: MDaemon@mx.relay.example\nSubject: Permanent Delivery Failure\n",
            f"The attached message had PERMANENT fatal delivery errors!\n\nFailed address: {WHO}\n\n"
            "--- Session Transcript ---\n Tue: --> RCPT To:<duty@health.example>\n Tue: <-- 550 unknown user",
        ),
        "failed", True,
    ),
    "hMailServer": (
        plain(
            "Return-Path: <>\nFrom: mailer-daemon@mx.relay.example\nSubject: Message undeliverable: Message\n",
            f"Your message did not reach some or all of the intended recipients.\n\n   Sent: Tue, 24 Nov 2026\n"
            f"   Subject: Message MASH-7K2F\n\nThe following recipient(s) could not be reached:\n\n{WHO}\n"
            "   Error Type: SMTP\n   Remote server (192.0.2.9) issued an error.\n   Response: 550 No such user",
        ),
        "failed", True,
    ),
    "Kerio": (
        mixed(
            f"{POSTMASTER}Subject: Undeliverable mail - Message\n",
            f"Delivery to the following recipient(s) has failed permanently:\n{WHO}\nReason: 550 5.1.1 User unknown",
        ),
        "failed", True,
    ),
    "SmarterMail": (
        plain(
            "Return-Path: <>\nFrom: \"System Administrator\" <postmaster@mx.relay.example>\nSubject: Delivery "
            "Failure\n",
            f"Could not deliver message to the following recipient(s):\n\nFailed Recipient: {WHO}\n"
            "Reason: Remote host said: 550 5.1.1 unknown",
        ),
        "failed", True,
    ),
    "Mimecast": (
        plain(
            f"{POSTMASTER}Subject: [Postmaster] Email Delivery Failure\n",
            f"This is an automated alert notification. Please do not reply.\n\nAn email that you attempted to "
            f"send to "
            f"the following address could not be delivered:\n-- {WHO}\n\nThe problem appears to be :\n"
            "-- Recipient email address is possibly incorrect",
        ),
        "failed", True,
    ),
    "Barracuda": (
        plain(
            "Return-Path: <>\nFrom: BarracudaServer@gate.example\nSubject: **Message you sent blocked by our "
            "filter**\n",
            f"Your message to: {WHO}\nwas blocked by our Spam Firewall. The email you sent with the following "
            f"subject "
            "has NOT BEEN DELIVERED:\n\nSubject: Message MASH-7K2F for your team",
        ),
        "failed", True,
    ),
    "Proofpoint": (
        report(
            f"{DAEMON}Subject: Returned mail: see transcript for details\n",
            f"   ----- The following addresses had permanent fatal errors -----\n<{WHO}>\n    (reason: 550 5.7.1 "
            "Message rejected by policy)",
            f"Final-Recipient: RFC822; {WHO}\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: SMTP; 550 5.7.1 no",
        ),
        "failed", True,
    ),
    "Haraka": (
        report(
            f"{DAEMON}Subject: failed mail delivery\n",
            f"Hi. This is the Haraka Mailer program at mx.relay.example.\nI'm afraid I wasn't able to deliver your "
            f"message to the following addresses.\n\n<{WHO}>: 550 no such user",
            f"Final-Recipient: rfc822;{WHO}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user",
        ),
        "failed", True,
    ),
    "a German provider": (
        plain(
            "Return-Path: <>\nFrom: Mailer-Daemon@post.example\nSubject: Mail delivery failed: returning message\n",
            f"Diese Nachricht wurde automatisch erzeugt.\n\nIhre E-Mail konnte an die folgende Adresse nicht "
            f"zugestellt werden:\n\n{WHO}:\nSMTP error from remote server: 550 Requested action not taken",
        ),
        "failed", True,
    ),
    "an Italian provider": (
        plain(
            "Return-Path: <>\nFrom: MAILER-DAEMON@posta.example\nSubject: Mancata consegna\n",
            f"Il tuo messaggio non è stato consegnato al seguente destinatario:\n\n<{WHO}>: utente sconosciuto",
        ),
        "failed", True,
    ),
    "a Japanese provider": (
        plain(
            "Return-Path: <>\nFrom: MAILER-DAEMON@denwa.example\nSubject: 配信不能\n",
            f"次のアドレスにメールを配信できませんでした。\n\n<{WHO}>: ユーザーが存在しません",
        ),
        "failed", True,
    ),
    "a Russian provider": (
        plain(
            "Return-Path: <>\nFrom: mailer-daemon@pochta.example\nSubject: Недоставленное сообщение\n",
            f"Это письмо создано автоматически.\n\nВаше сообщение не удалось доставить адресату:\n\n{WHO}\n"
            "550 пользователь не найден",
        ),
        "failed", True,
    ),
    "a delivery service, JSON": (
        plain(
            "From: no-reply@notify.example\nSubject: Notification\n",
            '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"'
            f'{WHO}","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1\n user unknown"}}]}}}}',
        ),
        "failed", True,
    ),
    "delivered, to a list": (
        report(
            f"{POSTMASTER}Subject: Successful Mail Delivery Report\n",
            f"<{WHO}>: delivery via lists: expanded",
            f"Final-Recipient: rfc822; {WHO}\nAction: expanded\nStatus: 2.0.0",
        ),
        "delivered", True,
    ),
    "relayed": (
        report(
            "From: Microsoft Outlook <postmaster@council.example>\nSubject: Relayed: Message\n",
            "Delivery to these recipients is complete, but no delivery notification was sent by the destination "
            f"server:\n\n{WHO}",
            f"Final-Recipient: rfc822;{WHO}\nAction: relayed\nStatus: 2.0.0",
        ),
        "delivered", True,
    ),
    "Exim, frozen": (
        plain(
            f"{DAEMON}Subject: Warning: message 1abcDE-000001-XY delayed 48 hours\nAuto-Submitted: auto-replied\n",
            "This message was created automatically by mail delivery software.\nA message that you sent has not yet "
            "been delivered to one or more of its\nrecipients after more than 48 hours on the queue.\n\nThe "
            "address to "
            f"which the message has not yet been delivered is:\n\n  {WHO}\n    Delay reason: host mx.health.example "
            "[192.0.2.9]: Connection refused\n\nNo action is required on your part. Delivery attempts will continue.",
        ),
        "delayed", False,
    ),
    "Exim, retry time over": (
        plain(
            f"{DAEMON}X-Failed-Recipients: {WHO}\nSubject: Mail delivery failed: returning message to sender\n",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could "
            "not be "
            "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) "
            "failed:"
            f"\n\n  {WHO}\n    host mx.health.example [192.0.2.9]\n    Connection timed out: retry timeout exceeded",
        ),
        "delayed", True,
    ),
    "Sendmail, deferred": (
        report(
            f"{DAEMON}Subject: Warning: could not send message for past 4 hours\n",
            f"    **      THIS IS A WARNING MESSAGE ONLY      **\n\n<{WHO}>... Deferred: Connection reset",
            f"Final-Recipient: RFC822; {WHO}\nAction: delayed\nStatus: 4.4.2",
        ),
        "delayed", False,
    ),
}  # fmt: skip

COMPLAINTS: dict[str, str] = {
    "RFC 5965": (
        f"From: fbl@relay.example\n{TO}Subject: complaint\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nAn abuse report.\n--b\n"
        f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
        f"Original-Rcpt-To: <{WHO}>\n\n--b\nContent-Type: message/rfc822\n{RETURNED}--b--\n"
    ),
    "a large webmail's own": (
        f"From: staff@webmail.example\n{TO}Subject: complaint about message from 192.0.2.25\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
        f"X-HmXmrOriginalRecipient: {WHO}{RETURNED}--b--\n"
    ),
}

# What people write about such reports, and must be heard.
PEOPLE: dict[str, str] = {
    "a person tells of a bounce": (
        f"From: Ann Lee <ann.lee@health.example>\n{TO}Subject: Re: Message MASH-7K2F for your team\n"
        "In-Reply-To: <one@hub.example>\n\nYour letter to duty@health.example could not be delivered, our "
        "mailbox was "
        "full.\nWe have it now. ACCEPT\n"
    ),
    "a person passes a report on": (
        f"From: Ann Lee <ann.lee@health.example>\n{TO}Subject: FW: Undeliverable: Message MASH-7K2F for your team\n\n"
        "What is this?\n\n-----Original Message-----\nFrom: postmaster@relay.example\n\nDelivery has failed to these "
        "recipients:\n\nduty@health.example\n550 5.1.1 user unknown\n"
    ),
    "a postmaster who answers": (
        f"From: Postmaster <postmaster@health.example>\n{TO}Subject: Re: Message MASH-7K2F for your team\n"
        "In-Reply-To: <one@hub.example>\n\nduty@health.example was disabled, user unknown is right. Please write to "
        "night@health.example.\n"
    ),
    "a neighbour's words": (
        f"From: neighbour@street.example\n{TO}Subject: failure to thrive\n\nThe boy was not delivered to school. "
        "His mother is unknown to us. sue@street.example knows more.\n"
    ),
}
