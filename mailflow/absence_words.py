"""The words of absence notices, of other automatic replies and of challenges, in the languages of people here.

A subject counts only where it begins with them: people write "Re: Out of office" and "Absence from school".
"""

from __future__ import annotations

import re

LONGEST = 4_000  # characters of a text that are looked at

# What may stand before a responder's own words: a gateway's tag.
_TAG = r"^\s*(?:(?:\[[^\]]{1,30}\]|\*{1,3}[^*]{1,30}\*{1,3}|\((?:ext|external)\)|ext(?:ern(?:al)?)?:)\s*)*"

_SUBJECT = re.compile(
    _TAG + r"(?:"
    r"auto(?:matic(?:ally)?|mated)?[- ]?(?:generated )?(?:e-?mail )?(?:reply|response|responder|antwort|respuesta)\b"
    r"|auto[- ]?(?:re:|reply|responder|ack)|out[- ]of[- ](?:the[- ])?office\b|oo[of]\b\s*[:-]|autoreply"
    r"|(?:i(?: am|'m|’m) )?(?:currently |now )?(?:away from (?:the |my )?(?:office|desk|e-?mail)|away until\b"
    r"|(?:on (?:annual |sick |study |maternity |paternity |parental |adoption )?leave\b(?! of absence)))"
    r"|(?:i(?: am|'m|’m) )?on (?:holiday|vacation)(?: until| from|\s*[:.,-]|\s*$)"
    r"|i(?: am|'m|’m| will be) (?:currently )?(?:away until|out of (?:the )?office|not in (?:the )?office)\b"
    r"|vacation(?: reply| notice| message| response)?\s*(?:[:-]|$)|vacation (?:reply|notice|message|response)"
    r"|not in the office|absence (?:notification|notice)\s*[:-]|[^:]{2,60} is (?:currently )?out of (?:the )?office\b"
    # German
    r"|(?:abwesenheit|abwesend|afwezig|frånvar|fravær|poissaolo|nieobecność|nepřítomnost|neprítomnosť)"
    r"(?!.{0,60}(?:s[ck]h?[ou]+l|szko|škol|skol))"  # a child's absence from school is a concern
    r"|automatische (?:antwort|rückantwort|e-?mail|benachrichtigung)|autoantwort"
    r"|(?:ich bin )?(?:zur ?zeit |derzeit |momentan |aktuell )?(?:nicht im (?:büro|haus|dienst)|außer haus"
    r"|im urlaub\b)|urlaub (?:bis|vom|von)\b|urlaubs(?:notiz|meldung|benachrichtigung|mitteilung|vertretung)"
    # French
    r"|réponse automatique|reponse automatique|message automatique|(?:message|notification|avis) d['’]absence"
    r"|absence (?:du bureau|jusqu)|(?:je suis )?(?:actuellement )?(?:absente? (?:du bureau|jusqu|\s*:)|en congés?\b)"
    r"|(?:je suis )?(?:actuellement )?en vacances\b"
    # Spanish, Portuguese, Italian
    r"|(?:respuesta|contestación) automática|auto-?respuesta|fuera de (?:la )?oficina|mensaje de ausencia"
    r"|(?:estoy )?de vacaciones\b|ausente(?: de la oficina| hasta|\s*:)|ausencia de (?:la )?oficina"
    r"|resposta automática|fora do escritório|ausente do escritório|ausência do escritório|(?:de|em) férias\b"
    r"|risposta automatica|fuori (?:sede|ufficio)\b|assen(?:te|za) dall['’]ufficio|messaggio di assenza|in ferie\b"
    # Dutch, Swedish, Norwegian, Danish, Finnish
    r"|automatisch(?:e)? (?:antwoord|beantwoording|reactie)|niet aanwezig|(?:met|op) vakantie\b|buiten kantoor"
    r"|automatiskt? svar|autosvar|ej på kontoret|ikke (?:til stede|på kontoret)|på semester\b"
    r"|automaattinen vastaus|poissa toimistosta"
    # Polish, Czech, Slovak, Hungarian, Romanian, Lithuanian, Latvian, Estonian
    r"|odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź|autoresponder|poza biurem"
    r"|(?:jestem |przebywam )?na urlopie\b|urlop (?:do|od)\b|wiadomość automatyczna"
    r"|automatická odpove[ďd]|automatická odpověď|mimo kancelář|mimo kancelárie"
    r"|automatikus válasz|házon kívül|irodán kívül|răspuns automat|în afara biroului|în concediu\b"
    r"|automatinis atsakymas|automātiskā atbilde|automaat(?:ne )?vastus"
    # Welsh, Irish, Scottish Gaelic
    r"|(?:ateb|ymateb) awtomatig|awtomatig\b|(?:allan o['’]r|i ffwrdd o['’]r|ddim yn y) swyddfa|ar wyliau\b"
    r"|freagra uathoibríoch|as an oifig|freagairt fèin-obrachail"
    # Russian, Ukrainian, Bulgarian, Greek, Turkish
    r"|автоответ|автоматический ответ|автоматична відповідь|автоматичен отговор|нет на рабочем месте|вне офиса"
    r"|αυτόματη απάντηση|εκτός γραφείου|otomatik (?:yanıt|cevap)|ofis dışı"
    # Arabic, Urdu, Chinese, Japanese, Korean
    r"|رد تلقائي|خارج المكتب|خودکار جواب|自动(?:回复|答复)|自動(?:回覆|応答|返信)|不在(?:通知|連絡)"
    r"|자동 ?(?:회신|응답)|부재중"
    r")",
    re.IGNORECASE,
)

