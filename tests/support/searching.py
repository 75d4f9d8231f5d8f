"""A shop of very different customers, and what a search of it should give: the plain meaning, without any index."""

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

NAMES = [
    "Zoë O'Brien", "Zoe Brian", "Amélie Laurent", "AMELIE LAURENT", "Amelia Lorenz", "Αθηνά Παπαδοπούλου",
    "Ἀθηνᾶ Πάππας", "محمد علي", "مُحَمَّد", "王小明", "王 明", "🎉 Party", "👩🏽‍🚀 Ada", "100% Wool_Shop",
    'Ann "Nan" Lee', "Ann Lee",
    "Anna", "Anne", "Ana", "Søren Ørsted", "Groß", "GROSS", "Jean-Luc", "Jean Luc", "M", "Ma", "_", "%", "Ⅷ ﬁne",
    "Robert'); DROP TABLE--", "Martha Stewart", "Marhta Steward", "O", "o o", "x" * 300, "İstanbul", "Ngọc Ánh",
    "Марʼяна Шевченко", "Kamakaʻeha", "ʿAlī Mūsā", "محـــمد",
]  # fmt: skip
DOMAINS = ["example.com", "shop.example", "mail.example.org"]
TIERS = [None, "bronze", "silver", "gold", "platinum"]
STATUSES = ["active", "pending", "suspended", "closed"]
DAY = timedelta(days=1)
START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Shopper:
    """Whatever a search may look at."""

    id: str
    name: str
    email: str
    phone: str | None
    registered_at: datetime
    status: str = "active"
    email_opt_in: bool = False
    tier: str | None = None
    former_emails: list[str] = field(default_factory=list)
    former_phones: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    total_orders: int = 0
    lifetime_value: Decimal = Decimal("0.00")
    last_purchase_at: datetime | None = None
    health_score: Decimal = Decimal("50.0")
    churn_score: Decimal = Decimal("50.0")
    health_level: str = "fair"
    churn_level: str = "medium"
    tags: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()


def a_shopper(random_: random.Random, customer_id: str, tags: list[str], segments: list[str]) -> Shopper:
    """Values repeat, so that there are ties."""
    score = Decimal(random_.randrange(0, 1001, 50)) / 10
    orders = random_.choice([0, 0, 1, 2, 3])
    at = START + random_.randrange(40) * DAY
    return Shopper(
        id=customer_id,
        name=random_.choice(NAMES),
        email=an_email(random_),
        phone=random_.choice([None, a_phone(random_)]),
        registered_at=at,
        status=random_.choice(STATUSES),
        email_opt_in=random_.random() < 0.5,
        tier=random_.choice(TIERS),
        former_emails=[an_email(random_) for _ in range(random_.choice([0, 0, 1, 2]))],
        former_phones=[a_phone(random_) for _ in range(random_.choice([0, 0, 1]))],
        numbers=[a_number(random_) for _ in range(orders)],
        total_orders=orders,
        lifetime_value=Decimal(random_.randrange(0, 50_000, 1250)) / 100 if orders else Decimal("0.00"),
        last_purchase_at=at + random_.randrange(300) * DAY if orders else None,
        health_score=score,
        churn_score=100 - score,
        health_level=random_.choice(["excellent", "good", "fair", "poor"]),
        churn_level=random_.choice(["low", "medium", "high"]),
        tags=frozenset(tag for tag in tags if random_.random() < 0.3),
        segments=frozenset(segment for segment in segments if random_.random() < 0.3),
    )


def an_email(random_: random.Random) -> str:
    local = random_.choice(["amelie.laurent", "zoe+news", "ann_lee", "m", "o-brien", "info", "x1", "jürgen"])
    return f"{local}{random_.choice(['', '1', '22'])}@{random_.choice(DOMAINS)}"


def a_phone(random_: random.Random) -> str:
    return random_.choice(
        ["+33 6 39 98 {:02} {:02}", "+44 (0)20 7946 {:02}{:02}", "+44 20 7946 {:02}{:02}", "0{:02}{:02}", "{:02}-{:02}"]
    ).format(random_.randrange(0, 20, 5), random_.randrange(0, 20, 5))


def a_number(random_: random.Random) -> str:
    return random_.choice(["ORD-{}", "#{}", "2026-00{}", "n {}", "{}"]).format(random_.randrange(1000, 1040))


# ------------------------------------------------------------- what is asked

