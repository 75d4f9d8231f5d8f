"""Files of transactions: any usual shape is read, and what cannot be read is named with its line."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.learning import Buyer
from evaluation.transactions import BadFile, Transactions, read

JAN_1, JAN_5 = date(2024, 1, 1).toordinal(), date(2024, 1, 5).toordinal()
EXPECTED = [
    Buyer((JAN_1, JAN_5), ((JAN_1, Decimal("12.5")), (JAN_5, Decimal(7)))),
    Buyer((JAN_5,), ((JAN_5, Decimal(3)),)),
]


def reading(folder: Path, text: str | bytes) -> Transactions:
    path = folder / "purchases.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


@pytest.mark.parametrize(
    "text",
    [
        "customer_id,date,amount,currency\na,2024-01-01,12.5,EUR\na,2024-01-05,7,EUR\nb,2024-01-05,3,EUR\n",
        "a,2024-01-01,12.5\na,2024-01-05,7\nb,2024-01-05,3\n",
        "\ufeffDate;Customer ID;Total\n2024-01-01;a;12.50\n2024-01-05;a;7\n\n2024-01-05;b;3",
        'cust\tdate\tsales\r\n"a"\t20240101\t12.5\r\na\t20240105\t7\r\nb\t20240105\t3\r\n',
        "  a 20240101 1 12.5\n  a 20240105 2 7\n\n  b 20240105 1 3\n",
        "who|when|what\na|2024-01-01T23:59:59+02:00|12.5\na|2024/01/05 08:00|7\nb|2024-01-05|3\n",
        "b,2024-01-05,1\na,2024-01-05,7\nb,2024-01-05,2\na,2024-01-01,12.5\n",
    ],
    ids=["header", "bare", "named, any order, BOM", "tabs", "blanks and quantity", "unknown names", "any order"],
)
def test_reads_the_usual_shapes(tmp_path: Path, text: str) -> None:
    found = reading(tmp_path, text)
    assert found.buyers == EXPECTED
    assert (found.first, found.last, found.purchase_days) == (date(2024, 1, 1), date(2024, 1, 5), 3)
    assert (found.name, found.notes) == ("purchases.csv", [])


def test_amounts_are_optional(tmp_path: Path) -> None:
    found = reading(tmp_path, "a,2024-01-01\na,2024-01-05\nb,2024-01-05\n")
    assert found.buyers == [Buyer((JAN_1, JAN_5)), Buyer((JAN_5,))]
    assert found.notes == ["no amounts"]


def test_thousands_may_be_separated(tmp_path: Path) -> None:
    assert reading(tmp_path, 'a,2024-01-01,"1,234.50"\n').buyers == [Buyer((JAN_1,), ((JAN_1, Decimal("1234.50")),))]


def test_a_refund_is_no_purchase_and_lowers_what_was_spent(tmp_path: Path) -> None:
    found = reading(tmp_path, "a,2024-01-01,10\na,2024-01-05,-4\nb,2024-01-05,-3\n,2024-01-05,9\n")
    assert found.buyers == [Buyer((JAN_1,), ((JAN_1, Decimal(10)), (JAN_5, Decimal(-4))))]
    assert found.notes == ["1 rows without a customer left out", "1 customers with refunds only left out"]


def test_amounts_in_several_currencies_are_left_out(tmp_path: Path) -> None:
    found = reading(tmp_path, "a,2024-01-01,10,EUR\na,2024-01-05,4,USD\n")
    assert found.buyers == [Buyer((JAN_1, JAN_5))]
    assert found.notes == ["amounts left out: they are in 2 currencies"]


def test_identifiers_may_be_in_any_encoding(tmp_path: Path) -> None:
    assert len(reading(tmp_path, "Zoë,2024-01-01,1\nZoé,2024-01-01,1\n".encode("latin-1")).buyers) == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "purchases.csv: no purchase in it"),
        ("customer_id,date,amount\n", "purchases.csv: no purchase in it"),
        ("a,2024-01-01,-5\n", "purchases.csv: no purchase in it"),
        ("customer_id,date,amount\n\na,01/02/2024,5\n", "line 3: '01/02/2024' is not a date like 1997-01-31"),
        ("a,2024-01-01,5\na,2024-02-30,5\n", "line 2: '2024-02-30' is not a date like 1997-01-31"),
        ("a,2024-01-01,5\na\n", "line 2: '' is not a date like 1997-01-31"),
        ("a;2024-01-01;5,00\n", "line 1: '5,00' is not an amount like 12.50"),
        ("a,2024-01-01,5\na,2024-01-02,NaN\n", "line 2: 'NaN' is not an amount like 12.50"),
        ("a,2024-01-01,5\na,2024-01-02,\n", "line 2: '' is not an amount like 12.50"),
        ("one\n", "line 1: needs columns customer, date and, if there is one, amount"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadFile) as raised:
        reading(tmp_path, text)
    assert str(raised.value).startswith(str(tmp_path / "purchases.csv"))
    assert complaint in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"nowhere\.csv: No such file"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(BadFile, match="Is a directory"):
        read(tmp_path)


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(alphabet='a1,;- \n\t"20240101.', max_size=80).map(str.encode))
def test_no_content_does_more_than_complain(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    with suppress(BadFile):
        assert reading(folder, content).buyers