# What a notice says of its writer; only where headers call it a reply, for a concern may say so of a parent.
_ABSENT = re.compile(
    r"\bI(?: am|’m|'m) (?:currently |now |presently )?(?:away|out of|on (?:annual |sick |study |maternity )?leave"
    r"|on holiday|on vacation|not in)\b|\bI will be (?:away|back|out)\b|out of (?:the )?office|on my return|^away\b"
    r"|\b(?:bin|befinde mich|werde) .{0,60}(?:abwesend|nicht im (?:büro|haus)|im urlaub|außer haus|nicht erreichbar)"
    r"|ab dem .{0,30} wieder (?:erreichbar|da|im büro|für sie)|je suis .{0,30}(?:absente?|en congés?|en vacances)"
    r"|(?:de retour|serai de retour) |\b(?:estoy|estaré|me encuentro|me encontraré) .{0,40}(?:fuera|ausente"
    r"|vacaciones)"
    r"|sono .{0,30}(?:assente|in ferie|fuori (?:sede|ufficio))|estou .{0,30}(?:ausente|de férias|fora do escritório)"
    r"|ik ben .{0,40}(?:afwezig|niet aanwezig|met vakantie|op vakantie)|jag är .{0,30}(?:borta|ledig|på semester)"
    r"|jeg er .{0,30}(?:fraværende|på ferie|ikke på kontoret)"
    r"|(?:jestem|przebywam|będę) .{0,40}(?:nieobecn|poza biurem|na urlopie)|(?:nejsem|jsem) .{0,30}(?:dovolené|mimo)"
    r"|(?:rwy|rwyf|dw i|byddaf|ydw i) .{0,30}(?:allan o['’]r|i ffwrdd|ar wyliau|ar absenoldeb|absennol)"
    r"|(?:нахожусь|буду) .{0,30}(?:в отпуске|отсутств|вне офиса)",
    re.IGNORECASE,
)

# Words by which a service asks whoever wrote to prove that they are no machine: the letter was not delivered yet.
_CHALLENGE_SUBJECT = re.compile(
    _TAG + r"(?:\[boxbe\]|(?:re: ?)?(?:please )?(?:confirm|verify) (?:your (?:e-?mail|message|address)|that you)"
    r"|(?:sender )?(?:confirmation|verification|authori[sz]ation) (?:required|needed|requested)|sender verification"
    r"|whitelist request|action required:? (?:confirm|verify) your (?:e-?mail|message|address)"
    r"|your (?:e-?mail|message)[^:]{0,60} (?:is|has been) (?:held|waiting|quarantined)"
    r"|(?:e-?mail|message) (?:awaiting|held for) (?:confirmation|approval|verification)"
    r"|bitte bestätigen sie ihre (?:e-?mail|nachricht)|confirmez votre (?:message|adresse|envoi)"
    r"|confirme su (?:mensaje|correo|dirección)|potwierdź (?:swój|swoją|wysłanie))",
    re.IGNORECASE,
)
_ASKS = re.compile(  # a banner says "do not click"
    r"(?<!not )(?<!n't )(?:click|follow|press|visit|use|tap)\b[\w ,'’]{0,40}(?:link|button|here|url|below)"
    r"|(?:simply |just )?(?:reply|respond) to this (?:e-?mail|message)|prove (?:that )?you are"
    r"|confirm (?:that )?you are"
    r"|klicken sie|cliquez|haga clic|kliknij|fare clic",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"your (?:e-?mail|message)[^.]{0,80}(?:held|waiting|quarantin|not (?:yet )?(?:been )?deliver"
    r"|will (?:then )?be deliver"
    r"|be released|pending)|(?:complete|before|until)[^.]{0,40}deliver[^.]{0,20} (?:of )?your (?:e-?mail|message)"
    r"|(?:verify|confirm|prove) (?:that )?you(?: are|[’']re) (?:a )?(?:human|real person|not a (?:robot|machine))"
    r"|not (?:yet )?(?:on|in) (?:my|our|the) (?:approved|allowed|safe|guest|white ?list|accepted|contact)"
    r"|ihre (?:e-?mail|nachricht)[^.]{0,80}(?:zurückgehalten|noch nicht zugestellt)|votre message[^.]{0,60}en attente"
    r"|su (?:mensaje|correo)[^.]{0,60}retenido|wiadomość[^.]{0,60}wstrzyman",
    re.IGNORECASE,
)