TEXTS = [
    "", "  ", "a", "an", "ann", "anne", "anna lee", "lee ann", "amelie", "AMÉLIE laurent", "amelei", "lauren",
    "zoe", "zoë", "brien", "o'brien", "o", "αθηνα", "παπ", "محم", "محمد", "王", "王小", "明", "🎉", "👩🏽‍🚀", "%", "_",
    "100%", "wool_", "\"nan\"", "'", "--", "ann -", "gross", "GROß", "soren", "jean-luc", "marthe", "stewrat",
    "example", "example.com", "gmail", "zoe+news", "ann_lee", "amelie.laurent@example.com",
    "amelie.laurent1@shop.example", "m", "22", "1010", "0012", "+33 6 39 98", "39 98 10 10", "7946 1212",
    "06–39–98–10–10", "\u202a+33 6 39 98 12 12\u202c", "zoe, 1010;", "“7946‑1010”", "＋３３６３９９８１０１０",
    "+44 (0)20 7946 0510", "+44 20 7946 0510", "0044 20 79460510", "020 7946 0510",
    "ORD-1010", "ord-1011", "#1012", "1012", "2026-001013", "n 1014", "n1014", "ann 1010", "lee ORD-1010",
    "x" * 200, "\\", "'; DROP TABLE--", "null", "\u202e", "ffi", "viii", "istanbul", "ngoc anh",
    "мар'яна", "мар’яна", "яна", "kamaka'eha", "kamakaʻe", "'ali", "ʼ", "ـ", "مـحمد",
]  # fmt: skip
SORTS = ["registeredAt", "name", "lifetimeValue", "totalOrders", "lastPurchaseAt", "healthScore", "churnScore"]


def a_query(random_: random.Random, tags: list[str], segments: list[str]) -> dict[str, Any]:
    """As in `SearchQuery.parameters`: few filters, so that somebody is found."""
    days = sorted((START + random_.randrange(340) * DAY).date().isoformat() for _ in range(2))
    levels = sorted(Decimal(random_.randrange(1001)) / 10 for _ in range(2))
    filters: dict[str, Any] = {
        "segment": random_.sample(segments, random_.choice([1, 1, 2])),
        "tag": random_.sample(tags, random_.choice([1, 1, 2])),
        "tier": random_.choice(TIERS[1:]),
        "churnLevel": random_.choice(["low", "medium", "high"]),
        "healthLevel": random_.choice(["excellent", "good", "fair", "poor"]),
        "accountStatus": random_.choice(STATUSES),
        "emailOptIn": random_.random() < 0.5,
        "registrationFrom": days[0],
        "registrationTo": days[1],
        "lastPurchaseFrom": days[0],
        "lastPurchaseTo": days[1],
        "clvMin": levels[0] * 5,
        "clvMax": levels[1] * 5,
        "orderCountMin": random_.choice([0, 1]),
        "orderCountMax": random_.choice([1, 2, 3]),
        "healthMin": levels[0],
        "healthMax": levels[1],
    }
    chosen = random_.sample(sorted(filters), random_.choice([0, 0, 1, 1, 2, 4]))
    query = {name: filters[name] for name in chosen}
    if random_.random() < 0.7:
        query["q"] = random_.choice(TEXTS)
    if random_.random() < 0.7:
        query["sort"] = random_.choice(["", "-"]) + random_.choice(SORTS)
    return query


# ------------------------------------------------------------- what is found

NONE = 9
EXACT, FORMER, TYPO = 0, 1, 2
MATCHES = {EXACT: None, FORMER: "former", TYPO: "typo"}
APART = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
AROUND = "\"'“”„‘’‚«»‹›<>[]{},.;:!?،؛、。"


def plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in text if unicodedata.category(one) not in {"Mn", "Me", "Cf"}).translate(APART)


def is_apostrophe(one: str) -> bool:
    """By what Unicode calls it, not by whether it is a letter to it."""
    name = unicodedata.name(one, "")
    shapes = ("APOSTROPHE", "PRIME", "COMMA", "HALF RING", "SALTILLO")
    return name.startswith(("MODIFIER LETTER", "LATIN SMALL LETTER SALTILLO")) and name.endswith(shapes)


def words(text: str) -> list[str]:
    def counts(one: str) -> bool:
        if is_apostrophe(one):
            return False
        return one.isalnum() or unicodedata.category(one) in {"So", "Mc"} or 0x1F3FB <= ord(one) <= 0x1F3FF

    seen = plain(text).replace("\N{ARABIC TATWEEL}", "")
    return ["".join(group) for is_word, group in groupby(seen, counts) if is_word]


def number(text: str) -> str:
    return "".join(plain(text).split()).removeprefix("#")


def digits(text: str) -> str:
    return "".join(str(int(one)) for one in text if one.isdecimal())


def ends(phone: str, wanted: str) -> bool:
    """Whether the phone ends so as it is written, or as it is dialled from abroad."""
    return digits(phone).endswith(wanted) or digits(phone.replace("(0)", "")).endswith(wanted)


def is_like_a_phone(text: str) -> bool:
    """Digits with what people put between them; a plus or a bracket may come first, and punctuation stand around."""
    begun = plain(text).strip(AROUND).lstrip("+(")
    return begun[:1].isdecimal() and all(one.isdecimal() or one in "()./+-‐‑‒–—―\u2212" for one in begun)


