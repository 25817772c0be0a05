"""What machines add to people's words: a gateway's banner above, a phone's signature, a disclaimer below.

A person warns and speaks of confidence too: a paragraph is a machine's only where it has two of its signs.
"""

from __future__ import annotations

import re

# -- banners: the first paragraphs of a mail, each with two signs

_CALLS = re.compile(
    r"^[\s\[*_#!<>|=-]*(?:\[?(?:ext|external)\]?(?:\b|[:\s])|caution|warning|important|attention|achtung"
    r"|vorsicht|warnung"
    r"|attenzione|atención|advertencia|uwaga|rhybudd|gofal|alert|notice|security (?:notice|warning)"
    r"|think before|be careful"
    r"|this (?:e-?mail|message|sender)|the sender of|you don[’']?t often|some people who received|externe e-?mail"
    r"|diese e-?mail|ce (?:courriel|message|mail)|este (?:correo|mensaje)|ta wiadomość|daeth yr e-?bost|mae(?:'|’)r "
    r"e-?bost|zjqcmqryfpfptbanner|report suspicious)",
    re.IGNORECASE,
)
_OF_MAIL = re.compile(
    r"\bfrom outside|outside (?:of )?(?:the|your|our)\b|\bexternal (?:sender|source|e-?mail|message|party"
    r"|domain|address)"
    r"|from an? (?:external|unknown|untrusted)|is (?:an )?external\b|unknown sender|not (?:originate|come) from"
    r"|(?:do not|don[’']t|never|avoid|before|careful (?:with|of|when)?) ?(?:click|open|repl|respond)"
    r"|with (?:links|attachments)"
    r"|links (?:or|and|/) ?(?:open )?(?:any )?attachments|(?:recogni[sz]e|know|trust|verify) the (?:sender"
    r"|source|content)"
    r"|trusted (?:sender|source)|often get e-?mail|phish|suspicious|impersonat|banner(?:start|end)"
    r"|von extern|externe?[nrms]* (?:absender|quelle|e-?mail|nachricht)|außerhalb|klicken sie nicht"
    r"|keine (?:links|anhänge)"
    r"|expéditeur externe|de l['’]extérieur|courriel externe|externe à|ne cliquez pas"
    r"|fuera de (?:la|su|nuestra)|remitente externo|correo externo|no haga clic"
    r"|spoza (?:organizacji|firmy)|zewnętrzn|nie klikaj|y tu allan|allanol|peidiwch (?:â|a) (?:chlicio|agor)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^[\s\[*_#!<>|=(-]*(?:ext|external)(?: (?:e-?mail|sender|message))?[\s\]*_#!<>|=):-]*$", re.IGNORECASE
)
_RULE = re.compile(r"^[\s_*=#~-]{3,}$")
_TAGGED = re.compile(
    r"^\s*[\[(<*#!]{1,3} ?(?:ext|external(?: (?:e-?mail|sender|message|source))?) ?[\])>*#!:]{1,3}\s+", re.IGNORECASE
)


def is_banner(paragraph: list[str]) -> bool:
    """Whether a gateway wrote this first paragraph."""
    text = " ".join(line.strip() for line in paragraph)
    if _LABEL.match(text):
        return True
    # A tag alone is one sign: behind "[EXTERNAL EMAIL] " on the same line somebody's own words may stand.
    return bool(_CALLS.match(text)) and bool(_OF_MAIL.search(untagged(text))) and not _says_of_people(text)


def untagged(line: str) -> str:
    """The line without a gateway's tag before somebody's own words."""
    return _TAGGED.sub("", line)


def is_rule(line: str) -> bool:
    """Whether a line is drawn, not written."""
    return bool(_RULE.match(line))


_PEOPLE = re.compile(
    r"\b(?:father|mother|parent|child|children|boy|girl|baby|he|she|him|her|his|family|partner|violent|visit"
    r"|weapon|dog)"
    r"\b",
    re.IGNORECASE,
)


def _says_of_people(text: str) -> bool:
    """No gateway writes of a father: "Warning: he reads her e-mail, do not send attachments" is somebody's own."""
    return bool(_PEOPLE.search(text))


# -- signatures

