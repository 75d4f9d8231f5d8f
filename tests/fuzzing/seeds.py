"""Valid inputs of every parser: what fuzzing begins with, and changes."""

from collections.abc import Mapping

from customer360.api import cursor as cursors
from customer360.exact_json import dumps
from support import builders

EVENTS = [
    builders.customer("c1"),
    builders.order("c1"),
    builders.points("c1", "p1", 120),
    builders.ticket("c1"),
    builders.message("c1"),
    builders.session("c1"),
    builders.payment("c1"),
    builders.method("c1"),
    builders.removed_method("c1"),
    builders.account("c1"),
]

CRITERIA = [
    {"field": "lifetimeValue", "op": "gte", "value": 500},
    {
        "all": [
            {"field": "country", "op": "in", "value": ["DE", "FR"]},
            {"not": {"field": "tag", "op": "eq", "value": "vip"}},
        ]
    },
    {"any": [{"field": "registeredAt", "op": "between", "value": ["2025-01-01", "2025-12-31T23:59:59Z"]}]},
    {"field": "daysSinceLastPurchase", "op": "exists", "value": False},
]

CSV = [
    "customer.upserted\n"
    "customerId,name,email,registeredAt,status,addresses,optIns.email,optIns.sms,optIns.push,updatedAt\n"
    'c1,"Lee, Ann",a@example.com,2025-01-01T00:00:00Z,active,[],true,false,false,2025-01-01T00:00:00Z\r\n',
    "loyalty.points.recorded\n"
    "customerId,transactionId,type,points,description,at\n"
    'c1,p1,earned,10,"a ""b"" c",2025-01-01T00:00:00Z',
]

SEARCHES = [
    "q=am%C3%A9lie+%2B33+6+12&segment=a,b&tag=vip&tier=gold&churnLevel=high&emailOptIn=true&sort=-lifetimeValue",
    "registrationFrom=2025-01-01&registrationTo=2025-12-31T00:00:00%2B02:00&clvMin=0.10&clvMax=99&healthMin=1",
]

CARDS = ["pay with 4111 1111 1111 1111 please", "5500-0000-0000-0004, 3400 000000 00009", "order 1234567890123456"]

SEEDS: Mapping[str, list[bytes]] = {
    "cursors": [
        cursors.encode(text, "orders", "c1").encode() for text in ("ORDER#o1", "2025-01-01T00:00:00.000000Z\to1")
    ],
    "criteria": [dumps(each).encode() for each in CRITERIA],
    "csv": [each.encode() for each in CSV],
    "events": [dumps(each).encode() for each in EVENTS],
    "searches": [each.encode() for each in SEARCHES],
    "cards": [each.encode() for each in CARDS],
}
