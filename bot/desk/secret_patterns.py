"""What secrets look like. Every repetition is bounded, so no text takes more than linear time.

Two kinds of pattern: tokens whose form gives them away wherever they stand, and values that are
secret because of the name or the option in front of them. Group `s` is what must go; without it
the whole match. A value in front of which only a name stands must look chosen, not spoken:
"the password is wrong" tells nothing, "the password is hunter2" does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_START = r"(?<![0-9A-Za-z_])"
"""Kana and Chinese characters, letters for `\\b`, stand beside tokens unspaced."""
_END = r"(?![0-9A-Za-z_])"

_QUOTED = (
    "(?:"
    + "|".join(
        f"{opening}[^{closing}\\n]{{1,256}}{closing}"
        for opening, closing in ('""', "''", "``", "「」", "『』", "“”")
    )
    + ")"
)
_BARE = r"""[!#-&*-/0-;=?-_a-{}~]{4,256}"""
"""Printable ASCII without blanks, quotes and what ends a value in code."""

_NAME = (
    r"(?:[\w.-]{0,40}?(?:password|passwd|passphrase|passcode|pwd|secret[_ -]?(?:access[_ -]?)?key"
    r"|secret|api[_ -]?key|apikey|access[_ -]?key|account[_ -]?key|shared[_ -]?access[_ -]?key"
    r"|private[_ -]?key|encryption[_ -]?key|auth[_ -]?token|access[_ -]?token|refresh[_ -]?token"
    r"|id[_ -]?token|bot[_ -]?token|api[_ -]?token|token|tidbcloud[_ -]?\w{0,30}?key)[\w-]{0,20})"
)
_CJK_NAME = (
    "(?:パスワード|ﾊﾟｽﾜｰﾄﾞ|暗証番号|合言葉|密码|密碼|口令|秘钥|密钥|密鑰|金鑰|令牌|秘密鍵"
    "|シークレット(?:キー)?|トークン|APIキー|アクセスキー)"
)


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """One form of secret. `clues` are lower-case words of which one must stand in the text."""

    kind: str
    clues: tuple[str, ...]
    pattern: re.Pattern[str]
    plausible: Callable[[str], bool] | None = None
    """Says of a found value whether it is one after all."""


def looks_chosen(value: str) -> bool:
    """A value as people or machines choose it: a digit or a sign in it, or case mixed inside."""
    bare = value.strip("\"'`「」『』“”.,;:!?)(")
    if len(bare) < 4 or _PLACEHOLDER.fullmatch(bare):
        return False
    if value[:1] in "\"'`「『“":
        return " " not in bare or any(letter.isdigit() for letter in bare)
    if re.search(r"[0-9@#$%^&*+=~!]", bare):
        return not _HARMLESS.fullmatch(bare)
    return bool(re.search(r"[a-z][A-Z]", bare))


def looks_given(value: str) -> bool:
    """A value after `name=` or `name:`, where nearly anything may be one."""
    bare = value.strip("\"'`「」『』“”.,;")
    return (
        len(bare) >= 4
        and not _PLACEHOLDER.fullmatch(bare)
        and not _HARMLESS.fullmatch(bare)
        and not bare.startswith(("<@", "<#", "http://", "https://", "<http"))
    )


def looks_generated(value: str) -> bool:
    """A value after a name such as token or key: long, and not a word."""
    bare = value.strip("\"'`「」『』“”.,;")
    mixed = re.search(r"[0-9]", bare) or (len(bare) >= 16 and re.search(r"[a-z][A-Z]", bare))
    return len(bare) >= 8 and bool(mixed) and looks_given(bare)


def is_card_number(found: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1), and a length that the card scheme has."""
    digits = [int(letter) for letter in found if letter.isdigit()]
    number = "".join(map(str, digits))
    if len(set(number)) < 2 or not _CARD_SCHEMES.fullmatch(number):
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_CARD_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|62\d{14,17}"
)
_PLACEHOLDER = re.compile(
    r"(?i)[x*•.●_-]{2,}|&lt;.*|<.*>|\{.*\}|(?-i:\$\{?[A-Z][A-Z0-9_]{2,40}\}?)|%\w+%|\[.*\]|(?:my|your|the|some|new|old)?[_-]?"
    r"(?:password|passwd|pass|secret|token|key|value|user|username|here|placeholder|redacted"
    r"|changeme|example)(?:[_-]?here)?|null|none|nil|true|false|undefined|empty|required|optional"
    r"|string|varchar.*|redacted.*|hidden|omitted|masked"
)
_HARMLESS = re.compile(
    r"(?i)(?:expired?|reset|resets|wrong|incorrect|invalid|correct|missing|rotation|rotated|policy"
    r"|changed?|protected|authentication|auth|login|prompt|field|manager|based|required|not|was|is"
    r"|has|have|does|did|will|must|should|and|for|the|that|this|what|which|when|where|your|with"
    r"|from|same|still|already|please|works?|fails?|failed|error|ok|okay|yes|no)"
    r"|os\.environ.*|process\.env.*|env\.\w+|getenv.*|var\.\w+|secrets\.\w+|local\.\w+|data\.\S+"
    r"|config\.\S+|self\.\S+|request\.\S+|args\.\S+"
)


def _named(
    kind: str, clues: tuple[str, ...], pattern: str, plausible: Callable[[str], bool]
) -> SecretPattern:
    return SecretPattern(kind, clues, re.compile(pattern, re.IGNORECASE), plausible)


def _formed(kind: str, clues: tuple[str, ...], pattern: str) -> SecretPattern:
    return SecretPattern(kind, clues, re.compile(_START + f"(?:{pattern})"), None)


CARD_NUMBER = SecretPattern(
    "card_number",
    (),
    re.compile(
        r"(?<![0-9A-Za-z_.:/=-])\d(?:[ \u00a0.\u2010-\u2015-]{0,2}\d){12,18}(?![0-9A-Za-z_])"
    ),
    is_card_number,
)

PATTERNS: tuple[SecretPattern, ...] = (
    # --- tokens known by their form -----------------------------------------------------------
    _formed(
        "aws_key", ("akia", "asia", "abia", "acca"), rf"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{{16}}{_END}"
    ),
    _formed(
        "google_key",
        ("aiza", "gocspx", "ya29."),
        r"AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{24,64}|ya29\.[0-9A-Za-z_.-]{20,512}",
    ),
    _formed(
        "github_token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "glpat"),
        r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,64}",
    ),
    _formed(
        "slack_token",
        ("xox", "xapp", "xwfp", "hooks.slack"),
        r"xox[a-z]?[.-][\w.-]{10,255}|xapp-[\w-]{10,255}|xwfp-[\w-]{10,255}"
        r"|hooks\.slack\.com/(?:services|workflows)/[\w/-]{10,128}",
    ),
    _formed(
        "api_key",
        (
            "sk-",
            "k_live",
            "k_test",
            "whsec_",
            "npm_",
            "pypi-",
            "sg.",
            "hf_",
            "dop_v1",
            "dapi",
            "shpat_",
            "glsa_",
            "hvs.",
            "ltai",
            "akid",
            "tskey",
            "nrak",
        ),
        rf"sk-(?:[a-z]{{2,12}}[0-9]{{0,4}}-){{0,3}}[\w-]{{16,255}}|[prs]k_(?:live|test)_[0-9A-Za-z]{{10,128}}"
        rf"|whsec_[0-9A-Za-z+/=]{{16,128}}|npm_[A-Za-z0-9]{{36}}|pypi-[\w-]{{40,255}}"
        rf"|SG\.[\w-]{{16,64}}\.[\w-]{{16,64}}|hf_[A-Za-z0-9]{{30,64}}|dop_v1_[a-f0-9]{{64}}"
        rf"|dapi[a-f0-9]{{32}}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{{32}}|gl(?:sa|c)_[\w=]{{20,128}}"
        rf"|hv[sb]\.[\w-]{{20,255}}|LTAI[A-Za-z0-9]{{12,26}}{_END}|AKID[A-Za-z0-9]{{28,40}}{_END}"
        rf"|tskey-[\w-]{{20,128}}|NRAK-[A-Z0-9]{{20,40}}",
    ),
    _formed("token", ("eyj",), r"eyJ[\w-]{8,2048}\.[\w-]{8,4096}(?:\.[\w-]{0,1024})?"),
    _formed("token", (":aa",), r"\d{8,10}:AA[\w-]{30,40}"),
    # --- secret by where they stand -----------------------------------------------------------
    _named(
        "password",
        ("://",),  # Slack makes a mail link of `password@host` by itself
        r"://[^\s:/@|<>]{0,128}:(?P<s><mailto:[^\s|>]{1,300}\|[^\s>]{1,256}>)",
        bool,
    ),
    _named(
        "password",
        ("://",),
        r"(?<![a-z])(?!https?:)[a-z][a-z0-9+.-]{1,24}://[^\s:/@<>\"']{0,128}:"
        r"(?P<s>[^\s<>\"'`|]{1,256})@(?=[\w.\[-])",
        lambda value: not _PLACEHOLDER.fullmatch(value),
    ),
    _named(
        "password",
        ("http",),
        r"https?://[^\s:/@<>\"']{1,128}:(?P<s>[^\s/<>\"'`|?]{1,256})@(?=[\w.\[-])",
        lambda value: not _PLACEHOLDER.fullmatch(value),
    ),
    _named(
        "password",
        ("@tcp(", "@unix("),
        r"[\w.-]{1,64}:(?P<s>[^\s\"'`]{1,256})@(?:tcp|unix)\(",
        lambda value: not _PLACEHOLDER.fullmatch(value),
    ),
    _named(
        "password",
        ("--pass", "-pass", "--pw", "--token", "--secret", "--api-key", "--access", "--private"),
        r"(?<!\S)--?(?:[\w-]{0,24}?(?:password|passwd|pass|pwd|token|secret[\w-]{0,12}|api-?key"
        rf"|access-key|private-key))(?:=|\s{{1,3}})(?P<s>{_QUOTED}|(?!-)[^\s\"'`]{{1,256}})",
        looks_given,
    ),
    _named(
        "password",
        (
            "mysql",
            "mariadb",
            "mycli",
            "dumpling",
            "lightning",
            "tiup",
            "sshpass",
            "mydumper",
            "myloader",
            "-u",
        ),
        r"(?:mysql\w{0,12}|mariadb[\w-]{0,12}|mycli|dumpling|(?:tidb-)?lightning|tiup\b|sshpass|my(?:dumper|loader)|(?<!\S)-u)"
        rf"[^\n]{{0,300}}?\s(?-i:-p)(?P<s>{_QUOTED}|[^\s\"'`-][^\s\"'`]{{3,256}})",
        looks_given,
    ),
    _named(
        "password",
        ("dumpling", "sshpass", "myloader", "mydumper", "lightning"),
        rf"(?:dumpling|sshpass|my(?:dumper|loader)|lightning)[^\n]{{0,300}}?\s(?-i:-p)\s{{1,3}}(?P<s>{_QUOTED}|(?!-)[^\s\"'`]{{1,256}})",
        looks_given,
    ),
    _named(
        "password",
        ("redis-cli",),
        rf"redis-cli[^\n]{{0,200}}?\s-a\s{{1,3}}(?P<s>{_QUOTED}|(?!-)\S{{1,256}})",
        looks_given,
    ),
    _named(
        "api_key",
        ("-u", "--user", "--digest", "curl"),
        r"(?<!\S)(?:-u|--user|--proxy-user)(?:=|\s{0,3})[\"'`]?(?P<s>[^\s:\"'`]{1,128}:[^\s\"'`]{1,256})",
        lambda value: (
            not re.fullmatch(r"\d{1,6}:\d{1,6}", value)
            and not _PLACEHOLDER.fullmatch(value.partition(":")[2])
        ),
    ),
    _named(
        "api_key",
        ("private-key", "private_key", "access-key", "secret-key"),
        rf"(?:private|access|secret)[_-]key\s{{1,3}}(?P<s>{_QUOTED}|{_BARE})",
        looks_generated,
    ),
    _named(
        "password",
        ("identified", "set password"),
        rf"(?:identified\s{{1,4}}(?:with\s{{1,4}}\S{{1,40}}\s{{1,4}})?(?:by|as)\s{{1,4}}(?:password\s{{1,4}})?"
        rf"|set\s{{1,4}}password[^\n;=]{{0,100}}=\s{{0,4}}(?:password\s{{0,2}}\(\s{{0,2}})?)(?P<s>{_QUOTED})",
        looks_given,
    ),
    _named(
        "token",
        ("bearer", "authorization"),
        r"(?:bearer|authorization\s{0,2}[:=]\s{0,3}[\"'`]?(?:basic|digest|token|apikey))\s{1,3}"
        r"(?P<s>[0-9a-z._~+/=-]{12,4096})",
        lambda value: bool(re.search(r"[0-9]|[a-z][A-Z]|=$", value)),
    ),
    _named(
        "password",
        ("password", "passwd", "passphrase", "passcode", "pwd"),
        rf"{_START}[\w.-]{{0,40}}?(?:password|passwd|passphrase|passcode|pwd)[\w-]{{0,20}}[\"'`*_]{{0,2}}\s{{0,3}}"
        rf"(?::=|=>|=|:|：|＝)\s{{0,3}}[*_`]{{0,2}}(?P<s>{_QUOTED}|{_BARE})",
        looks_given,
    ),
    _named(
        "api_key",
        ("key", "token", "secret", "sig=", "密钥", "密鑰", "金鑰"),
        rf"{_START}(?:{_NAME}|sig)[\"'`*_]{{0,2}}\s{{0,3}}(?::=|=>|=|:|：|＝)\s{{0,3}}[*_`]{{0,2}}"
        rf"(?P<s>{_QUOTED}|{_BARE})",
        looks_generated,
    ),
    _named(
        "password",
        ("pass", "pwd", "pw", "passcode"),
        rf"{_START}(?:password|passwd|passphrase|passcode|pass|pwd|pw)\b[^\n:=\"'`]{{0,40}}?\s(?:is|was|to|as|=)\s{{1,3}}"
        rf"(?:now\s|still\s|just\s|set\sto\s)?[*_]{{0,2}}(?P<s>{_QUOTED}|{_BARE})",
        looks_chosen,
    ),
    _named(
        "password",
        ("pw", "pass", "creds", "login", "credential"),
        rf"{_START}(?:pw|pass|creds?|credentials?|logins?)\s{{0,2}}(?:=|:|：)\s{{0,3}}[*_`]{{0,2}}(?P<s>{_QUOTED}|{_BARE}(?:\s?/\s?{_BARE})?)",
        looks_chosen,
    ),
    _named(
        "api_key",
        ("key", "token", "secret"),
        rf"{_START}{_NAME}\b[^\n:=\"'`]{{0,40}}?\s(?:is|was|to|as)\s{{1,3}}[*_]{{0,2}}(?P<s>{_QUOTED}|{_BARE})",
        lambda value: looks_generated(value) and looks_chosen(value),
    ),
    _named(
        "password",
        (
            "パスワード",
            "ﾊﾟｽﾜｰﾄﾞ",
            "暗証",
            "合言葉",
            "密码",
            "密碼",
            "口令",
            "钥",
            "鑰",
            "キー",
            "トークン",
            "秘密鍵",
            "令牌",
            "シークレット",
        ),
        rf"{_CJK_NAME}[^\n「『\"'`“!-~]{{0,16}}?(?:は|が|を|是|为|為|:|：|=|＝|改成|设为|設為|设成|に)?\s{{0,3}}[*_`]{{0,2}}"
        rf"(?P<s>{_QUOTED}|{_BARE})",
        looks_chosen,
    ),
)

AWS_SECRET = re.compile(r"(?<![0-9A-Za-z+/=])[0-9A-Za-z+/]{40}(?![0-9A-Za-z+/=])")
"""Taken for the other half only where an AWS access key stands in the same text."""

CLUES: tuple[tuple[str, frozenset[int]], ...] = tuple(
    (clue, frozenset(number for number, one in enumerate(PATTERNS) if clue in one.clues))
    for clue in dict.fromkeys(clue for one in PATTERNS for clue in one.clues)
)
"""Each clue and the places of the patterns it calls for."""
