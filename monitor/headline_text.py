"""A headline without its wrapping: wire prefixes, outlet names, ticker tags, links."""

from __future__ import annotations

import re
import unicodedata

_PREFIX_WORDS = (
    "UPDATE|WRAPUP|RPT|REPEAT|REFILE|CORRECTED|CORRECTION|CORRECTED-OFFICIAL|BRIEF|EXCLUSIVE|"
    "BREAKING|BREAKING NEWS|BREAKINGVIEWS|JUST IN|ALERT|URGENT|FLASH|DEVELOPING|INSTANT VIEW|"
    "RECAP|ADVISORY|CLARIFICATION|PRESS RELEASE|NEWS|WATCH|VIDEO|DEALTALK|INSIGHT|ANALYSIS|FOCUS|"
    "US STOCKS|US STOCKS SNAPSHOT|GLOBAL MARKETS|CANADA STOCKS|EMERGING MARKETS|FOREX|TREASURIES|"
    "PRECIOUS|METALS|MARKET PULSE|BUZZ|TEXT|MOVES|STXNEWS LATAM|TABLE|PREVIEW"
)
_PREFIX = re.compile(
    rf"^(?:(?:{_PREFIX_WORDS})\s*\d{{0,2}}\s*(?:[-–—:|]|\.{{3}}|…)\s*)+(?=\S)"
    rf"|^(?:(?i:exclusive|breaking|breaking news|just in|update|updated|alert|urgent|watch|video)"
    rf"(?:\s+\d{{1,2}})?\s*(?::|\s[-–—|])\s*)+(?=\S)"
)
_OUTLETS = (
    "reuters|bloomberg|ft|financial times|wsj|the wall street journal|wall street journal|cnbc|"
    "cnn|cnn business|bbc|bbc news|ap|ap news|associated press|afp|dow jones|marketwatch|barron's|"
    "barrons|forbes|fortune|nikkei|nikkei asia|the guardian|guardian|the economist|economist|nyt|"
    "the new york times|new york times|washington post|the washington post|axios|politico|"
    "business insider|insider|yahoo|yahoo finance|investing\\.com|seeking alpha|benzinga|zacks|"
    "the motley fool|motley fool|investor's business daily|thestreet|quartz|the verge|techcrunch|"
    "coindesk|cointelegraph|decrypt|the block|sky news|the telegraph|telegraph|the times|usa today|"
    "los angeles times|la times|fox business|fox news|nbc news|cbs news|abc news|al jazeera|dw|"
    "handelsblatt|les echos|xinhua|caixin|scmp|south china morning post|the hindu|"
    "economic times|the economic times|mint|livemint|moneycontrol|business standard|"
    "globe and mail|the globe and mail|kitco|kitco news|fxstreet|dailyfx|pr newswire|prnewswire|"
    "business wire|businesswire|globenewswire|accesswire"
)
_ATTRIBUTIONS = (
    "sources?|source says|sources say|report|reports|media|media reports?|local media|state media|"
    "state tv|paper|newspaper|newspapers|magazine|press|filing|statement|memo|document|documents|"
    "survey|poll|study|data|official|officials|spokesman|spokesperson|spokeswoman|analysts?|"
    "reuters poll|minister|ceo|company|police|court|regulator|regulators"
)
_SUFFIX = re.compile(
    rf"(?:\s+[-–—|:•·]\s*|\s*[-–—]\s+)(?:(?:{_OUTLETS})(?:\.com)?|(?:{_ATTRIBUTIONS})"
    rf"|by (?:{_OUTLETS})|[\w-]+\.(?:com|org|net|co\.uk))\.?$"
    r"|-(?:sources?|report|paper|media|wsj|ft|cnbc|bloomberg)$",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^(.{12,})\s[|•·]\s[^|•·]{2,30}$")
_LINK = re.compile(r"(?:https?://|www\.|t\.co/|bit\.ly/)\S+", re.IGNORECASE)
_TICKER = re.compile(
    r"\s*(?:\((?:[A-Za-z]{2,8}\s*:\s*)?\$?[A-Z]{1,6}(?:[.:][A-Z]{1,4})?\)"
    r"|<\^?[A-Z0-9.=]{1,12}>|\[[A-Z]{1,6}(?:/[A-Z]{0,6})?\]|\$[A-Z]{1,6}(?:\.[A-Z]{1,2})?\b)"
)
_HANDLE = re.compile(r"(?<!\w)(?:via\s+)?@\w+")


def bare(title: str) -> str:
    """`title` in its own letters, without what outlets and wires wrap around it.

    bare(bare(title)) == bare(title): stored texts give the same signature again.
    """
    text = unicodedata.normalize("NFKC", title[:1_000]).replace("’", "'").replace("‘", "'")
    for _ in range(8):
        stripped = _once(text)
        if stripped == text:
            break
        text = stripped
    return text


def _once(text: str) -> str:
    text = " ".join(_LINK.sub(" ", text).split())
    text = _or_whole(_HANDLE.sub(" ", text), text)
    text = _or_whole(_TICKER.sub(" ", text), text)
    text = _or_whole(_PREFIX.sub("", text), text)
    text = _or_whole(_SUFFIX.sub("", text), text)
    text = _or_whole(_SECTION.sub(r"\1", text), text)
    return " ".join(text.split()).strip(" -–—|:;,")


def _or_whole(stripped: str, whole: str) -> str:
    """Wrapping is only wrapping while a headline is left inside: three words, or Chinese."""
    if stripped == whole:
        return whole
    enough = len(stripped.split()) >= 3 or any(letter >= "\u3040" for letter in stripped)
    return stripped if enough else whole
