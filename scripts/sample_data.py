"""Write the source events of a made-up shop: something to look at, to load and to measure with.

    python scripts/sample_data.py --out DIR [--seed 7] [--customers 120] [--big-orders 5000] [--now 2026-11-23]

The same seed, day and sizes give the same bytes. Everything happened before midnight UTC at the start of `--now`
(today unless given). More customers leave the others as they were. The shop's currency is the euro, its time zone UTC.

Files: customers, orders, loyalty, marketing, support, payments and sessions as `.jsonl`; the big customer's orders in
`orders-archive.jsonl.gz`; every third customer's transactions in `payment-transactions.csv`, the CSV way in.
Event ids do not depend on the day: to load the set again later changes nothing, so start empty for fresh dates. Two
seeds do not belong in one shop: they give different lives to the same ids.

Who to look at first:

    customer-amelie   rich and healthy: orders in every status and three currencies, two addresses, points about to
                      lapse, opened campaigns, settled tickets, cards, sessions on three devices
    customer-big      5,000 orders over five years, one event each
    customer-empty    a profile and nothing else
    customer-lapsed   bought every seven weeks, has been silent for most of a year
    customer-unhappy  bought lately, has two urgent tickets open among others
    customer-0001     has an emoji in the name; from here on personas are drawn at random

An order's total = lines - discount + shipping + tax. Phone numbers are from ranges kept for fiction, or, where a
country keeps none, have a subscriber part that starts with 0 and cannot be dialled. E-mail is at example.com and kin.
"""

import argparse
import csv
import gzip
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "str | int | Decimal | Sequence[Json] | Mapping[str, Json] | None"
Data: TypeAlias = dict[str, Json]

LONG_AGO, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

FILES = {
    "customer.upserted": "customers.jsonl",
    "order.upserted": "orders.jsonl",
    "loyalty.account.upserted": "loyalty.jsonl",
    "loyalty.points.recorded": "loyalty.jsonl",
    "marketing.message.upserted": "marketing.jsonl",
    "support.ticket.upserted": "support.jsonl",
    "payment.method.upserted": "payments.jsonl",
    "payment.method.removed": "payments.jsonl",
    "payment.transaction.upserted": "payments.jsonl",
    "analytics.session.recorded": "sessions.jsonl",
}
ARCHIVE = "orders-archive.jsonl.gz"
CSV_FILE = "payment-transactions.csv"
CSV_HEADER = (
    *("eventId", "customerId", "occurredAt"),
    *("transactionId", "amount", "currency", "status", "at", "methodId", "orderId", "updatedAt"),
)

SHOP_CURRENCY = "EUR"
DECIMALS = {"EUR": 2, "USD": 2, "GBP": 2, "PLN": 2, "CNY": 2, "JPY": 0, "KWD": 3}
EUROS_FOR_ONE = {
    "USD": Decimal("0.921500"),
    "GBP": Decimal("1.168400"),
    "PLN": Decimal("0.233600"),
    "CNY": Decimal("0.128900"),
    "JPY": Decimal("0.006130"),
    "KWD": Decimal("2.998700"),
}


# The cast: countries, people, kinds of shoppers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Country:
    """Names are `written=romanised` where folding accents does not romanise them; # in a phone stands for a digit."""

    code: str
    currency: str
    tax_percent: int
    phones: tuple[str, ...]
    unit: str
    places: tuple[str, ...]
    first_names: str
    last_names: str
    name_format: str = "{first} {last}"


