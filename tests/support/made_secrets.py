"""Secrets that never were: made from parts at run time, so that no scanner takes them for real."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_WORD = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_SIGNS = "!#$%^*+=~"


@dataclass(frozen=True, slots=True)
class Made:
    """`secret` must not be left in `text`."""

    text: str
    secret: str
    kind: str


class Maker:
    """Makes one secret of each form on demand; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def _of(self, letters: str, count: int) -> str:
        return "".join(self._chance.choice(letters) for _ in range(count))

    def password(self) -> str:
        body = [*self._of(_WORD, 7), self._chance.choice(string.digits)]
        if self._chance.random() < 0.5:
            body.append(self._chance.choice(_SIGNS))
        self._chance.shuffle(body)
        return "".join(body)

    def card(self) -> str:
        prefix, length = self._chance.choice(
            [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("34", 15), ("6011", 16),
             ("65", 16), ("3528", 16), ("36", 14), ("62", 16)]
        )  # fmt: skip
        digits = prefix + self._of(string.digits, length - len(prefix) - 1)
        total = 0
        for place, digit in enumerate(reversed(digits)):
            doubled = int(digit) * (2 if place % 2 == 0 else 1)
            total += doubled - 9 if doubled > 9 else doubled
        number = digits + str(-total % 10)
        gap = self._chance.choice(["", " ", "-"])
        parts = [number[at : at + 4] for at in range(0, len(number), 4)]
        written = gap.join(parts)
        if self._chance.random() < 0.15:
            written = written.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
        return written

    def token(self) -> tuple[str, str]:
        """A token known by its form, and its kind."""
        word, upper, digits = _WORD, _UPPER, string.digits
        made: list[tuple[Callable[[], str], str]] = [
            (lambda: "AK" + "IA" + self._of(upper, 16), "aws_key"),
            (lambda: "AS" + "IA" + self._of(upper, 16), "aws_key"),
            (lambda: "AI" + "za" + self._of(word + "_-", 35), "google_key"),
            (lambda: "GOC" + "SPX-" + self._of(word, 28), "google_key"),
            (lambda: "gh" + "p_" + self._of(word, 36), "github_token"),
            (lambda: "github" + f"_pat_{self._of(word, 22)}_{self._of(word, 9)}", "github_token"),
            (lambda: "gl" + "pat-" + self._of(word, 20), "github_token"),
            (lambda: "xo" + f"xb-{self._of(digits, 12)}-{self._of(word, 24)}", "slack_token"),
            (lambda: "xa" + f"pp-1-A{self._of(upper, 10)}-{self._of(word, 40)}", "slack_token"),
            (lambda: "sk" + "-" + self._of(word, 48), "api_key"),
            (lambda: "sk" + "-proj-" + self._of(word + "_-", 80), "api_key"),
            (lambda: "sk" + "_live_" + self._of(word, 24), "api_key"),
            (lambda: "npm" + "_" + self._of(word, 36), "api_key"),
            (lambda: "SG" + f".{self._of(word, 22)}.{self._of(word, 43)}", "api_key"),
            (lambda: "LT" + "AI" + self._of(word, 20), "api_key"),
            (self._jwt, "token"),
        ]
        make, kind = self._chance.choice(made)
        return make(), kind

    def _jwt(self) -> str:
        def part(value: object) -> str:
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

        head = part({"alg": "HS256", "typ": "JWT"})
        body = part({"sub": self._of(string.digits, 8), "iat": 1_790_000_000})
        return f"{head}.{body}.{self._of(_WORD + '_-', 43)}"

    def private_key(self) -> tuple[str, str]:
        """A whole PEM block, and a line of its body."""
        name = self._chance.choice(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
        lines = [self._of(_WORD + "+/", 64) for _ in range(self._chance.randint(2, 12))]
        label = f"{name}PRIVATE" + " KEY"
        return f"-----BEGIN {label}-----\n" + "\n".join(lines) + f"\n-----END {label}-----", lines[
            1
        ]

    def placed_password(self) -> tuple[str, str]:
        """A password where programs and people put it: the text, and the password."""
        word = self.password()
        user, host = self._of(string.ascii_lowercase, 6), "gateway01.eu-central-1.example.com"
        at = self._chance.choice(["", "@", "@x"])
        places = [
            (f"mysql://{user}.root:{word}{at}@{host}:4000/app", word),
            (f"mysql+pymysql://{user}:{word}{at}@{host}:4000/app?ssl_ca=x", word),
            (f"postgresql://{user}:{word}@{host}/app", word),
            (f"mongodb+srv://{user}:{word}@{host}", word),
            (f"redis://:{word}@{host}:6379/0", word),
            (f"https://{user}:{word}@{host}/v1/clusters", word),
            (f"jdbc:mysql://{host}:4000/app?user={user}&password={word}", word),
            (f"{user}:{word}@tcp({host}:4000)/app?tls=tidb", word),
            (f"mysql -h {host} -P 4000 -u '{user}.root' -p'{word}' -D app", word),
            (f"mysql -h {host} -u {user} -p{word}", word),
            (f"mysqldump --host={host} --user={user} --password={word} app", word),
            (f"mysql --password '{word}' -h {host}", word),
            (f"tiup dumpling -h {host} -P 4000 -u {user} -p {word} -o /tmp/d", word),
            (f"DB_PASSWORD={word}", word),
            (f'export MYSQL_PWD="{word}"', word),
            (f'{{"user": "{user}", "password": "{word}"}}', word),
            (f"password: {word}", word),
            (f"PASSWORD = '{word}'", word),
            (f"spring.datasource.password={word}", word),
            (f"CREATE USER '{user}'@'%' IDENTIFIED BY '{word}';", word),
            (f"ALTER USER root IDENTIFIED WITH mysql_native_password BY '{word}'", word),
            (f"SET PASSWORD FOR '{user}'@'%' = '{word}';", word),
            (f"the password is {word}", word),
            (f"my password for {user} is {word}", word),
            (f"pw: {word}", word),
            (f"パスワードは {word} です", word),
            (f"パスワード：{word}", word),
            (f"パスワードは「{word}」です", word),
            (f"root の パスワードを {word} にしました", word),
            (f"密码是 {word}", word),
            (f"密码：{word}", word),
            (f"root密码改成{word}了", word),
            (f"密碼為 {word}", word),
        ]
        return self._chance.choice(places)

    def placed_key(self) -> tuple[str, str]:
        """A key of TiDB Cloud or of another service by its name: the text, and the key."""
        public, private = self._of(_UPPER, 8), self._uuid()
        secret = self._of(_WORD + "+/", 40)
        places = [
            (f"TIDBCLOUD_PRIVATE_KEY={private}", private),
            (f'export TIDBCLOUD_PRIVATE_KEY="{private}"', private),
            (f"public_key = {public}\nprivate_key = {private}", private),
            (f'provider "tidbcloud" {{\n  private_key = "{private}"\n}}', private),
            (f"private key: {private}", private),
            (f"curl --digest --user '{public}:{private}' --request GET", private),
            (f"curl --digest -u {public}:{private} https://api.example.com/v1", private),
            (f"ticloud config set private-key {private}\nprivate-key: {private}", private),
            (f"aws_secret_access_key = {secret}", secret),
            (f"AWS_SECRET_ACCESS_KEY={secret}", secret),
            (f"secretAccessKey: '{secret}'", secret),
            (f"Authorization: Bearer {secret}", secret),
            (f"-H 'Authorization: Bearer {secret}'", secret),
            (f"api_key={secret}", secret),
            (f'"apiKey": "{secret}"', secret),
            (f"access_token: {secret}", secret),
            (f"client_secret={secret}", secret),
            (f"AccountKey={secret}{secret}==", secret),
            (f"API key is {secret}", secret),
            (f"APIキーは {secret} です", secret),
            (f"密钥：{secret}", secret),
        ]  # fmt: skip
        return self._chance.choice(places)

    def _uuid(self) -> str:
        return "-".join(self._of("0123456789abcdef", count) for count in (8, 4, 4, 4, 12))


_AROUND = (
    "Hi team, we cannot connect any more. {} – can you have a look?",
    "{}",
    "this is what I run: `{}` and it says access denied since 9:40",
    "our config:\n```{}```\nplease check",
    "お世話になっております。接続できません。\n{}\nご確認をお願いいたします。",
    "設定はこちらです：{} よろしくお願いします",
    "您好，连不上数据库了。{} 麻烦看一下",
    "配置如下：\n{}\n帮忙确认下，谢谢",
    "連線設定在這裡 {} 再麻煩了",
)


def made_secrets(count: int, seed: int = 7) -> Iterator[Made]:
    """`count` messages in three languages, each with one secret in it."""
    maker, chance = Maker(seed), random.Random(seed + 1)
    for number in range(count):
        around = chance.choice(_AROUND)
        match number % 5:
            case 0:
                inside = secret = maker.card()
                kind = "card_number"
            case 1:
                inside, kind = maker.token()
                secret = inside
            case 2:
                inside, secret = maker.private_key()
                kind = "private_key"
            case 3:
                inside, secret = maker.placed_password()
                kind = "password"
            case _:
                inside, secret = maker.placed_key()
                kind = ""
        yield Made(around.format(inside), secret, kind)