# What only a machine, or somebody away, says: with it, no word beside it is taken for a plain answer.
_NOTICE = re.compile(
    r"this is an? (?:auto(?:mated|matic)|system)|auto(?:matic(?:ally)?|mated)?[- ]?(?:generated|reply|replies"
    r"|response)"
    r"|do not (?:reply|respond) to this|(?:mailbox|inbox|account|address) is (?:not|only|un)[\w ]{0,20}"
    r"(?:monitored|checked|attended)|out of (?:the )?office|\bI(?: am|’m|'m| will be) (?:currently |now )?(?:away|on "
    r"(?:annual |sick |study |maternity )?leave|on holiday|on vacation|back (?:on|in))|on my return|office hours are"
    r"|thank you for (?:contacting|your enquiry)|your (?:e-?mail|message|enquiry|request) (?:has been|is|was) "
    r"(?:received|important|logged)|(?:ticket|case|reference) (?:number|no\.?|id)? ?(?:is|has been)"
    r"|sent (?:by|via|with|using|from|through) (?:microsoft |an? )?(?:power automate|flow\b|zapier|ifttt"
    r"|workflow|automat|bot\b)|\bno one (?:reads|checks|monitors) this|\bauto-?(?:reply|responder|response)\b"
    # German, French, Spanish, Portuguese, Italian, Dutch
    r"|automatisch(?:e[nrs]? (?:nachricht|antwort|mail|e-mail|mitteilung|bestätigung)| (?:erzeugt|generiert|erstellt"
    r"|versandt|versendet|gegenereerd|verzonden|bericht|antwoord))"
    r"|nicht auf diese (?:e-?mail|nachricht|mail)|abwesenheitsnotiz"
    r"|ne (?:pas|répondez pas)[^.\n]{0,20}(?:répondre|à ce)|généré automatiquement"
    r"|(?:réponse|message|courriel|e-?mail|mail) (?:généré )?automatique|generad[oa] automáticamente"
    r"|(?:respuesta|mensaje|correo) automátic"
    r"|no respond(?:a|er) a este|(?:mensagem|resposta|e-?mail) automátic|gerad[oa] automaticamente|não responda"
    r"|(?:messaggio|risposta|e-?mail|mail) automatic|generat[oa] automaticamente|non risponder"
    r"|niet (?:op|te) (?:dit|deze|beantwoorden)|automatische (?:reactie|bevestiging)"
    # Swedish, Norwegian, Danish, Finnish, Polish, Czech, Slovak, Hungarian, Romanian, Baltic
    r"|automati(?:skt?|sk genereret) (?:svar|meddelande|melding|besked|e-?post|genere)|svara inte på|ikke svare? på"
    r"|automaattinen|älä vastaa|automatyczn|nie odpowiada|automatick|neodpov[ií]d|automatikus|ne válaszoljon"
    r"|(?:mesaj|răspuns) automat|nu răspunde|automatin|neatsakykite|automātisk|automaatne|ärge vastake"
    # Welsh, Irish, Russian, Ukrainian, Greek, Turkish, Arabic, Urdu, Chinese, Japanese, Korean
    r"|(?:neges|ateb|ymateb|e-?bost) awtomatig|peidiwch ag ateb|allan o['’]r swyddfa|uathoibríoch|автоматич|автоответ"
    r"|не отвечайте|не відповідайте|αυτόματ|μην απαντ|otomatik|yanıtlamayın|رد تلقائي|رسالة تلقائية|رسالة آلية|لا ترد"
    r"|خودکار|自动(?:回复|答复|发送|生成)|系统自动|请勿(?:直接)?回复"
    r"|自動(?:回覆|返信|応答|送信|配信)|返信しないで|자동 ?(?:회신|응답|발송)",
    re.IGNORECASE,
)


def subject_says_so(subject: str) -> bool:
    """Whether a responder wrote this subject."""
    return bool(_SUBJECT.match(subject[:300]))


def says_absent(text: str) -> bool:
    """Whether a text says that its writer is away."""
    return bool(_ABSENT.search(text[:LONGEST]))


def is_challenge(subject: str, own: str) -> bool:
    """Whether somebody's mail service wants its sender to confirm a mail before it is delivered; `own` is its text
    without a quote and without a gateway's banner."""
    told = own[:LONGEST]
    if _CHALLENGE_SUBJECT.match(subject[:300]):
        return bool(_ASKS.search(told) or _HELD.search(told))
    return bool(_ASKS.search(told) and _HELD.search(told))


def says_notice(text: str) -> bool:
    """Whether a text has words that a person with a plain answer does not write."""
    return bool(_NOTICE.search(text[:LONGEST]))