COUNTRIES = (
    Country(
        "FR",
        "EUR",
        20,
        ("+33 1 99 00 ## ##", "+33 6 39 98 ## ##"),
        "Appartement {n}",
        (
            "{n} rue de la République|Lyon|Auvergne-Rhône-Alpes|69002",
            "{n} quai des Chartrons|Bordeaux||33000",
            "{n} boulevard Voltaire|Paris|Île-de-France|75011",
        ),
        "Chloé Inès Margaux Éloïse Noémie François Rémi Théo Jérôme Loïc Benoît Gaëlle",
        "Lefèvre Béranger Dubois Garçonnet Noël Marchand Faucher Gérard L’Hôpital Saint-Clair",
    ),
    Country(
        "DE",
        "EUR",
        19,
        ("+49 30 23125 ###", "+49 89 99998 ###", "+49 171 39200 ##"),
        "{n}. Stock",
        (
            "Lindenstraße {n}|Berlin||10969",
            "Äußere Wiener Straße {n}|München|Bayern|81667",
            "Große Elbstraße {n}|Hamburg||22767",
        ),
        "Jürgen Käthe Björn Anneliese Sören Müzeyyen Günther Lena Jörg Friederike Matthias Ümit",
        "Müller Größler Weiß Schröder Köhler Böhm Yılmaz Krauß Hübner Groß",
    ),
    Country(
        "PL",
        "PLN",
        23,
        ("+48 22 000 ## ##",),
        "m. {n}",
        (
            "ul. Długa {n}|Gdańsk|pomorskie|80-831",
            "ul. Świętokrzyska {n}|Warszawa|mazowieckie|00-116",
            "ul. Kościuszki {n}|Kraków||30-105",
        ),
        "Łukasz Małgorzata Paweł Agnieszka Michał Żaneta Grażyna Sławomir Jędrzej Bożena",
        "Wójcik Nowak Zając Król Śliwa Gołąb Wróbel Mróz Dąb Kłos",
    ),
    Country(
        "GR",
        "EUR",
        24,
        ("+30 210 000 0###",),
        "{n}ος όροφος",
        (
            "Ερμού {n}|Αθήνα|Αττική|105 63",
            "Τσιμισκή {n}|Θεσσαλονίκη||546 24",
            "25ης Αυγούστου {n}|Ηράκλειο|Κρήτη|712 02",
        ),
        "Ελένη=eleni Μαρία=maria Κατερίνα=katerina Δήμητρα=dimitra Σοφία=sofia Αικατερίνη=aikaterini",
        "Παπαδοπούλου=papadopoulou Οικονόμου=oikonomou Γεωργίου=georgiou Νικολάου=nikolaou Δημητρίου=dimitriou",
    ),
    Country(
        "KW",
        "KWD",
        0,
        ("+965 0000 ####",),
        "الدور {n}",
        (
            "شارع سالم المبارك {n}|السالمية|حولي|20001",
            "شارع فهد السالم {n}|مدينة الكويت||13001",
            "شارع الخليج العربي {n}|الفنطاس|الأحمدي|",
        ),
        "فاطمة=fatima ليلى=layla نور=noor مريم=maryam يوسف=yousef خالد=khaled أحمد=ahmad عمر=omar",
        "الصباح=alsabah العتيبي=alotaibi المطيري=almutairi الحداد=alhaddad منصور=mansour الراشد=alrashed",
    ),
    Country(
        "CN",
        "CNY",
        13,
        ("+86 10 0000 0###", "+86 21 0000 0###"),
        "{n}室",
        ("南京西路{n}号|上海||200041", "中山路{n}号|南京|江苏|210008", "建国门外大街{n}号|北京||100022"),
        "小明=xiaoming 伟=wei 秀英=xiuying 静=jing 建国=jianguo 雨桐=yutong 浩然=haoran 思远=siyuan",
        "王=wang 李=li 张=zhang 陈=chen 刘=liu 赵=zhao 欧阳=ouyang",
        "{last}{first}",
    ),
    Country(
        "JP",
        "JPY",
        10,
        ("+81 3 0000 ####",),
        "{n}号室",
        ("神宮前{n}-2-3|渋谷区|東京都|150-0001", "梅田{n}-1-1|大阪市北区|大阪府|530-0001"),
        "陽菜=hina 蓮=ren 美咲=misaki 大輝=daiki さくら=sakura 健太=kenta",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe",
        "{last} {first}",
    ),
    Country(
        "US",
        "USD",
        8,
        ("+1 212 555 01##", "+1 415 555 01##", "+1 617 555 01##"),
        "Apt {n}",
        (
            "{n} Maple Avenue|Springfield|IL|62704",
            "{n} Harbor Street|Portland|ME|04101",
            "{n} Mission Street|San Francisco|CA|94105",
        ),
        "Maya Jayden José Beyza Grace Tyrone Anaïs Connor Siobhán Priya",
        "O’Brien García Washington Nguyễn Johnson Peña Cohen McAllister Smith-Rowe Núñez",
    ),
    Country(
        "GB",
        "GBP",
        20,
        ("+44 20 7946 0###", "+44 7700 900###"),
        "Flat {n}",
        (
            "{n} High Street|Leeds||LS1 4HR",
            "{n} Princes Street|Edinburgh|Scotland|EH2 2AN",
            "{n} Mill Road|Ely||CB7 4AZ",
        ),
        "Oliver Amelia Rhys Niamh Zara Callum Imogen Hamish Ayesha Seán",
        "Pritchard MacLeod Begum Fitzgerald Taylor Okonkwo Hughes Bradley",
    ),
)
COUNTRY_WEIGHTS = (5, 5, 3, 3, 2, 2, 2, 3, 3)


@dataclass(frozen=True)
class Persona:
    """How a kind of shopper behaves; pairs are inclusive ranges, days are days ago."""

    weight: int
    tenure: tuple[int, int]
    orders: tuple[int, int]
    last_order: tuple[int, int]
    sessions: tuple[int, int]
    messages: tuple[int, int]
    opens: int = 0
    enrolled: int = 0
    tickets: int = 0


PERSONAS = (
    # loyal, regular, occasional, new, lapsed, only looking
    Persona(9, (700, 1500), (9, 16), (1, 25), (6, 10), (6, 10), opens=65, enrolled=100, tickets=45),
    Persona(34, (250, 1100), (3, 7), (4, 80), (3, 6), (3, 8), opens=45, enrolled=75, tickets=38),
    Persona(28, (150, 1400), (1, 3), (30, 140), (1, 4), (2, 6), opens=25, enrolled=55, tickets=28),
    Persona(14, (3, 45), (0, 2), (1, 2), (1, 4), (1, 3), opens=60, enrolled=40, tickets=12),
    Persona(10, (600, 1500), (2, 6), (200, 500), (0, 1), (3, 7), opens=8, enrolled=50, tickets=25),
    Persona(5, (30, 300), (0, 0), (1, 1), (3, 8), (2, 6), opens=50, enrolled=20, tickets=15),
)


@dataclass(frozen=True)
class Person:
    customer_id: str
    number: int
    name: str
    email: str
    country: Country
    tenure: int
    status: str = "active"

    @property
    def slug(self) -> str:
        return self.customer_id.removeprefix("customer-")


def country(code: str) -> Country:
    return next(each for each in COUNTRIES if each.code == code)


FIXED = (
    Person("customer-amelie", 1, "Amélie Laurent", "amelie.laurent@example.com", country("FR"), 1100),
    Person("customer-big", 2, "Großküche Nordlicht GmbH", "einkauf@nordlicht.example.com", country("DE"), 1830),
    Person("customer-empty", 3, "Ἑρμιόνη Κενού", "hermione@example.net", country("GR"), 400),
    Person("customer-lapsed", 4, "Stanisław Żak", "stanislaw.zak@example.org", country("PL"), 1000),
    Person("customer-unhappy", 5, "Siobhán O’Leary", "siobhan@example.net", country("GB"), 420),
)
EMOJI_NAME = "Zoë 🌻 Lindqvist"


class Product(NamedTuple):
    sku: str
    name: str
    category: str
    euros: Decimal


