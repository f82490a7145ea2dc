"""Shapes of names: which words may name a cluster, and which name other things.

Regions, resource ids, versions and job numbers look like cluster names and are none.
"""

from __future__ import annotations

import re

NUMBER = re.compile(r"\d{8,20}")
"""A cluster's id."""
COMPOUND = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+|[a-z]{2,}\d+[a-z0-9]*")

_ENVIRONMENT_WORDS = (
    "prod production prd live stg stage staging stag dev develop test testing tst uat qa int pre "
    "preprod sandbox demo poc core main primary replica dr backup eu us ap jp sg hk cn tw uk de fr "
    "in tokyo osaka tyo fra sin global shared internal gray grey canary"
)
ENVIRONMENTS = frozenset(_ENVIRONMENT_WORDS.split())
"""Words that people put into the names of their clusters."""

_REGION = re.compile(
    r"(?:us|eu|ap|ca|sa|af|me|il|cn|asia|europe|northamerica|southamerica|australia)-"
    r"(?:gov-)?(?:north|south|east|west|central|northeast|southeast|northwest|southwest)"
    r"[a-z]*-?\d?[a-z]?|[a-z]+(?:east|west|central|north|south)\d?"
)
_OTHER_ID = re.compile(
    r"(?:vpce?|vpc|i|eni|sg|subnet|imp|job|task|inv|req|arn|pod|node|tikv|tidb|pd|tiflash|ticdc|"
    r"utf|sha|tls|ssl|http|error|err|cve|iso|rfc|gpt|v|p|s|t|q|r|m|c|db|mysql|sup|ipv)[-_]?\d+"
    r"[a-z0-9.-]*|(?:vpce|imp|job|inv|req|diag|svc|sup)-[a-z0-9-]+|(?:t|tbl|idx|fk|pk)_[a-z0-9_]+"
)
_OTHER_BEFORE = re.compile(
    r"(?:org(?:anisation|anization)?|account|project|tenant|user|invoice|job|phone|tel|order|"
    r"組織|アカウント|プロジェクト|项目|组织|账号|帐号|電話|电话|db|database|table|schema|"
    r"データベース|テーブル|数据库|表|索引|index)[\s:：#]*(?:id|号|番号)?[\s:：#=は]*[`'\"]?$"
)


def is_other_thing(text: str) -> bool:
    """A region, a resource, an error code, a table: no cluster."""
    return bool(_REGION.fullmatch(text) or _OTHER_ID.fullmatch(text))


def is_other_things_id(before: str) -> bool:
    """The words before say whose name or number follows (*org id*, *table*)."""
    return _OTHER_BEFORE.search(before) is not None
