"""What sites and feed generators put around a story, in the main European languages and Arabic: recognised by its shape.

A paragraph or a sentence is furniture as a whole or not at all, and a sentence that tells something ("… a court ruled") is none:
so a story about cookies or subscriptions keeps its first sentence.
"""

import re
from collections.abc import Iterable

from digest.articles.sentences import sentence_ends

MAX_LENGTH = 320  # characters of one piece of furniture


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


#: Verbs and words that tell a story; furniture asks, offers and names.
_TELLS = re.compile(
    r"\b(?:said|says|told|tells|was|were|had|did|fell|rose|ruled|fined|warned|announced|found|showed|argued|wrote|according|because"
    r"|sagte|sagt|war|waren|wurde|wurden|hatte|hat|laut|erklärte|urteilte"
    r"|était|selon|déclaré|annoncé|estime|avait|jugé"
    r"|dijo|fue|según|anunció|había|afirmó|multó|disse|secondo|segundo|foi|anunciou|afirmou|era|aveva"
    r"|zei|zegt|was|werd|volgens|sade|säger|enligt|sagde|ifølge|powiedział\w*|według"
    r"|قال|قالت|وقال|أعلن|أعلنت|كان|كانت|بحسب|وفق)\b",
    re.IGNORECASE,
)
_NEWSLETTER = (
    r"(?:newsletters?|e-?mails?|updates|alerts?|briefing|podcast|channel|mailing list|inbox|posts|infolettre|lettre d['’]information"
    r"|alertes|boîte (?:mail|de réception)|bolet[ií]n(?:es)?|correo|canal|alertas|boletim|posta|canale|nieuwsbrief\w*|mailbox"
    r"|nyhetsbrev\w*|nyhedsbrev\w*|newsletter\w*|powiadomie\w+|kanal|postfach|النشرة|نشرتنا|البريدية|قناتنا|القناة|قناة)"
)
#: Asks for a subscription, an address, money.
_SUBSCRIBE = (
    rf"(?:please |click here to |you can )?(?:sign[ -]?up|subscribe|register|join)(?: now| here| today| for free| free)?\b.{{0,100}}\b{_NEWSLETTER}\b.{{0,120}}",
    r"(?:please )?(?:sign up|subscribe)(?: now| here| today| for free)?",
    r"(?:get|receive|have)\b.{0,100}\b(?:(?:to|in|into) your (?:inbox|e-?mail)|by e-?mail)\b.{0,60}",
    r"(?:never|don['’]t) miss (?:a|an|any|another|out)\b.{0,120}",
    r"(?:did you |if you (?:have )?)?(?:enjoy|like)(?:ed|d)?(?: (?:reading|what you(?:['’]re| are) reading|this))\b.{0,160}\?",
    r"if you (?:enjoyed|liked|found) this (?:post|article|story|piece|essay|episode)\b.{0,200}",
    r"thanks for reading\b.{0,120}",
    r".{1,60} is a reader-supported publication",
    r"to (?:receive|get) new (?:posts|stories|articles)\b.{0,160}",
    r"subscribe for free to\b.{0,120}",
    r"join (?:more than |over )?[\d,.]+\+? (?:other )?(?:subscribers|readers|members)\b.{0,100}",
    r"already (?:a|have) .{1,40}\? (?:log|sign) in\b.{0,40}",
    r"this (?:article|story|post|content|episode) is (?:only )?(?:available |reserved |exclusive(?:ly)? )?(?:to|for) (?:our )?(?:paying |paid )?(?:subscribers|members)\b.{0,60}",
    r"(?:please )?(?:consider )?(?:support(?:ing)?|donat(?:e|ing) to) (?:us|our (?:work|journalism|reporting)|independent journalism|this (?:site|blog|podcast|newsletter))\b.{0,120}",
    rf"(?:jetzt |hier )?(?:abonnieren sie|abonniere|bestellen sie|melden sie sich|melde dich|erhalten sie)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"(?:jetzt )?(?:zum |den |unseren )?(?:kostenlosen )?newsletter (?:abonnieren|anmelden|bestellen)\b.{0,60}",
    r"(?:dieser (?:artikel|text|inhalt) ist )?(?:nur )?(?:exklusiv )?für abonnent(?:en|innen)\b.{0,60}",
    rf"(?:abonnez-vous|inscrivez-vous|recevez)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"(?:cet |l['’])?(?:article|contenu) (?:est )?réservé (?:aux|à nos) abonnés\b.{0,60}",
    rf"(?:suscr[ií]b(?:ete|ase|a|ir)|apúntate|regístrate|recib[ae])\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"(?:contenido|artículo) exclusivo para suscriptores\b.{0,60}",
    rf"(?:iscriviti|iscrivetevi|abbonati|ricevi)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"(?:articolo|contenuto) (?:riservato|esclusivo) (?:agli|per gli) abbonati\b.{0,60}",
    rf"(?:assine|inscreva-se|subscreva|cadastre-se|receba)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"(?:conteúdo|artigo) exclusivo para assinantes\b.{0,60}",
    rf"(?:meld (?:je|u)|schrijf (?:je|u)|abonneer (?:je|u)|ontvang)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    r"dit artikel is (?:alleen|exclusief) voor abonnees\b.{0,60}",
    rf"(?:prenumerera på|anmäl dig|tilmeld dig|abonn[eé]r på|meld deg på)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    rf"(?:zapisz się|subskrybuj)\b.{{0,120}}\b{_NEWSLETTER}\b.{{0,100}}",
    rf"(?:اشترك|اشتركوا|سجل|سجّل)\b.{{0,120}}{_NEWSLETTER}.{{0,100}}",
)
_COOKIES = r"(?:cookies?|kakor|informasjonskapsler|plików cookies?|ciasteczek|ملفات تعريف الارتباط|الكوكيز)"
#: Asks for consent, a script, another browser.
_CONSENT = (
    rf"(?:we|(?:this|our) (?:web)?site|[\w.-]+\.[a-z]{{2,}})(?: and our partners)? uses? {_COOKIES}\b.{{0,240}}",
    rf"by (?:continuing|using|clicking|browsing|closing|visiting)\b.{{0,160}}\b(?:{_COOKIES}|terms|privacy policy)\b.{{0,120}}",
    r"(?:accept|reject|manage|allow|decline)(?: all)?(?: cookies| preferences| settings)",
    r"(?:please )?(?:enable|turn on|allow) (?:cookies|javascript)\b.{0,160}|you need to (?:enable|accept|allow) (?:cookies|javascript)\b.{0,120}",
    r"(?:to view|to see|to watch|to play) (?:this|the) (?:content|video|embed|post)\b.{0,60}\b(?:accept|cookies|javascript|consent)\b.{0,120}",
    r"(?:this|the) content (?:is not|isn['’]t) available (?:due|because|in your)\b.{0,120}|your browser (?:does not|doesn['’]t) support\b.{0,120}",
    rf"(?:wir|(?:diese|unsere) (?:web)?(?:site|seite))\b.{{0,40}}\b(?:verwende[nt]|nutz(?:t|en)|setz(?:t|en))\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:durch|mit) (?:die|der)\b.{{0,30}}\bnutzung\b.{{0,160}}\b{_COOKIES}\b.{{0,120}}|(?:alle )?cookies (?:akzeptieren|ablehnen)",
    r"an dieser stelle (?:finden sie|findest du)\b.{0,240}|mit (?:ihrer|deiner) zustimmung\b.{0,160}|externer inhalt\b.{0,80}",
    rf"(?:nous utilisons|(?:ce|notre) site(?: web)? utilise)\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"en (?:poursuivant|continuant|cliquant)\b.{{0,160}}\b{_COOKIES}\b.{{0,120}}|(?:tout )?(?:accepter|refuser)(?: tout)?(?: les cookies)?",
    rf"(?:utilizamos|usamos|est[ea] (?:sitio|web|página|site|website)(?: web)? (?:utiliza|usa))\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:al|si|ao)\b.{{0,20}}\b(?:continuar|continúa|navega\w*|utilizar)\b.{{0,160}}\b{_COOKIES}\b.{{0,120}}|(?:aceptar|rechazar|aceitar)(?: tod[ao]s?)?(?: las| os)?(?: cookies)",
    rf"(?:utilizziamo|usiamo|questo sito(?: web)? (?:utilizza|usa))\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:wij|we|deze (?:web)?site) (?:gebruik(?:en|t)|mak(?:en|t) gebruik van)\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:vi|den här webbplatsen|denne (?:side|hjemmeside|nettsiden)) (?:använder|bruger|bruker)\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:używamy|korzystamy z|ta strona (?:używa|korzysta z))\b.{{0,30}}{_COOKIES}\b.{{0,240}}",
    rf"(?:نستخدم|يستخدم هذا الموقع|يستخدم موقعنا)\b.{{0,30}}{_COOKIES}.{{0,240}}",
)
_NETWORKS = r"(?:facebook|twitter|x|instagram|whatsapp|linkedin|telegram|youtube|tiktok|threads|bluesky|mastodon|pinterest|reddit|e-?mail|pocket|google news)"
#: Asks to follow and to share, and says what earns money.
_FOLLOW = (
    rf"follow (?:us|me|him|her|them|[\w.@-]+(?: [\w.-]+){{0,3}}) on {_NETWORKS}\b.{{0,120}}",
    rf"(?:find|like|join) us on {_NETWORKS}\b.{{0,120}}|download (?:our|the) (?:free )?app\b.{{0,100}}",
    r"(?:folgen sie|folge?t?) uns\b.{0,120}|suivez-nous\b.{0,120}|s[ií]guenos\b.{0,120}|seguici\b.{0,120}|siga-nos\b.{0,120}",
    r"volg ons\b.{0,120}|följ oss\b.{0,120}|følg os\b.{0,120}|śledź nas\b.{0,120}|(?:تابعونا|تابعنا)\b.{0,120}",
    rf"(?:(?:share|tweet|teilen|partager|compartir|condividi|compartilhar|delen|dela|udostępnij|شارك|مشاركة)\b[^.!?]{{0,40}}\b{_NETWORKS}\b[\s,|/·]*)+",
    rf"(?:auf|per|via) {_NETWORKS} teilen",
    r"(?:when you buy through links|(?:this|the) (?:post|article|page) (?:may )?contains? affiliate links|we may earn (?:a|an affiliate) commission)\b.{0,200}",
)
#: Says where a text stood first.
_FIRST = (
    r"this (?:article|story|post|piece|essay|text|report|interview|column|excerpt) (?:(?:was|is|has been) )?(?:(?:also|first|originally|previously) )+(?:published|appeared|posted|ran|written|produced)\b.{0,200}",
    r"(?:originally|first|previously) (?:published|posted|appeared) (?:on|at|in|by)\b.{1,160}|(?:republished|reprinted) (?:with permission|from|under|here)\b.{0,160}",
    r"this (?:article|story|post|piece) is (?:republished|reprinted|adapted|excerpted|part of a)\b.{0,200}|a version of this (?:article|story|post|piece)\b.{0,200}",
    r"dieser (?:artikel|beitrag|text) (?:ist|wurde|erschien) (?:zuerst|ursprünglich|erstmals)\b.{0,160}",
    r"cet article (?:est (?:d['’]abord )?paru|a (?:d['’]abord |initialement )?été publié|est initialement paru)\b.{0,160}",
    r"este (?:artículo|artigo|texto) (?:fue|foi|se) (?:publicado|publicó) (?:originalmente|primero|por primera vez|primeiro)\b.{0,160}",
    r"(?:questo )?articolo (?:è stato )?(?:pubblicato|apparso) (?:originariamente|per la prima volta|originalmente)\b.{0,160}",
    r"dit artikel (?:verscheen|is) (?:eerst|eerder|oorspronkelijk)\b.{0,160}",
    r"(?:نُشر|نشر) هذا المقال (?:أولا|أولاً|لأول مرة|في الأصل)\b.{0,160}",
)
#: Labels of credits, in as many languages; only as a paragraph of its own, and a short one.
_CREDIT = _any(
    r"(?:(?:featured?|lead|header|cover|main|file|hero|stock) )?(?:image|photo|photograph|picture|illustration|graphic|video)s?(?: credits?| source| courtesy)?\s*[:/|©]\s*.{1,140}",
    r"(?:(?:featured?|lead|header|cover|main|file) )?(?:image|photo|photograph|picture|illustration)s? (?:by|courtesy of|via|credit|from) .{1,100}",
    r"(?:credits?|source|photographer|©|\(c\))\s*:?\s*.{1,100}",
    r"(?:titel|symbol|archiv|aufmacher|beitrags)?(?:bild|foto|grafik|illustration)s?(?:quelle|nachweis|credit)?(?: ?:| ?©| von| ?/) ?.{1,120}|quelle: .{1,100}",
    r"(?:photo|image|illustration|crédits?(?: photo)?s?|visuel)\s*[:©/|]\s*.{1,120}",
    r"(?:foto(?:graf[ií]a)?|imagen|ilustración|crédito|fuente|imagem|ilustração|fonte|immagine|illustrazione|crediti|beeld|afbeelding|illustratie|bron|bild|fot\.|zdjęcie|źródło|ilustracja)\s*[:©/|]\s*.{1,120}",
    r"fot\. .{1,80}|(?:الصورة|صورة|تصوير|المصدر|مصدر الصورة)\s*[:/|–-]\s*.{1,120}",
)
#: Labels, buttons, counters and cross-references; only as a paragraph of its own.
_LABEL = _any(
    r"advertisement|sponsored(?: content| post)?|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|annons|annonce|reklama?|إعلان",
    r"comments?|no comments|leave a (?:comment|reply)|kommentare?|commentaires?|comentarios|commenti|comentários|reacties|التعليقات",
    r"listen to this (?:article|story|episode)(?: \d.{0,20})?|artikel (?:anhören|vorlesen|teilen|drucken|merken)|écouter (?:cet|l['’])article|escuchar (?:este )?artículo|ascolta l['’]articolo",
    r"(?:share|tweet|print|e-?mail|save|like|copy link|teilen|drucken|merken|partager|imprimer|enregistrer|compartir|imprimir|guardar|condividi|stampa|salva|compartilhar|delen|bewaren|dela|del|skriv ut|udostępnij|شارك|مشاركة|طباعة)(?: (?:this|the|diesen|cet|este|questo|dit|هذا) ?\w*)?(?: (?:on|via|with|auf|sur|en|su|no|op|på) .{1,30})?:?",
    r"share (?:this|the) (?:article|story|post|page|on)\b.{0,60}|table of contents|inhalts?(?:verzeichnis)?|sommaire|índice|inhoud",
    r"(?:article|comments) url: .*|points: \d+|# comments: \d+|\[?link\]?|\[?comments\]?",
    r"\d{1,3} ?(?:min(?:ute)?s?|minuten|minutos|minuti)\.?(?: (?:read|to read|lesezeit|de lecture|de lectura|di lettura|de leitura|leestijd|läsning))?",
    r"(?:reading time|lesezeit|temps de lecture|tiempo de lectura|tempo di lettura|tempo de leitura|leestijd|lästid|وقت القراءة)\s*:?\s*\d.{0,20}",
    r"(?:(?:first|last) )?(?:published|updated|posted|modified|veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|atualizado|gepubliceerd|publicerad|نشر|تحديث)(?: (?:on|at|am|le|el|il|em|op|um|in|à|a|في))?:?\s+.{0,40}\d.{0,40}",
    r"(?:see also|read also|also read|read more|read next|related(?: stor(?:y|ies)| articles?)?|more on this(?: story)?|lesen sie auch|mehr zum thema|auch interessant|(?:à )?lire aussi|sur le même sujet|lea? también|te puede interesar|leggi anche|leia (?:também|mais)|lees ook|läs (?:också|även)|læs også|les også|czytaj (?:także|też|również)|اقرأ أيض[اً]+)\s*[:|–»>]\s*.{1,200}",
    r"view this (?:post|tweet|e-?mail|article)? ?(?:on|in) .{1,40}",
)
_ASKS = _any(*_SUBSCRIBE, *_CONSENT, *_FOLLOW)
_STOOD = _any(*_FIRST)
_SITE = r"(?:(?!\.\s).){1,120}"  # a name, of one sentence
#: What feed generators say in the language of their site, with a headline in the middle that may hold anything.
_APPEARED = _any(
    rf"the (?:post|article|story) .{{1,300}} (?:first appeared|appeared first) on {_SITE}",
    rf"der (?:beitrag|artikel) .{{1,300}} erschien (?:zuerst|erstmals) (?:auf|bei|in) {_SITE}",
    rf"l['’]article .{{1,300}} est apparu en premier sur {_SITE}|cet article .{{0,300}} est apparu en premier sur {_SITE}",
    rf"la entrada .{{1,300}} (?:apareció|se publicó) primero en {_SITE}|l['’]articolo .{{1,300}} (?:proviene da|sembra essere il primo su) {_SITE}",
    rf"o (?:post|artigo|conteúdo) .{{1,300}} (?:apareceu|aparece|foi publicado) primeiro (?:em|no|na) {_SITE}",
    rf"het bericht .{{1,300}} verscheen eerst op {_SITE}|inlägget .{{1,300}} dök först upp på {_SITE}",
    rf"indlægget .{{1,300}} blev først udgivet på {_SITE}|innlegget .{{1,300}} dukket først opp på {_SITE}",
    rf"artykuł .{{1,300}} pochodzi z serwisu {_SITE}|сообщение .{{1,300}} появил(?:ись|ось) сначала на {_SITE}",
    rf"ظهرت (?:المقالة|التدوينة) .{{1,300}} أولاً? على {_SITE}",
)
_STARTS = re.compile(
    r"(?:The (?:post|article|story)|Der (?:Beitrag|Artikel)|L['’]article|Cet article|La entrada"
    r"|L['’]articolo|O (?:post|artigo|conteúdo)|Het bericht|Inlägget|Indlægget|Innlegget|Artykuł|Сообщение|ظهرت)\b"
)
_SENTENCE_BEFORE = re.compile(r"(?:^|(?<=[.!?…\]。\n\"”»)]))\s*\Z")


def without_furniture(paragraphs: Iterable[str], enough: int) -> list[str]:
    """The story's own paragraphs, until there are `enough` characters of them."""
    story: list[str] = []
    length = 0
    for paragraph in paragraphs:
        if kept := _own(paragraph):
            story.append(kept)
            length += len(kept)
        if length >= enough:
            break
    return story


def without_source(text: str) -> str:
    """The text without "The post … appeared first on …" at its end, in the language of the site."""
    before, end = text[:-600], text[-600:]
    for start in _STARTS.finditer(end):
        place = _SENTENCE_BEFORE.search(end, 0, start.start())
        if place and _APPEARED.fullmatch(end[start.start() :].strip()):
            return before + end[: place.start()]
    return text


def is_furniture(text: str) -> bool:
    """Whether a whole paragraph is none of the story's."""
    bare = text.strip(" \t*•·|-–—_[]()<>»«→").rstrip(".!…: ")
    if not bare or len(bare) > MAX_LENGTH:
        return not bare
    return _LABEL.fullmatch(bare) is not None or _is_credit(bare, text) or _is_sentence_of_furniture(bare)


def _is_credit(bare: str, text: str) -> bool:
    is_prose = text.rstrip().endswith((".", "!", "?")) and len(bare.split()) > 8
    return not is_prose and _CREDIT.fullmatch(bare) is not None and _TELLS.search(bare) is None


def _is_sentence_of_furniture(bare: str) -> bool:
    return _STOOD.fullmatch(bare) is not None or (_ASKS.fullmatch(bare) is not None and _TELLS.search(bare) is None)


def _own(paragraph: str) -> str:
    """Without the sentences that are furniture; "" when all are."""
    if is_furniture(paragraph):
        return ""
    kept = []
    start = 0
    for end in sentence_ends(paragraph):
        sentence = paragraph[start:end]
        if sentence == paragraph:
            return paragraph
        start = end
        bare = sentence.strip(" \t\n*•·|-–—").rstrip(".!…: ")
        if not bare or len(bare) > MAX_LENGTH or not _is_sentence_of_furniture(bare):
            kept.append(sentence)
    return "".join(kept).strip()
