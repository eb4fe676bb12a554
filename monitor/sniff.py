"""What a document is, before anybody tries to parse it: opened, decoded, named."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import Literal

from monitor.errors import ParseError

MAX_OPENED = 64_000_000  # bytes out of one gzip'd body
_HEAD = 65_536  # a document type with entities may come before the first element

_FEED_ROOT = re.compile(r"<(?:\w+:)?(rss|RDF|feed|urlset|sitemapindex|opml|channel)[\s>/]")
_FIRST_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)")
_HTML = re.compile(r"<(?:!doctype\s+html|html)[\s>]", re.I)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.I)
_ALTERNATE = re.compile(
    r"<link\b[^>]*type=[\"']?application/(?:rss|atom|feed)\+(?:xml|json)[^>]*>", re.I
)
_HREF = re.compile(r"href=[\"']?([^\"'\s>]+)", re.I)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_MAGIC = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PK\x03\x04": "a ZIP archive",
    b"\x28\xb5\x2f\xfd": "Zstandard-compressed data",
    b"BZh": "bzip2-compressed data",
    b"\xfd7zXZ": "XZ-compressed data",
}
_CAPTURE = re.compile(r"b?(['\"])(?:\\n|\s)*<")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(['\"\\nrt]))")
_LETTER = {"n": "\n", "r": "", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a known kind. `charset` is "" where feedparser shall find it out."""

    kind: Literal["feed", "json", "sitemap"]
    body: bytes
    charset: str
    note: str


def sniff(document: bytes, content_type: str) -> Document:
    """What `document` is; ParseError with a word on what it is instead of a feed."""
    body = opened(document)
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise ParseError(f"{name}, not a feed")
    if not body.strip(b" \t\r\n\x00"):
        raise ParseError("an empty document" if not document else "a document of blanks only")
    body, charset = _decoded(body, content_type)
    head, note = _head(body, charset), ""
    if head.startswith(("{", "[")):
        return Document("json", body, charset, "")
    if charset == "utf-8" and _CAPTURE.match(head):
        body, note = _from_capture(body.decode("utf-8").lstrip("\ufeff \t\r\n"))
        head = _head(body, charset)
    return Document(_kind(head), body, charset, note)


def _head(body: bytes, charset: str) -> str:
    return body[:_HEAD].decode(charset or "latin-1", "replace").lstrip("\ufeff \t\r\n")


def opened(document: bytes) -> bytes:
    """`document` out of its gzip layers; ParseError if broken or more than MAX_OPENED bytes."""
    for _ in range(3):
        if not document.startswith(b"\x1f\x8b"):
            break
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(document)) as stream:
                document = stream.read(MAX_OPENED + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ParseError(f"broken gzip data ({error})") from None
        if len(document) > MAX_OPENED:
            raise ParseError(f"gzip data that opens to more than {MAX_OPENED} bytes")
    return document


def _decoded(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The body and its charset: what decodes as UTF-8 is UTF-8, whatever a header says."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in body[:4]:
        return _from_wide(body)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(body, content_type)
    return body.replace(b"\x00", b""), "utf-8"


def _from_wide(body: bytes) -> tuple[bytes, str]:
    for charset in ("utf-32", "utf-16", "utf-16-be", "utf-16-le"):
        try:
            text = body.decode(charset)
        except UnicodeDecodeError:
            continue
        if "<" in text[:_HEAD] or "{" in text[:_HEAD]:
            text = re.sub(r"^(\s*<\?xml[^>]*?)\s+encoding=[\"'][^\"']*[\"']", r"\1", text)
            return text.lstrip("\ufeff").encode("utf-8", "replace"), "utf-8"
    raise ParseError("binary data, not a feed")


def _not_quite_utf8(body: bytes, content_type: str) -> tuple[bytes, str]:
    """A few broken bytes in UTF-8 become U+FFFD: guessing another charset would spoil the rest."""
    text = body.decode("utf-8", "replace")
    broken, foreign = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    if broken <= 0.1 * foreign:
        return text.replace("\x00", "").encode("utf-8"), "utf-8"
    stated = _CHARSET.search(content_type)
    if sum(byte < 9 for byte in body[:_HEAD]) > _HEAD // 100:
        raise ParseError("binary data, not a feed")
    if stated and not _DECLARED.match(body) and stated[1].lower() not in ("utf-8", "utf8"):
        return body, stated[1] if _is_charset(stated[1]) else ""
    return body, ""


def _is_charset(name: str) -> bool:
    try:
        b"".decode(name)
    except (LookupError, ValueError):
        return False
    return True


def _from_capture(text: str) -> tuple[bytes, str]:
    """A Python string literal instead of the document itself: `str(response.content)`, saved."""
    quote = text.removeprefix("b")[0]
    bare = text[text.index("<") :].rstrip().removesuffix(quote)
    mended = _ESCAPE.sub(_unescape, bare)
    try:
        body = mended.encode("latin-1")  # bytes shown as characters
        body.decode("utf-8")
    except UnicodeError:
        body = mended.encode("utf-8", "replace")
    return body, "a string literal around the document was undone"


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _LETTER.get(match[3], match[3])


def _kind(head: str) -> Literal["feed", "sitemap"]:
    root, page = _FEED_ROOT.search(head), _HTML.search(head)
    if page and (not root or page.start() < root.start()):
        raise ParseError(_about_page(head))
    if root is None:
        raise ParseError(_about_rest(head))
    if root[1] == "sitemapindex":
        raise ParseError("a sitemap index, which only lists other sitemaps; watch one of those")
    if root[1] == "opml":
        raise ParseError("an OPML list of feeds; import it with `downdraft feeds import`")
    return "sitemap" if root[1] == "urlset" else "feed"


def _about_page(head: str) -> str:
    title = _TITLE.search(head)
    link = _ALTERNATE.search(head)
    href = _HREF.search(link[0]) if link else None
    words = "an HTML page"
    if title:
        words += f" ({' '.join(title[1].split())[:80]!r})"
    return f"{words}; its feed is at {href[1][:200]}" if href else f"{words}, not a feed"


def _about_rest(head: str) -> str:
    tag = _FIRST_TAG.search(head)
    if tag is None:
        return f"text that is no feed, beginning {' '.join(head.split())[:60]!r}"
    kind = "XML that is no feed" if head.lstrip().startswith("<") else "text that is no feed"
    return f"{kind}: its first element is <{tag[1][:60]}>"