PRODUCTS = tuple(
    Product(sku, name, category, Decimal(euros))
    for category, rows in {
        "Coffee & Tea": "CT-101|Espresso beans 1 kg|24.90;CT-102|Sencha loose leaf|11.50;CT-103|Moka pot|34.00",
        "Kitchen": "KI-201|Cast-iron pan|59.95;KI-202|Chef’s knife|89.00;KI-203|Apron|27.50;KI-204|Café bowl set|32.80",
        "Home": "HO-301|Wool blanket|79.00;HO-302|Beeswax candle|9.90;HO-303|Oak stool|119.00;HO-304|Desk lamp|64.50",
        "Books": "BO-401|Kochen für Gäste|28.00;BO-402|Atlas of Islands|22.00;BO-403|Carnet de voyage|14.20",
        "Outdoor": "OU-501|Trail backpack 24 l|94.95;OU-502|Steel flask|19.90;OU-503|Hammock|49.00",
        "Audio": "AU-601|Bookshelf speaker|189.00;AU-602|Over-ear headphones|149.00;AU-603|Record brush|12.40",
        "Kids": "KD-701|Wooden train|39.90;KD-702|Rain jacket|44.50;KD-703|Memory game|16.00",
        "Care": "CA-801|Olive soap|6.80;CA-802|Hand balm|12.90;CA-803|Bath brush|15.60",
    }.items()
    for sku, name, euros in (row.split("|") for row in rows.split(";"))
)
CATEGORIES = tuple(dict.fromkeys(product.category for product in PRODUCTS))

CAMPAIGNS = (  # days ago, name, channel
    *((day, f"Newsletter {1 + (700 - day) // 14}", "email") for day in range(2, 700, 14)),
    *((day, f"Weekend offer {1 + (690 - day) // 60}", "sms") for day in range(9, 690, 60)),
    *((day, f"Back in stock {1 + (690 - day) // 45}", "push") for day in range(5, 690, 45)),
    (24, "Autumn table", "email"),
    (61, "Coffee fortnight", "email"),
    (122, "Summer clear-out", "email"),
)

ISSUES = (  # category, subject, what the customer writes, what the agent answers
    ("delivery", "Parcel not arrived", "Tracking has not moved for a week.", "The carrier is looking for it."),
    ("delivery", "Colis livré à la mauvaise adresse", "Mon voisin n’a rien reçu.", "Nous ouvrons une enquête."),
    ("returns", "Wrong size sent", "I ordered the large one and got the small.", "A return label is on its way."),
    ("returns", "Zwrot bez potwierdzenia", "Odesłałem paczkę dwa tygodnie temu.", "Sprawdzamy w magazynie."),
    ("billing", "Charged twice", "Two charges for one order, please refund one.", "The second one will be released."),
    ("billing", "Rechnung mit Firmenadresse", "Bitte mit Umsatzsteuer-Id.", "Die neue Rechnung hängt an."),
    ("product", "Speaker hums", "There is a hum on the left channel.", "Please try another cable; else we replace it."),
    ("product", "Ερώτηση για το τηγάνι", "Κάνει για επαγωγική εστία;", "Ναι, για κάθε εστία."),
    ("account", "Cannot sign in", "The reset mail never comes.", "We have sent it again from another server."),
)
AGENTS = ("Sam Okafor", "Léa Fontaine", "Tomasz Zieliński")
TICKET_STATUSES = ("open", "in_progress", "waiting", "resolved", "closed")
PRIORITIES = ("low", "low", "low", "medium", "medium", "medium", "medium", "high", "high", "urgent")

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
USER_AGENTS = {
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "desktop": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36",
    "tablet": f"Mozilla/5.0 (Linux; Android 14; SM-X710) {WEBKIT} Chrome/130.0.0.0 Safari/537.36",
    "unknown": "curl/8.9.1",
}


# Events, and the story of one customer that gathers them --------------------------------------------------------------


class Event(NamedTuple):
    type: str
    event_id: str
    customer_id: str
    occurred_at: str
    data: Data

    def line(self) -> str:
        envelope = {"type": self.type, "eventId": self.event_id, "customerId": self.customer_id}
        return to_json(envelope | {"occurredAt": self.occurred_at, "data": self.data}) + "\n"


def to_json(value: Json) -> str:
    """JSON with decimals written as they are: 12.50 stays 12.50."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {to_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(to_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def present(**fields: Json) -> Data:
    return {name: value for name, value in fields.items() if value is not None}


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def money(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-DECIMALS[currency]), ROUND_HALF_UP)


@dataclass
class Sale:
    """An order as far as it has come, for those who pay it, earn points by it or complain about it."""

    order_id: str
    placed: datetime
    updated: datetime
    status: str
    method: str
    currency: str
    total: Decimal
    euros: Decimal
    refunded: Decimal | None = None


@dataclass
class Story:
    person: Person
    now: datetime
    dice: Random
    lag: int = 0  # days between this now and everybody's
    events: list[Event] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    addresses: list[Data] = field(default_factory=list)
    methods: dict[str, str] = field(default_factory=dict)  # type of each active one, the default one first
    registered: datetime = LONG_AGO

    def __post_init__(self) -> None:
        self.registered = self.day(self.person.tenure)

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def between(self, bounds: tuple[int, int]) -> int:
        return self.dice.randint(*bounds)

    def day(self, days_ago: int) -> datetime:
        """A moment of that day, more likely when people shop; after registering, never later than yesterday."""
        hour = self.dice.choice((7, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21, 21, 22, 23))
        seconds = hour * 3600 + self.dice.randrange(3600)
        at = self.now - timedelta(days=max(days_ago, 1)) + timedelta(seconds=seconds)
        return max(at, self.registered + timedelta(minutes=30))

    def later(self, at: datetime, hours: tuple[int, int]) -> datetime:
        return at + timedelta(seconds=self.dice.randint(hours[0] * 3600, hours[1] * 3600))

    def tell(self, event_type: str, key: str, at: datetime, data: Data) -> None:
        if at < self.now:
            event_id = f"{event_type.partition('.')[0]}:{self.person.slug}:{key}"
            self.events.append(Event(event_type, event_id, self.person.customer_id, instant(at), data))


# Profile --------------------------------------------------------------------------------------------------------------


def digits(story: Story, pattern: str) -> str:
    return "".join(str(story.dice.randrange(10)) if char == "#" else char for char in pattern)


def address(story: Story, number: int) -> Data:
    home = story.person.country
    line1, city, region, postal_code = story.dice.choice(home.places).split("|")
    return present(
        id=f"adr-{story.person.slug}-{number}",
        line1=line1.format(n=story.dice.randint(2, 180)),
        line2=home.unit.format(n=story.dice.randint(1, 30)) if story.chance(30) else None,
        city=city,
        region=region or None,
        postalCode=postal_code or None,
        country=home.code,
        phone=digits(story, home.phones[0]) if story.chance(15) else None,
        isPrimary=number == 1,
    )


def tell_profile(story: Story, opt_ins: Mapping[str, bool], *, addresses: int, phone: bool = True) -> None:
    """A second address comes later, with a second version."""
    person = story.person
    story.addresses = [address(story, number + 1) for number in range(addresses)]
    profile = present(
        name=person.name,
        email=person.email,
        phone=digits(story, story.dice.choice(person.country.phones)) if phone else None,
        avatarUrl=f"https://images.example.com/avatars/{person.slug}.png" if phone and story.chance(30) else None,
        registeredAt=instant(story.registered),
        status=person.status,
        addresses=story.addresses[:1],
        optIns=opt_ins,
        updatedAt=instant(story.registered),
    )
    story.tell("customer.upserted", "1", story.registered, profile)
    if addresses > 1:
        moved = story.day(story.dice.randint(1, max(1, person.tenure // 3)))
        new = present(addresses=story.addresses, updatedAt=instant(moved))
        story.tell("customer.upserted", "2", moved, profile | new)


def tell_status(story: Story, status: str, at: datetime, now: datetime) -> None:
    """What happens to an account after the customer's last doing."""
    story.now = now
    newest = next(event for event in reversed(story.events) if event.type == "customer.upserted")
    story.tell("customer.upserted", "3", at, newest.data | {"status": status, "updatedAt": instant(at)})