def edits(one: str, other: str) -> int:
    """Optimal string alignment: letters wrong, missing, superfluous, or swapped with the next."""
    table = [[max(row, column) for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            same = one[row - 1] == other[column - 1]
            table[row][column] = min(
                table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + (not same)
            )
            if row > 1 and column > 1 and one[row - 1] == other[column - 2] and one[row - 2] == other[column - 1]:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[-1][-1]


@dataclass
class Fit:
    """How well a text fits a customer; NONE if it does not. Of alternatives the best counts; of what must all fit, the
    least."""

    shopper: Shopper
    contact: bool
    typos: bool

    def of_text(self, text: str) -> int:
        if self._is_order(text):
            return EXACT
        tokens = text.split()
        tokens = [each for each in tokens if words(each)] or tokens
        found = []
        for like_phone, group in groupby(tokens, is_like_a_phone):
            run = list(group)
            alone = [self.of_token(token) for token in run]
            together = self.of_phone("".join(run)) if like_phone and len(run) > 1 else NONE
            found.append(min(max(alone), together))
        return max(found, default=NONE)

    def of_token(self, token: str) -> int:
        ways = [max(map(self.of_word, words(token)), default=NONE)]
        ways.append(EXACT if self._is_order(token) else NONE)
        ways.append(self.of_phone(token) if is_like_a_phone(token) else NONE)
        return min(ways)

    def of_phone(self, text: str) -> int:
        wanted = digits(text.rpartition("(0)")[2]).lstrip("0")
        wanted = wanted if len(wanted) >= 7 else digits(text)
        if not self.contact or len(wanted) < 4:
            return NONE
        if ends(self.shopper.phone or "", wanted):
            return EXACT
        return FORMER if any(ends(each, wanted) for each in self.shopper.former_phones) else NONE

    def of_word(self, word: str) -> int:
        current, former = words(self.shopper.name), []
        if self.contact:
            current += words(self.shopper.email)
            former = [each for email in self.shopper.former_emails for each in words(email)]
        if any(each.startswith(word) for each in current):
            return EXACT
        if any(each.startswith(word) for each in former):
            return FORMER
        close = [each for each in words(self.shopper.name) if len(each) >= 4 and len(word) >= 3]
        return TYPO if self.typos and any(edits(word, each) == 1 for each in close) else NONE

    def _is_order(self, text: str) -> bool:
        return number(text) in {number(each) for each in self.shopper.numbers} - {""}


def fits(query: dict[str, Any], shopper: Shopper) -> bool:
    """Everything but the text. `query` is as in `SearchQuery.parameters`; instants are instants."""
    value = {
        "tier": shopper.tier,
        "churnLevel": shopper.churn_level,
        "healthLevel": shopper.health_level,
        "accountStatus": shopper.status,
        "emailOptIn": shopper.email_opt_in,
    }
    ranges = {
        ("registrationFrom", "registrationTo"): shopper.registered_at,
        ("lastPurchaseFrom", "lastPurchaseTo"): shopper.last_purchase_at,
        ("clvMin", "clvMax"): shopper.lifetime_value,
        ("orderCountMin", "orderCountMax"): shopper.total_orders,
        ("healthMin", "healthMax"): shopper.health_score,
    }
    if any(query.get(name) not in {None, found} for name, found in value.items()):
        return False
    for (low, high), found in ranges.items():
        asked = [_meant(query[name], name) for name in (low, high) if query.get(name) is not None]
        if asked and found is None:
            return False
        if query.get(low) is not None and found < _meant(query[low], low):
            return False
        if query.get(high) is not None and found > _meant(query[high], high):
            return False
    return shopper.tags >= set(query.get("tag", [])) and shopper.segments >= set(query.get("segment", []))


def _meant(value: Any, name: str) -> Any:
    """A date is its whole day; the shop's time zone is UTC."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC) + (DAY - timedelta(microseconds=1)) * name.endswith("To")


def found_in(shop: list[Shopper], query: dict[str, Any], *, contact: bool = True) -> list[tuple[str, str | None]]:
    """Ids in order, and how each was found."""
    text = query.get("q", "").strip()
    fitting = [shopper for shopper in shop if fits(query, shopper)]
    for typos in (False, True):
        found = {each.id: Fit(each, contact, typos).of_text(text) if text else EXACT for each in fitting}
        matching = [each for each in fitting if found[each.id] != NONE]
        if matching or not text:
            break
    sort = query.get("sort", "-registeredAt")
    matching.sort(key=lambda each: (_sorted_by(each, sort.lstrip("-")), each.id), reverse=sort.startswith("-"))
    return [(each.id, MATCHES[found[each.id]]) for each in matching]


def _sorted_by(shopper: Shopper, column: str) -> Any:
    return {
        "registeredAt": shopper.registered_at,
        "name": " ".join(dict.fromkeys(words(shopper.name)))[:120],
        "lifetimeValue": shopper.lifetime_value,
        "totalOrders": shopper.total_orders,
        "lastPurchaseAt": shopper.last_purchase_at or datetime.min.replace(tzinfo=UTC),
        "healthScore": shopper.health_score,
        "churnScore": shopper.churn_score,
    }[column]