SIGNATURE = re.compile(r"^--[ \xa0]?$")
PHONE = re.compile(
    r"^\s*[<\[(]?(?:sent (?:from|with|via|using) (?:my |the |an? )?(?:i(?:phone|pad)|mobile|phone|tablet"
    r"|android|samsung"
    r"|galaxy|huawei|pixel|nokia|blackberry|windows|outlook|yahoo|aol|proton|mail|gmail|hotmail|secure|bt|virgin|sky"
    r"|talktalk|bluemail|spark|edison|nine|k-9|fairemail|tuta|three|vodafone|o2|ee|\w+ (?:phone|smartphone"
    r"|mobile|tablet|mail|device))\b.{0,60}"
    r"|sent from my \w+(?: \w+){0,3}|get outlook for \w+(?: ?<[^>]{0,200}>)?|download outlook .{0,40}"
    r"|von meinem \w+(?: \w+)? gesendet|gesendet (?:mit|von|aus) .{0,60}|diese nachricht wurde von meinem .{0,60}"
    r"|envoyé (?:de|depuis|à partir de) mon .{0,40}|envoyé (?:depuis|avec) .{0,40}|enviado (?:desde|do"
    r"|a partir) .{0,40}"
    r"|inviato d(?:a|al mio) .{0,40}|verstuurd vanaf .{0,40}|verzonden (?:vanaf|met) .{0,40}|wysłan[eo] z .{0,40}"
    r"|skickat från .{0,40}|sendt fra .{0,40}|lähetetty .{0,40}|anfonwyd (?:o|gan|oddi ar) (?:fy|fy’|fy') .{0,40}"
    r"|отправлено (?:с|из) .{0,40})[>\])]?\.?\s*$",
    re.IGNORECASE,
)
# One line of advertisement or of a scanner; what stands below it may be a person's.
FOOTER = re.compile(
    r"^\s*(?:virus-free\b.{0,60}|official(?: ?[-–:] ?sensitive)?|thank you for your co-?operation\.?"
    r"|nhsmail is .{0,400}|for more information and to find out how you can switch.{0,200}"
    r"|(?:we welcome (?:correspondence|calls)|rydym yn croesawu|croesewir)\b.{0,200}"
    r"|this e-?mail carries a disclaimer.{0,200}"
    r"|this (?:e-?mail|message) (?:has been|was) (?:scanned|checked"
    r"|virus checked)\b.{0,160}"
    r"|scanned by .{0,80}|(?:please )?(?:consider|think about|think of) the environment\b.{0,160}"
    r"|(?:save paper|go green)\b.{0,120}|diese e-?mail wurde (?:von|auf viren).{0,120}|follow us on .{0,80}"
    r"|ystyriwch yr amgylchedd.{0,120}|www\.(?:avast|avg|mimecast|symanteccloud|messagelabs)\.\S{1,40})\s*$",
    re.IGNORECASE,
)

# -- disclaimers: a paragraph that calls itself one, and says what lawyers say

_DISCLAIMS = re.compile(
    r"^[\s*_#=-]*(?:(?:this|the information(?: contained)? in this|the contents? of this|any views|views"
    r"|opinions?)[\w ,()'’/]*"
    r"\b(?:e-?mail|message|communication|transmission)\b"
    r"|confidentiality(?: notice| and)?|disclaimer\b|legal (?:notice|disclaimer)|privacy notice|important notice"
    r"|important:? this (?:e-?mail|message)|if you (?:are not the|have received this|receive this)"
    r"|mae(?:'|’)r (?:e-?bost|neges)|diese (?:e-?mail|nachricht)|der inhalt dieser|ce (?:message|courriel|mail)"
    r"|este (?:mensaje|correo)|questo messaggio|niniejsza wiadomość|ta wiadomość|dit bericht|detta meddelande)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"intended (?:only |solely |exclusively )?(?:for|recipient)|addressee|addressed to|in error\b|legally privileged"
    r"|privileged|unauthori[sz]ed|disseminat|distribut|strictly prohibited|accepts? no (?:liability|responsibility)"
    r"|liab(?:le|ility)|viruses|monitor(?:ed|ing)|freedom of information|do not necessarily|own views"
    r"|registered (?:in|office)"
    r"|if you are not the|delete (?:it|this|the)|destroy|bwriedir|gyfrinachol|vertraulich|bestimmt für"
    r"|irrtümlich|destinataire"
    r"|confidentiel|destinatari|confidencial|riservat|adresat|poufn|geadresseerde|vertrouwelijk",
    re.IGNORECASE,
)
_LEGAL_SIGNS = 2  # "this is confidential, do not distribute it" is a person's; lawyers go on
_TITLE = re.compile(
    r"^[\s*_#=-]*(?:confidentiality notice|disclaimer|legal notice|privacy notice)[\s*_#=:.-]*$", re.IGNORECASE
)


def is_disclaimer(paragraph: list[str], *, ruled: bool) -> bool:
    """Whether this paragraph disclaims; one that is only a title does. Below a line that is drawn (`ruled`), whose
    disclaimer it is may stand before it."""
    text = " ".join(line.strip() for line in paragraph)
    if _TITLE.match(paragraph[0]):
        return True
    said = {found.lower() for found in _LEGAL.findall(text)}
    begins = any(map(_DISCLAIMS.match, re.split(r"(?<=[.:])\s+", text))) if ruled else _DISCLAIMS.match(text)
    return bool(begins) and len(said) >= _LEGAL_SIGNS and not _says_of_people(text)