# Orders ---------------------------------------------------------------------------------------------------------------

SHIPPED = ("pending", "processing", "shipped")
PATHS = {
    "pending": SHIPPED[:1],
    "processing": SHIPPED[:2],
    "shipped": SHIPPED,
    "delivered": (*SHIPPED, "delivered"),
    "completed": (*SHIPPED, "delivered", "completed"),
    "partly refunded": (*SHIPPED, "delivered", "completed"),
    "refunded": (*SHIPPED, "delivered", "refunded"),
    "cancelled": ("pending", "processing", "cancelled"),
    "cancelled at once": ("pending", "cancelled"),
}
ENDINGS = ("completed",) * 11 + ("delivered",) * 4 + ("partly refunded", "refunded", "cancelled", "cancelled at once")
HOURS_UNTIL = {
    "pending": (0, 0),
    "processing": (1, 5),
    "shipped": (12, 36),
    "delivered": (30, 90),
    "completed": (200, 340),
    "refunded": (100, 300),
    "cancelled": (1, 20),
}


def order_lines(story: Story, currency: str, size: tuple[int, int], quantity: tuple[int, int]) -> list[Data]:
    lines = []
    for product in story.dice.sample(PRODUCTS, story.between(size)):
        price = money(product.euros / EUROS_FOR_ONE.get(currency, Decimal(1)), currency)
        lines.append(
            present(
                sku=product.sku if not story.chance(10) else None,
                name=product.name,
                category=product.category if not story.chance(6) else None,
                quantity=story.between(quantity),
                unitPrice=price,
            )
        )
    return lines


def order_amounts(story: Story, currency: str, lines: Iterable[Data]) -> dict[str, Decimal]:
    """What of discount, shipping and tax is not zero, and the total they and the lines add up to."""
    goods = sum((Decimal(str(line["unitPrice"])) * Decimal(str(line["quantity"])) for line in lines), Decimal(0))
    percent = story.dice.choice((5, 10, 15, 20)) if story.chance(22) else 0
    discount = money(goods * percent / 100, currency)
    small = goods * EUROS_FOR_ONE.get(currency, Decimal(1)) < 60
    shipping = money(Decimal("4.90") / EUROS_FOR_ONE.get(currency, Decimal(1)) if small else Decimal(0), currency)
    net = goods - discount + shipping
    tax = money(net * story.person.country.tax_percent / 100, currency)
    parts = {"discount": discount, "shipping": shipping, "tax": tax}
    return {"total": money(net + tax, currency)} | {name: amount for name, amount in parts.items() if amount}


def exchange_rate(story: Story, currency: str) -> Decimal | None:
    if currency == SHOP_CURRENCY:
        return None
    drift = Decimal(10_000 + story.dice.randint(-300, 300)) / 10_000
    return (EUROS_FOR_ONE[currency] * drift).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def order_path(story: Story, placed: datetime, ending: str) -> list[tuple[str, datetime]]:
    """The statuses reached so far, each with its time."""
    path, at = [], placed
    for status in PATHS[ending]:
        at = story.later(at, HOURS_UNTIL[status])
        if at < story.now:
            path.append((status, at))
    return path


def tell_order(
    story: Story,
    placed: datetime,
    ending: str,
    *,
    currency: str | None = None,
    size: tuple[int, int] = (1, 4),
    quantity: tuple[int, int] = (1, 2),
    every_version: bool = True,
) -> None:
    currency = currency or story.person.country.currency
    number = len(story.sales) + 1
    lines = order_lines(story, currency, size, quantity)
    amounts, rate = order_amounts(story, currency, lines), exchange_rate(story, currency)
    method = story.dice.choice(tuple(story.methods.values())) if story.methods else "card"
    total = amounts["total"]
    euros = money(total * (rate or 1), SHOP_CURRENCY)
    sale = Sale(f"ord-{story.person.slug}-{number:04d}", placed, placed, "pending", method, currency, total, euros)
    order = present(
        orderId=sale.order_id,
        number=f"W{story.person.number * 10_000 + number:07d}",
        placedAt=instant(placed),
        status="pending",
        currency=currency,
        exchangeRate=rate,
        **amounts,
        lines=lines,
        shippingAddress=story.dice.choice(story.addresses) if story.addresses and story.chance(60) else None,
        paymentMethod=sale.method if story.chance(85) else None,
    )
    tell_versions(story, sale, order, ending, every_version=every_version)
    story.sales.append(sale)


