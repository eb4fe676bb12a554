"""URLs as identities: one address for one article, one outlet key for one publisher."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

# Parameters that say how a reader came, not what is read. Each was seen in a real feed.
_TRACKING_WORDS = (
    "fbclid gclid dclid msclkid yclid igshid twclid mc_cid mc_eid mkt_tok _ga cmpid cmp ncid ocid "
    "smid smtyp emc ftag mod srnd sref traffic_source maca wt_mc wtmc xtor ito spm "
    "ns_campaign ns_mchannel ns_source guccounter guce_referrer guce_referrer_sig"
)
_TRACKING = frozenset(_TRACKING_WORDS.split())
_TRACKING_PREFIXES = ("utm_", "at_", "pk_", "mtm_", "hsa_")
_ONLY_AS_RSS = frozenset({"source", "ref", "partner", "from", "feed"})
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Two-level public suffixes that financial outlets use, and hosts that lend a name to each tenant.
# europa.eu is here so that ecb.europa.eu and esma.europa.eu stay two institutions.
_SUFFIXES = (
    "co.uk org.uk ac.uk gov.uk com.au net.au org.au gov.au co.nz govt.nz co.jp or.jp ne.jp go.jp "
    "co.kr or.kr go.kr com.cn net.cn org.cn gov.cn com.hk gov.hk com.sg gov.sg com.tw gov.tw "
    "co.in gov.in org.in com.br gov.br com.mx gob.mx com.ar com.tr gov.tr co.za gov.za com.my "
    "gov.my co.id go.id co.th or.th com.ph gov.ph com.vn com.pk gov.pk com.sa gov.sa co.il gov.il "
    "com.ua com.ng com.eg gc.ca qc.ca on.ca europa.eu admin.ch blogspot.com wordpress.com "
    "substack.com tumblr.com typepad.com github.io medium.com"
)
_TWO_LEVEL = frozenset(_SUFFIXES.split())
_DELIVERY_LABELS = frozenset({"www", "feeds", "rss", "m"})
_SAME_OUTLET = {
    "bbci.co.uk": "bbc.co.uk",
    "bbc.com": "bbc.co.uk",
    "nyt.com": "nytimes.com",
    "dj.com": "wsj.com",
    "reutersmedia.net": "reuters.com",
    "bwbx.io": "bloomberg.com",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def canonical(url: str, base: str = "") -> str:
    """The absolute http(s) address of an article, freed of what does not identify it.

    Scheme and host in lower case, default port, fragment and tracking parameters off; the other
    parameters keep their order. "" for what is no http(s) address. Never raises.
    """
    if not url.strip():  # joined to a base it would become the base
        return ""
    try:
        parts = urlsplit(urljoin(base, _CONTROL.sub("", url).strip()))
        host, port = _host(parts), parts.port
    except ValueError:  # bad port, bad IPv6 literal, characters that NFKC forbids in hosts
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ""
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = _without_tracking(parts.query)
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if " " in host:
        return ""
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("ascii").decode()
    except UnicodeEncodeError:
        return host.encode("idna").decode()  # UnicodeError is a ValueError: the caller's ""


def _without_tracking(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_tracking(name.lower(), value)]
    if len(kept) == len(pairs):  # untouched: keep the publisher's own spelling
        return quote(query, safe="%/?:@!$&'()*+,;=~-._[]|")
    return urlencode(kept)


def _is_tracking(name: str, value: str) -> bool:
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    return name in _ONLY_AS_RSS and value.lower() in {"rss", "feed", "rss_feed", "rssfeed"}


def host_of(url: str) -> str:
    """The server that a URL leads to: name, and port unless it is a default one; "" for none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return host if port in (None, *_DEFAULT_PORTS.values()) else f"{host}:{port}"


def origin(url: str) -> str:
    """The outlet behind an article's or a feed's address, e.g. "nytimes.com", "ecb.europa.eu".

    Registrable domain by a small built-in list of suffixes; a service that publishes for others
    under one name (FeedBurner, a bridge on a bare address) is told apart by its first path part.
    "" for what is no http(s) address.
    """
    parts = urlsplit(canonical(url))
    host = parts.hostname or ""
    if _is_address(host):
        return f"{parts.netloc}{_first_folder(parts.path)}"
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in _DELIVERY_LABELS:
        labels = labels[1:]
    depth = 3 if ".".join(labels[-2:]) in _TWO_LEVEL else 2
    domain = ".".join(labels[-depth:])
    if domain == "feedburner.com":
        return domain + _first_folder(parts.path + "/")
    return _SAME_OUTLET.get(domain, domain)


def fetchable(url: str) -> str:
    """A feed's address as it is fetched; "" for what is neither http(s) nor feed:, which readers'
    links begin with and which means http."""
    given = url.strip()
    if given[:5].lower() == "feed:":
        given = given[5:] if "://" in given[5:] else f"http:{given[5:]}"
    return given if canonical(given) else ""


def without_secrets(url: str) -> str:
    """`url` without user, password and query: publishers put subscribers' keys there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no usable address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def feed_name(url: str) -> str:
    """What a feed is called that nobody has named: its address without secrets, told apart from
    others that differ in those alone."""
    shown = without_secrets(url)
    if shown == url:
        return url
    return f"{shown} ({hashlib.sha256(url.encode()).hexdigest()[:4]})"


def _is_address(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _first_folder(path: str) -> str:
    folder, slash, _ = path.lstrip("/").partition("/")
    return f"/{folder.lower()}" if folder and slash else ""
