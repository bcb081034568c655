"""Bytes of unknown encoding → text. A declaration is a hint, the bytes are the proof (RFC 7303 §3, and what feeds really do)."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Encodings that a page or feed may declare. UTF-7 and Python's own codecs are not among them on purpose.
_KNOWN = re.compile(
    r"(utf-?(8|16|32)([-_]?[lb]e)?|(us-)?ascii|(iso-?)?8859-\d+|latin-?\d+|(windows|cp)-?\d{3,4}|koi8-[rut]"
    r"|shift[_-]?jis|sjis|euc-?(jp|kr)|iso-2022-(jp|kr)|gb(k|2312|18030)|big5(-?hkscs)?|tis-620|mac-?(roman|cyrillic))",
    re.IGNORECASE,
)
_IN_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{1,40})")
_IN_HTML = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]"
)  # in XML 1.0 §2.2, or of no use

_ILLEGAL_BYTES = bytes(n for n in range(128) if _ILLEGAL.match(chr(n)))
_ILLEGAL_MARKS = ("\ufeff".encode(), "\ufffe".encode(), "\uffff".encode())


def decode(content: bytes, charset: str = "") -> tuple[str, str]:
    """The text, and a note ("" when all is well). `charset` is what HTTP declared. Never raises; never loses a whole text.

    Characters that XML cannot hold are left out, and line ends are as they were.
    """
    text, note = _decode(content, charset)
    return _ILLEGAL.sub("", text) if _may_be_illegal(text) else text, note


def _may_be_illegal(text: str) -> bool:
    """What hardly any text has is seen much faster in its bytes."""
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return True
    if len(content.translate(None, _ILLEGAL_BYTES)) < len(content):
        return True
    return not text.isascii() and any(mark in content for mark in _ILLEGAL_MARKS)


def _decode(content: bytes, charset: str) -> tuple[str, str]:
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace"), ""
    if wide := _wide(content):
        return content.decode(wide, "replace"), ""
    declared = [name for name in (charset, _declared(content)) if _KNOWN.fullmatch(name)]
    seven_bit = [name for name in declared if name.lower().startswith("iso-2022")]  # its bytes are always good UTF-8
    for name in (*seven_bit, "utf-8", *declared):
        text = _strictly(content, name)
        if text is not None:
            return text, _note(content, declared, name)
    return _leniently(content), "Its characters are in no encoding that it declares; some may be wrong."


def _wide(content: bytes) -> str:
    """UTF-16 without its mark, as XML and HTML give it away by their first character (XML 1.0 appendix F)."""
    if content.startswith(b"<\x00"):
        return "utf-16-le"
    return "utf-16-be" if content.startswith(b"\x00<") else ""


def _declared(content: bytes) -> str:
    head = content[:2_048]
    match = _IN_XML.search(head) or _IN_HTML.search(head)
    return match[1].decode("ascii") if match else ""


def _strictly(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _leniently(content: bytes) -> str:
    """UTF-8 with a few broken bytes stays UTF-8; anything else is read as the most common encoding of the West."""
    text = content.decode("utf-8", "replace")
    non_ascii = sum(byte > 127 for byte in content)
    return text if text.count("�") * 4 <= non_ascii else content.decode("cp1252", "replace")


def _note(content: bytes, declared: list[str], used: str) -> str:
    if not declared or content.isascii() or codecs.lookup(declared[0]).name == codecs.lookup(used).name:
        return ""
    return f"It says that it is in {declared[0]}, but it is in {used}."