def tell_versions(story: Story, sale: Sale, order: Data, ending: str, *, every_version: bool) -> None:
    """One event for the newest version and most of the older ones; sources do leave some out."""
    tracking = f"LX{story.dice.randrange(10**9):09d}{story.person.country.code}" if story.chance(70) else None
    path = order_path(story, sale.placed, ending)
    for version, (status, at) in enumerate(path, start=1):
        order |= {"status": status, "updatedAt": instant(at)}
        if status == "shipped" and tracking:
            order["trackingNumber"] = tracking
        if status == "refunded":
            sale.refunded = sale.total
        elif status == PATHS[ending][-1] and ending == "partly refunded":
            sale.refunded = money(sale.total * 3 / 10, sale.currency)
        if sale.refunded is not None:
            order["refundedAmount"] = sale.refunded
        if version == len(path) or (every_version and story.chance(45)):
            story.tell("order.upserted", f"{sale.order_id[-4:]}:{version}", at, dict(order))
    sale.status, sale.updated = path[-1]


# Payments -------------------------------------------------------------------------------------------------------------


def method_details(story: Story, method_type: str) -> Data:
    if method_type == "card":
        brand = story.dice.choice(("visa", "mastercard", "amex"))
        year = story.now.year + story.dice.randint(0, 4)
        month = story.dice.randint(1, 12)
        return {"brand": brand, "last4": digits(story, "####"), "expiryMonth": month, "expiryYear": year}
    if method_type == "bank_account":
        return {"last4": digits(story, "####")}
    brands = {"mobile_money": "M-Pesa", "wallet": "PayPal"}
    return {"brand": brands[method_type]} if method_type in brands else {}


