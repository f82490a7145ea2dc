"""Which of the three languages a message is in, by script and by a few telling words.

Names of products stand in Latin letters in all three languages, so Latin words alone do not make a
message English; its small words do. Kanji-only text may be Japanese or Chinese: characters that
only one of the two writes decide, then typical words, then what is known of the channel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.desk.meaning import Language
from bot.understanding.han_variants import SIMPLIFIED
from bot.understanding.normalise import Plain
from bot.understanding.tokens import KANA, Token

_SMALL_ENGLISH = (
    "a about an and any anyone are as ask at be been being but by can can't could did do does "
    "don't for from get had has have hello help her here hey hi how i i'd i'm if in is it it's "
    "its just let me my need no not of on or our pls please should so some someone still than "
    "thanks that the their them then there these they this to up us want was we we'd we're were "
    "what when where which while who why will with would you your"
)
_ROMANISED = (
    "arigatou arigato desu desuka deshita doumo gomen gomennasai gozaimasu hayaku kudasai masen "
    "mashita masuka nihongo onegai onegaishimasu shimasu shitai sumimasen tasukete tsunagaranai "
    "tsunagarimasen ugokanai ugokimasen wakarimasen zenzen"
)
_ENGLISH = frozenset(_SMALL_ENGLISH.split())
_ROMANISED_JAPANESE = frozenset(_ROMANISED.split())
_ROMANISED_CHINESE = frozenset(
    ("bangmang", "meiyou", "nihao", "qingwen", "weishenme", "xiexie", "zenme")
)

_JAPANESE_ONLY = frozenset(
    "込働峠畑辻枠塀匂栃搾腺圧囲駅円応桜価仮画拡楽渇勧関顔気帰偽拠挙恵掲渓経継茎蛍軽鶏芸撃県倹剣"
    "険圏検権顕験厳広恒鉱済砕斎剤雑桟蚕賛残糸児辞湿実写釈収従渋獣縦粛処緒焼奨将渉証乗剰壌嬢条浄畳"
    "蒸譲醸触嘱図粋酔穂随髄枢数瀬斉声静摂窃専戦浅潜践銭繊薦遷禅挿捜掃巣荘装総騒増蔵臓属続堕対帯滞"
    "択沢単担胆団弾断遅昼鋳庁聴鎮逓鉄転伝稲闘読届軟弐悩脳覇廃拝輩髪抜秘浜瓶払仏併塀変辺弁穂宝豊黙"
    "戻薬訳予余与誉揺様謡覧頼乱竜虜両猟緑塁涙励礼霊齢恋炉労録湾発売歩毎黒呉横歳渇楼"
) - frozenset("画数将断処声静装余与礼霊齢数帯随予仮恒残写斉并辞条仏")
_CHINESE_ONLY = frozenset(chr(code) for code in SIMPLIFIED.values()) - frozenset(
    "国会学点来体号当麦万台礼双声随写尽医区虫旧与并灯炉画断条乱宝并双党独参寿盗余蚕辞静将虽弥触証数"
    "担胆献师机里后只面系干才制准松沖云術占布卹回広気塩経気几丑叶吁征致采余游谷仆斗"
)  # what Japan simplified the same way, or writes anyway

_JAPANESE_WORDS = re.compile(
    "至急|確認|接続|障害|復旧|解約|契約|希望|請求書|領収書|見積|依頼|不可|担当|御社|弊社|貴社|宜敷"
    "|了解|承知|本番|検証|環境|停止|対応|料金|追加|変更|申請|上記|下記|状況|進捗|報告|無料|有料|様"
)
_CHINESE_WORDS = re.compile(
    "[的了吗嗎呢吧啊我你您们們这這那没沒什么麼怎哪谁誰很请請问問帮幫给給让讓还還个個咗嘅唔係]"
    "|不能|不了|可以|是否|如何|工单|工單|集群|支持|账|賬|帳號|发票|發票|升级|升級|降级|降級|人工|客服"
)
_CODE = re.compile("\ue005.*?\ue005|`[^`]*`", re.DOTALL)
_KANA = re.compile(f"[{KANA}]")
_HIRAGANA = re.compile("[\u3041-\u3096]")

_PER_SMALL_WORD = 3.0
"""East Asian characters that weigh as much as one small English word."""
_PER_OTHER_WORD = 0.6
_ASIAN_SHARE = 0.3


def language_of(read: Plain, tokens: Sequence[Token], hint: Language | None = None) -> Language:
    """The language a person would answer in. `hint` decides what the text leaves open."""
    words = [token.text for token in tokens if token.kind == "word"]
    asian = "".join(
        read.folded[token.start : token.end] for token in tokens if token.kind == "asian"
    )
    if not asian:
        return _latin(words, hint)
    small = sum(word in _ENGLISH for word in words)
    latin = _PER_SMALL_WORD * small + _PER_OTHER_WORD * (len(words) - small)
    if small and len(asian) < _ASIAN_SHARE * (len(asian) + latin):
        return "en"
    prose = _CODE.sub(" ", read.written)
    return _asian(prose if not set(prose).isdisjoint(asian) else asian, hint)


def _latin(words: Sequence[str], hint: Language | None) -> Language:
    for signs, language in ((_ROMANISED_JAPANESE, "ja"), (_ROMANISED_CHINESE, "zh")):
        if sum(word in signs for word in words) * 4 > len(words):
            return "ja" if language == "ja" else "zh"
    if not words and hint is not None:
        return hint
    return "en"


def _asian(text: str, hint: Language | None) -> Language:
    kana = _KANA.findall(text)
    chinese = sum(letter in _CHINESE_ONLY for letter in text)
    if kana and not (set(kana) <= {"の"} and (chinese or _CHINESE_WORDS.search(text))):
        hiragana = len(_HIRAGANA.findall(text))
        return "ja" if hiragana or len(kana) > chinese + len(_CHINESE_WORDS.findall(text)) else "zh"
    japanese = sum(letter in _JAPANESE_ONLY for letter in text)
    if japanese != chinese:
        return "ja" if japanese > chinese else "zh"
    spoken = len(_CHINESE_WORDS.findall(text)) - len(_JAPANESE_WORDS.findall(text))
    if spoken:
        return "zh" if spoken > 0 else "ja"
    return hint if hint in ("ja", "zh") else "zh"