def tell_methods(story: Story, types: Iterable[str], *, removed: bool = False) -> None:
    """The first is the default; with `removed`, the last has been taken away since."""
    added = story.registered
    method_types = list(types)
    for number, method_type in enumerate(method_types, start=1):
        method_id = f"pm-{story.person.slug}-{number}"
        added += timedelta(minutes=7)
        fixed = present(methodId=method_id, type=method_type, isDefault=number == 1, updatedAt=instant(added))
        story.tell("payment.method.upserted", f"{method_id}:1", added, fixed | method_details(story, method_type))
        story.methods[method_id] = method_type
    if removed:
        method_id, _ = story.methods.popitem()
        at = story.day(story.person.tenure // 2)
        story.tell("payment.method.removed", f"{method_id}:2", at, {"methodId": method_id, "updatedAt": instant(at)})


def tell_payment(story: Story, sale: Sale) -> None:
    paid = sale.placed + timedelta(minutes=story.dice.randint(1, 9))
    if story.chance(40 if sale.status == "cancelled" else 6):
        tell_transaction(story, sale, "f", [("failed", paid)])
        paid += timedelta(minutes=3)
        if sale.status == "cancelled":
            return
    slow = sale.method == "bank_account"
    statuses = [("pending", paid), ("succeeded", story.later(paid, (5, 30)))] if slow else [("succeeded", paid)]
    if sale.status == "pending":
        statuses = [("pending", paid)]
    if sale.status in ("refunded", "cancelled"):
        statuses.append(("refunded", max(sale.updated, statuses[-1][1]) + timedelta(minutes=20)))
    tell_transaction(story, sale, "p", statuses)
    if sale.refunded is not None and sale.refunded < sale.total:
        tell_transaction(story, sale, "r", [("refunded", sale.updated)], sale.refunded)


def tell_transaction(
    story: Story, sale: Sale, suffix: str, statuses: Iterable[tuple[str, datetime]], amount: Decimal | None = None
) -> None:
    saved = [method_id for method_id, kind in story.methods.items() if kind == sale.method]
    used = saved[0] if saved and not story.chance(8) else None
    started = None
    for version, (status, at) in enumerate(statuses, start=1):
        started = started or at
        transaction = present(
            transactionId=f"tx-{sale.order_id}-{suffix}",
            amount=sale.total if amount is None else amount,
            currency=sale.currency,
            status=status,
            at=instant(started),
            methodId=used,
            orderId=sale.order_id,
            updatedAt=instant(at),
        )
        story.tell("payment.transaction.upserted", f"{sale.order_id[-4:]}-{suffix}:{version}", at, transaction)


# Loyalty --------------------------------------------------------------------------------------------------------------

TIERS = (("platinum", 10_000), ("gold", 5_000), ("silver", 1_000), ("bronze", 0))
POINTS_PER_EURO = 5


@dataclass
class Lot:
    points: int
    lapses: datetime


class Move(NamedTuple):
    at: datetime
    type: str
    points: int
    description: str
    lapses: datetime | None = None


@dataclass
class PointsBook:
    """Spends what lapses first, never more than there is."""

    story: Story
    lots: list[Lot] = field(default_factory=list)
    recorded: int = 0
    lifetime: int = 0

    def play(self, moves: Iterable[Move]) -> None:
        for move in sorted(moves, key=lambda move: move.at):
            self.settle(move.at)
            if move.points > 0:
                self.lots.append(Lot(move.points, move.lapses or NEVER))
                self.lifetime += move.points if move.type == "earned" else 0
                self.record(move)
            elif spent := self.spend(-move.points):
                self.record(move._replace(points=-spent))
        self.settle(self.story.now)

    def spend(self, wanted: int) -> int:
        spent = 0
        for lot in sorted(self.lots, key=lambda lot: lot.lapses):
            taken = min(lot.points, wanted - spent)
            lot.points -= taken
            spent += taken
        return spent

    def settle(self, at: datetime) -> None:
        """Lapsed lots go; the loyalty system books most of them some hours later."""
        for lot in sorted(self.lots, key=lambda lot: lot.lapses):
            if lot.lapses <= at:
                booked = lot.lapses + timedelta(hours=3)
                if lot.points and booked < self.story.now and self.story.chance(80):
                    self.record(Move(booked, "expired", -lot.points, "Points lapsed after their term"))
                self.lots.remove(lot)

    def record(self, move: Move) -> None:
        self.recorded += 1
        transaction = present(
            transactionId=f"pt-{self.story.person.slug}-{self.recorded:03d}",
            type=move.type,
            points=move.points,
            description=move.description,
            at=instant(move.at),
            expiresAt=instant(move.lapses) if move.lapses else None,
        )
        self.story.tell("loyalty.points.recorded", f"pt{self.recorded:03d}", move.at, transaction)


def purchase_moves(story: Story, joined: datetime) -> list[Move]:
    """Points for completed orders since the customer joined."""
    moves = []
    for sale in story.sales:
        if sale.status in ("delivered", "completed") and sale.placed > joined:
            points, at = int(sale.euros * POINTS_PER_EURO), sale.updated
            moves.append(Move(at, "earned", points, f"Order {sale.order_id}", at + timedelta(days=365)))
    return moves


def random_moves(story: Story, joined_days: int) -> list[Move]:
    moves = []
    for _ in range(story.dice.randint(0, 2)):
        at, term = story.day(story.dice.randint(1, joined_days)), timedelta(days=story.dice.choice((30, 60, 90, 120)))
        moves.append(Move(at, "earned", story.dice.choice((50, 100, 150, 250)), "Double points week", at + term))
    for _ in range(story.dice.randint(0, 3)):
        at, points = story.day(story.dice.randint(1, joined_days)), -100 * story.dice.randint(1, 6)
        moves += [Move(at, "redeemed", points, "Voucher")]
    if story.chance(15):
        sign = story.dice.choice((1, 1, -1))
        moves.append(Move(story.day(joined_days // 2), "adjusted", sign * 50, "Goodwill" if sign > 0 else "Correction"))
    return moves


def tell_loyalty(story: Story, joined_days: int, extra: Iterable[Move] | None = None) -> None:
    joined = story.day(joined_days)
    account = present(
        referralCode=f"{story.person.slug.upper()}-{digits(story, '##')}" if story.chance(80) else None,
        referralCount=story.dice.choice((0, 0, 0, 1, 2, 5)) if story.chance(70) else None,
        updatedAt=instant(joined),
    )
    story.tell("loyalty.account.upserted", "account:1", joined, account)
    welcome = Move(joined, "earned", 100, "Welcome", joined + timedelta(days=365))
    book = PointsBook(story)
    more = random_moves(story, joined_days) if extra is None else extra
    book.play([welcome, *purchase_moves(story, joined), *more])
    if story.chance(40):
        tier = next(name for name, threshold in TIERS if book.lifetime >= threshold)
        at = story.day(1)
        new = {"tier": tier, "updatedAt": instant(at)}
        story.tell("loyalty.account.upserted", "account:2", at, account | new)


# Marketing, support, sessions -----------------------------------------------------------------------------------------


def tell_messages(story: Story, opt_ins: Mapping[str, bool], count: int, opens: int, silent_days: int = 0) -> None:
    """Up to `count` messages of channels opted in to; of those, `opens` percent opened, none in the silent days."""
    days_ago = {each: each[0] - story.lag for each in CAMPAIGNS if opt_ins[each[2]]}
    reached = [each for each, days in days_ago.items() if 0 < days < story.person.tenure]
    for campaign in sorted(story.dice.sample(reached, min(count, len(reached))), reverse=True):
        days, (_, name, channel) = days_ago[campaign], campaign
        sent = story.now - timedelta(days=days) + timedelta(hours=9, seconds=story.dice.randrange(1800))
        opened = story.later(sent, (0, 30)) if days > silent_days and story.chance(opens) else None
        tell_message(story, name, channel, sent, opened)


def tell_message(story: Story, name: str, channel: str, sent: datetime, opened: datetime | None) -> None:
    """Nobody sees whether a text message is opened, only whether its link is clicked."""
    campaign = f"{channel}-" + name.lower().replace(" ", "-")
    message = present(
        messageId=f"msg-{story.person.slug}-{campaign}",
        campaignId=campaign,
        campaignName=name,
        channel=channel,
        sentAt=instant(sent),
        status="bounced" if not opened and story.chance(4) else "delivered",
        updatedAt=instant(sent),
    )
    reaction = message_reaction(story, channel, opened) if opened else {}
    if not reaction or story.chance(25):
        story.tell("marketing.message.upserted", f"{campaign}:1", sent, message)
    if opened and reaction:
        story.tell("marketing.message.upserted", f"{campaign}:2", opened, message | reaction)


def message_reaction(story: Story, channel: str, opened: datetime) -> Data:
    seen: Data = {} if channel == "sms" else {"status": "opened", "openedAt": instant(opened)}
    if story.chance(40):
        seen |= {"status": "clicked", "clickedAt": instant(opened)}
    return seen | {"updatedAt": instant(opened)} if seen and opened < story.now else {}


def tell_ticket(story: Story, number: int, created: datetime, status: str, priority: str) -> None:
    category, subject, question, answer = story.dice.choice(ISSUES)
    asker = story.person.name
    first = present(id="m1", content=question, at=instant(created), fromCustomer=True, author=asker)
    ticket = present(
        ticketId=f"tic-{story.person.slug}-{number}",
        number=f"T-{story.person.number * 100 + number:05d}",
        subject=subject,
        status="open",
        priority=priority,
        category=category if not story.chance(15) else None,
        description=question,
        createdAt=instant(created),
        messages=[first],
        updatedAt=instant(created),
    )
    story.tell("support.ticket.upserted", f"{number}:1", created, ticket)
    if status == "open":
        return
    agent, replied = story.dice.choice(AGENTS), story.later(created, (1, 9))
    reply = present(id="m2", content=answer, at=instant(replied), fromCustomer=False, author=agent)
    new = present(status=status, assignee=agent, messages=[first, reply], updatedAt=instant(replied))
    if status in ("resolved", "closed"):
        replied = story.later(replied, (1, 90))
        new |= {"resolvedAt": instant(replied), "updatedAt": instant(replied)}
    story.tell("support.ticket.upserted", f"{number}:2", replied, ticket | new)


def tell_sessions(story: Story, days_ago: Iterable[int], devices: Sequence[str]) -> None:
    favourites = story.dice.sample(CATEGORIES, 3)
    for number, days in enumerate(sorted(days_ago, reverse=True), start=1):
        started = story.day(days).replace(microsecond=story.dice.randrange(1000) * 1000)
        device = story.dice.choice(devices)
        pages = 1 if story.chance(20) else story.dice.randint(2, 18)
        ended = min(started + timedelta(seconds=pages * story.dice.randint(8, 90)), story.now - timedelta(seconds=1))
        viewed = story.dice.sample(favourites, story.dice.randint(1, 3)) if pages > 1 else []
        session = present(
            sessionId=f"ses-{story.person.slug}-{number:03d}",
            startedAt=instant(started),
            endedAt=instant(ended),
            device=device if number % 2 else None,
            userAgent=None if number % 2 else USER_AGENTS[device],
            pageViews=pages if not story.chance(8) else None,
            categoriesViewed=[{"category": name, "count": story.dice.randint(1, 6)} for name in viewed],
        )
        story.tell("analytics.session.recorded", f"{number:03d}", ended, session)


# The fixed customers --------------------------------------------------------------------------------------------------


def tell_amelie(story: Story) -> None:
    opt_ins = {"email": True, "sms": True, "push": True}
    tell_profile(story, opt_ins, addresses=2)
    tell_methods(story, ("card", "wallet", "card"), removed=True)
    for days in (1090, 1010, 930, 850, 770, 690, 610, 540, 470, 405, 345):
        tell_order(story, story.day(days), "completed")
    foreign = {300: "GBP", 62: "USD"}
    endings = {285: "partly refunded", 225: "cancelled", 160: "refunded", 4: "shipped", 2: "processing", 1: "pending"}
    for days in (300, 285, 225, 190, 160, 130, 95, 62, 34, 12, 4, 2, 1):
        tell_order(story, story.day(days), endings.get(days, "delivered"), currency=foreign.get(days))
    for sale in story.sales:
        tell_payment(story, sale)
    lapsing, gone = story.day(70), story.day(400)
    extra = [
        Move(gone, "earned", 150, "Birthday", gone + timedelta(days=10)),
        Move(story.day(220), "redeemed", -500, "Voucher"),
        Move(story.day(140), "adjusted", 200, "Goodwill"),
        Move(lapsing, "earned", 420, "Double points week", lapsing + timedelta(days=90)),
    ]
    tell_loyalty(story, 1080, extra)
    tell_messages(story, opt_ins, 24, 75)
    tell_ticket(story, 1, story.day(500), "closed", "low")
    tell_ticket(story, 2, story.day(158), "resolved", "medium")
    tell_sessions(story, (1, 2, 4, 9, 12, 20, 33, 34, 48, 62, 80, 95, 130, 190, 285), ("mobile", "desktop", "tablet"))


def tell_big(story: Story, orders: int) -> None:
    opt_ins = {"email": True, "sms": False, "push": False}
    tell_profile(story, opt_ins, addresses=2)
    tell_methods(story, ("bank_account", "card"))
    for placed in sorted(story.day(story.dice.randint(1, 1825)) for _ in range(orders)):
        ending = story.dice.choice(ENDINGS)
        tell_order(story, placed, ending, size=(1, 5), quantity=(1, 8), every_version=False)
    for sale in story.sales[-40:]:
        tell_payment(story, sale)
    tell_messages(story, opt_ins, 8, 30)
    tell_ticket(story, 1, story.day(200), "closed", "medium")
    tell_sessions(story, (1, 3, 8, 15, 40, 90), ("desktop",))


def tell_lapsed(story: Story) -> None:
    opt_ins = {"email": True, "sms": False, "push": True}
    tell_profile(story, opt_ins, addresses=1)
    tell_methods(story, ("card",))
    for days in range(980, 280, -50):
        tell_order(story, story.day(days), "completed")
    for sale in story.sales:
        tell_payment(story, sale)
    tell_loyalty(story, 970, [Move(story.day(500), "redeemed", -1000, "Voucher")])
    tell_messages(story, opt_ins, 20, 70, silent_days=280)
    tell_ticket(story, 1, story.day(310), "resolved", "high")
    tell_sessions(story, (290, 330, 332, 380, 430), ("mobile",))


def tell_unhappy(story: Story) -> None:
    opt_ins = {"email": False, "sms": False, "push": False}
    tell_profile(story, opt_ins, addresses=1)
    tell_methods(story, ("card",))
    endings = {400: "completed", 210: "completed", 90: "refunded", 45: "delivered", 15: "cancelled"}
    for days, ending in endings.items():
        tell_order(story, story.day(days), ending)
    for sale in story.sales:
        tell_payment(story, sale)
    tickets = ((92, "closed", "low"), (44, "in_progress", "medium"), (14, "waiting", "high"), (6, "open", "urgent"))
    for number, (days, status, priority) in enumerate((*tickets, (2, "open", "urgent")), start=1):
        tell_ticket(story, number, story.day(days), status, priority)
    tell_sessions(story, (2, 6, 14, 45, 90), ("mobile", "desktop"))


def tell_fixed(story: Story, big_orders: int) -> None:
    match story.person.slug:
        case "amelie":
            tell_amelie(story)
        case "big":
            tell_big(story, big_orders)
        case "lapsed":
            tell_lapsed(story)
        case "unhappy":
            tell_unhappy(story)
        case _:
            tell_profile(story, {"email": False, "sms": False, "push": False}, addresses=0, phone=False)


# Everybody else -------------------------------------------------------------------------------------------------------


ASCII_LETTERS = str.maketrans({"ł": "l", "ı": "i", "ß": "ss"})


def romanised(word: str) -> str:
    written, _, given = word.partition("=")
    folded = unicodedata.normalize("NFKD", (given or written).lower().translate(ASCII_LETTERS))
    return "".join(char for char in folded if char.isascii() and char.isalnum())


def draw_person(dice: Random, number: int, persona: Persona) -> Person:
    home = dice.choices(COUNTRIES, COUNTRY_WEIGHTS)[0]
    first, last = dice.choice(home.first_names.split()), dice.choice(home.last_names.split())
    name = home.name_format.format(first=first.partition("=")[0], last=last.partition("=")[0])
    domain = dice.choice(("example.com", "example.org", "example.net"))
    email = f"{romanised(first)}.{romanised(last)}{number}@{domain}"
    if number == 1:
        name, email = EMOJI_NAME, "zoe@example.org"
    return Person(f"customer-{number:04d}", number + 10, name, email, home, dice.randint(*persona.tenure))


def tell_anyone(seed: int, now: datetime, number: int) -> Story:
    dice = new_dice(seed, f"customer-{number:04d}")
    persona = dice.choices(PERSONAS, [persona.weight for persona in PERSONAS])[0]
    person = draw_person(dice, number, persona)
    opt_ins = {
        channel: dice.randrange(100) < percent for channel, percent in (("email", 75), ("sms", 35), ("push", 40))
    }
    if number % 20 == 5:
        story = Story(replace(person, status="pending", tenure=dice.randint(1, 9)), now, dice)
        tell_profile(story, opt_ins, addresses=0)
        return story
    if status := {12: "suspended", 17: "closed"}.get(number % 20):
        lag = dice.randint(2, 120)
        story = Story(person, now - timedelta(days=lag), dice, lag)
        tell_life(story, persona, opt_ins)
        tell_status(story, status, story.later(story.now, (8, 40)), now)
        return story
    story = Story(person, now, dice)
    tell_life(story, persona, opt_ins)
    return story


def tell_life(story: Story, persona: Persona, opt_ins: Mapping[str, bool]) -> None:
    tell_profile(story, opt_ins, addresses=story.dice.choice((0, 1, 1, 1, 1, 2)), phone=story.chance(80))
    tell_buying(story, persona)
    if story.chance(persona.enrolled):
        tell_loyalty(story, story.dice.randint(story.person.tenure // 2, story.person.tenure - 1))
    tell_messages(story, opt_ins, story.between(persona.messages), persona.opens)
    tell_contact(story, persona)


def tell_buying(story: Story, persona: Persona) -> None:
    count, last = story.between(persona.orders), story.between(persona.last_order)
    types = ["card", *story.dice.sample(("card", "bank_account", "wallet", "mobile_money", "other"), 2)]
    if count:
        used = story.dice.randint(1, 3)
        tell_methods(story, types[:used], removed=used == 3 and story.chance(60))
    earlier = [story.dice.randint(last, max(last, story.person.tenure - 2)) for _ in range(count - 1)]
    for days in sorted([last, *earlier][:count], reverse=True):
        abroad = story.dice.choice(("USD", "GBP", "EUR")) if story.chance(7) else None
        tell_order(story, story.day(days), story.dice.choice(ENDINGS), currency=abroad)
    for sale in story.sales:
        tell_payment(story, sale)


def tell_contact(story: Story, persona: Persona) -> None:
    tenure = story.person.tenure
    for number in range(1, 4):
        if story.chance(persona.tickets):
            days = story.dice.randint(1, max(1, tenure // 2))
            settled = TICKET_STATUSES[3:] if days > 75 else TICKET_STATUSES
            tell_ticket(story, number, story.day(days), story.dice.choice(settled), story.dice.choice(PRIORITIES))
    devices = story.dice.sample(("mobile", "mobile", "desktop", "desktop", "tablet", "unknown"), 2)
    newest = min(persona.last_order[0], tenure)
    days_ago = [story.dice.randint(newest, tenure) for _ in range(story.between(persona.sessions))]
    tell_sessions(story, days_ago, devices)


# Files ----------------------------------------------------------------------------------------------------------------


def new_dice(seed: int, customer_id: str) -> Random:
    return Random(f"{seed}/{customer_id}")


def tell_all(seed: int, now: datetime, customers: int, big_orders: int) -> Iterable[Story]:
    for person in FIXED:
        story = Story(person, now, new_dice(seed, person.customer_id))
        tell_fixed(story, big_orders)
        yield story
    for number in range(1, customers - len(FIXED) + 1):
        yield tell_anyone(seed, now, number)


def file_of(event: Event, number: int) -> str:
    if event.type == "order.upserted" and event.customer_id == "customer-big":
        return ARCHIVE
    if event.type == "payment.transaction.upserted" and number % 3 == 0:
        return CSV_FILE
    return FILES[event.type]


def csv_text(events: Iterable[Event]) -> str:
    text = StringIO()
    rows = csv.DictWriter(text, CSV_HEADER, lineterminator="\n")
    rows.writeheader()
    for event in events:
        envelope = {"eventId": event.event_id, "customerId": event.customer_id, "occurredAt": event.occurred_at}
        rows.writerow(envelope | event.data)
    return text.getvalue()


def write_file(path: Path, events: Iterable[Event]) -> None:
    # The archive is an export of the order book, so in the order of the book; everything else is in order of time.
    is_archive = path.name == ARCHIVE
    ordered = sorted(
        events,
        key=lambda event: (event.data["placedAt"] if is_archive else event.occurred_at, event.event_id),
    )
    text = csv_text(ordered) if path.suffix == ".csv" else "".join(event.line() for event in ordered)
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                packed.write(text.encode())
        else:
            file.write(text.encode())


def write_sample(out: Path, *, seed: int, customers: int, big_orders: int, now: date) -> dict[str, int]:
    """Write the files into `out` and answer how many events each has."""
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Event]] = {name: [] for name in (*FILES.values(), ARCHIVE, CSV_FILE)}
    for story in tell_all(seed, datetime.combine(now, time(), UTC), customers, big_orders):
        for event in story.events:
            files[file_of(event, story.person.number)].append(event)
    for name, events in files.items():
        write_file(out / name, events)
    return {name: len(events) for name, events in files.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Write a made-up shop's source events.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--customers", type=int, default=120, help=f"at least {len(FIXED)}")
    parser.add_argument("--big-orders", type=int, default=5000)
    parser.add_argument("--now", type=date.fromisoformat, default=datetime.now(UTC).date(), metavar="YYYY-MM-DD")
    options = parser.parse_args(arguments)
    if options.customers < len(FIXED) or not 0 <= options.big_orders <= 9999:
        parser.error(f"--customers must be at least {len(FIXED)}, --big-orders from 0 to 9999")
    counts = write_sample(**vars(options))
    for name, count in counts.items():
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()
