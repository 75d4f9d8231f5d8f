"""CSV, XLSX and JSON files say what they were given, read back by readers that know nothing of how they are written."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from customer360.exports.document import Column, Document, Kind, Section, Table
from customer360.exports.writers import comma_separated, json_document, xlsx
from customer360.exports.writers.cells import TOLD_EVERY
from support.documents import MADE_AT, a_cover, a_document, csv_files, csv_rows, sheets, written

WRITERS = {"json": json_document, "csv": comma_separated, "zip": comma_separated, "xlsx": xlsx}
STARTERS = "=+-@\t\r\n＝＋－＠"
TEXT = Column("text", "Text")

beginnings = st.sampled_from(
    ["", *STARTERS, "'", "''=", "'+", '"', ",", "\r\n", "\x00", "\x0b", "#N/A", "_x000D_", "😀"]
)
pieces = st.lists(st.sampled_from([*STARTERS, ";", "'", '"', ",", " ", "a"]), max_size=8).map("".join)
texts = st.builds(str.__add__, beginnings, st.text(st.characters(exclude_categories=["Cs"])) | pieces)
amounts = (
    st.decimals(-(10**12), 10**12, places=2) | st.decimals(-(10**9), 10**9, places=6) | st.decimals(0, 9, places=3)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def file_of(folder: Path, extension: str, columns: list[Column], rows: list[dict[str, Any]], **cover: Any) -> bytes:
    document = a_document(columns, iter(rows), **cover)
    return written(WRITERS[extension].write, document, folder / f"file.{extension}")


@settings(max_examples=150)
@given(st.lists(texts, min_size=1, max_size=5))
def test_any_text_is_read_back_from_csv_and_is_never_a_formula(folder: Path, values: list[str]) -> None:
    head, *rows = csv_rows(file_of(folder, "csv", [TEXT], [{"text": value} for value in values]))
    assert head[0] == "Text"
    assert [comma_separated.original(row[0]) for row in rows] == values
    assert not [row for row in rows if row[0][:1] and row[0][0] in STARTERS]


@settings(max_examples=300)
@given(texts)
@example("Ada;=cmd|' /C calc'!A0;x")
@example('Ada;"=1+1')
@example("Ada\n=cmd|' /C calc'!A0;x")
def test_no_text_begins_a_formula_where_cells_are_parted_otherwise(folder: Path, value: str) -> None:
    """As by Excel in German or French, for which a quotation mark behind `C-1,` is a letter like any other."""
    content = file_of(folder, "csv", [Column("id", "Id"), TEXT], [{"id": "C-1", "text": value}]).decode("utf-8-sig")
    for separator in ";\t":
        cells = [cell for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator) for cell in row]
        assert not [cell for cell in cells if cell.lstrip("\t")[:1] and cell.lstrip("\t")[0] in "=+-@＝＋－＠"]


@settings(max_examples=60)
@given(st.lists(texts, min_size=1, max_size=5))
def test_any_text_is_read_back_from_json(folder: Path, values: list[str]) -> None:
    read = json.loads(file_of(folder, "json", [TEXT], [{"text": value} for value in values]))
    assert [row["text"] for row in read["things"]["things"]] == values


@settings(max_examples=60)
@given(st.lists(texts, min_size=1, max_size=20))
def test_any_text_is_read_back_from_xlsx_without_what_xml_cannot_hold(folder: Path, values: list[str]) -> None:
    content = file_of(folder, "xlsx", [Column("n", "No.", Kind.WHOLE_NUMBER), TEXT], [
        {"n": number, "text": value} for number, value in enumerate(values)
    ])  # fmt: skip
    rows = sheets(content)["Things"][1:]
    assert [row[0].value for row in rows] == list(range(len(values)))
    holds = [value.replace("\r\n", "\n").replace("\r", "\n") for value in values]
    holds = ["".join(c for c in value if c >= " " or c in "\t\n") for value in holds]
    holds = [value.replace("\ufffe", "").replace("\uffff", "") for value in holds]
    assert [unescape(row[1].value or "") for row in rows] == holds
    assert {row[1].data_type for row in rows} <= {"s", "inlineStr", "n"}
    assert not [row for row in rows if row[1].data_type == "n" and row[1].value is not None]


@settings(max_examples=60)
@given(st.lists(amounts, min_size=1, max_size=20))
def test_amounts_stay_exact_and_numbers(folder: Path, values: list[Decimal]) -> None:
    columns = [Column("amount", "Amount", Kind.MONEY)]
    rows = [{"amount": value} for value in values]
    read = json.loads(file_of(folder, "json", columns, rows), parse_float=Decimal, parse_int=Decimal)
    assert [str(row["amount"]) for row in read["things"]["things"]] == [f"{value:f}" for value in values]
    cells = [row[0] for row in csv_rows(file_of(folder, "csv", columns, rows))[1:]]
    assert cells == [f"{value:f}" for value in values]
    typed = [row[0] for row in sheets(file_of(folder, "xlsx", columns, rows))["Things"][1:]]
    assert [Decimal(str(cell.value)) for cell in typed] == values
    assert all(cell.data_type == "n" for cell in typed if len(str(cell.value)) < 15)


def test_a_number_longer_than_excel_can_keep_is_whole_as_text(folder: Path) -> None:
    columns = [Column("n", "N", Kind.NUMBER)]
    values = [Decimal("12345678901234.56"), Decimal("-0.1234567890123456"), Decimal(10**15 - 1), Decimal(10**18)]
    rows = sheets(file_of(folder, "xlsx", columns, [{"n": value} for value in values]))["Things"][1:]
    assert [row[0].value for row in rows] == ["12345678901234.56", "-0.1234567890123456", 10**15 - 1, 10**18]


def test_csv_neutralises_text_but_no_number(folder: Path) -> None:
    columns = [TEXT, Column("amount", "Amount", Kind.MONEY), Column("points", "Points", Kind.WHOLE_NUMBER)]
    row = {"text": "-1", "amount": Decimal("-12.50"), "points": -3}
    assert csv_rows(file_of(folder, "csv", columns, [row]))[1][:3] == ["'-1", "-12.50", "-3"]


def test_csv_is_what_rfc_4180_says_and_excel_knows_its_encoding(folder: Path) -> None:
    columns = [Column("a", "A"), Column("b", "B, too")]
    content = file_of(folder, "csv", columns, [{"a": 'say "é"', "b": "1\n2"}, {"a": None}])
    assert content.startswith(b'\xef\xbb\xbfA,"B, too",')
    assert content.count(b"\r\n") == 3
    assert '"say ""é""","1\n2",'.encode() in content


def test_a_csv_of_one_table_says_in_each_row_who_made_it_and_when(folder: Path) -> None:
    head, row = csv_rows(file_of(folder, "csv", [TEXT], [{"text": "x"}]))
    assert dict(zip(head, row, strict=True)) == {
        "Text": "x", "Exported (UTC)": MADE_AT, "Exported by": "Mara Maker (sub-manager, manager)"
    }  # fmt: skip


def test_a_csv_of_several_tables_is_refused(folder: Path) -> None:
    table = Table("a", "A", (TEXT,), [])
    document = Document(a_cover(), [Section("s", "S", (), {}, (table, table))])
    with pytest.raises(ValueError):
        comma_separated.write(document, folder / "several.csv", lambda rows: None)


def orders_section(lines: Any = ()) -> Section:
    """An answer with values of its own, a list, and a list within that."""
    rows = [{"id": "o1", "total": Decimal("1.50"), "lines": [{"name": "Tea"}]}]
    return Section(
        "orders",
        "Orders",
        (Column("totalOrders", "Orders", Kind.WHOLE_NUMBER),),
        {"totalOrders": 1, "nothing": None},
        (
            Table("orders", "Orders", (Column("id", "Order id"), Column("total", "Total", Kind.MONEY)), rows),
            Table("orders.lines", "Order lines", (Column("name", "Item"),), lines or [{"name": "Tea"}]),
            Table("shippedTo", "Shipped to", (Column("city", "City"),), []),
        ),
    )


def test_json_has_the_shape_of_the_api(folder: Path) -> None:
    content = written(json_document.write, Document(a_cover(), [orders_section()]), folder / "shape.json")
    assert json.loads(content, parse_float=Decimal) == {
        "export": {
            "id": "export-1",
            "title": "Customer export",
            "subject": "c-1",
            "madeAt": MADE_AT,
            "madeBy": {"id": "sub-manager", "name": "Mara Maker", "role": "manager"},
            "currency": "EUR",
            "timeZone": "Europe/Berlin",
            "filters": {"from": "2026-01-01T00:00:00Z"},
            "version": 7,
        },
        "orders": {
            "totalOrders": 1,
            "nothing": None,
            "orders": [{"id": "o1", "total": Decimal("1.50"), "lines": [{"name": "Tea"}]}],
            "shippedTo": [],
        },
    }


def test_json_reads_no_list_that_is_within_another_already(folder: Path) -> None:
    class Unread(list[Any]):
        def __iter__(self) -> Any:
            raise AssertionError("was read")

    written(json_document.write, Document(a_cover(), [orders_section(Unread([1]))]), folder / "shape.json")


def test_a_zip_has_a_csv_for_each_table_and_names_them(folder: Path) -> None:
    content = written(comma_separated.write, Document(a_cover(), [orders_section()]), folder / "all.zip")
    assert csv_files(content) == {
        "orders-summary.csv": [["Orders"], ["1"]],
        "orders.csv": [["Order id", "Total (EUR)"], ["o1", "1.50"]],
        "orders-lines.csv": [["Item"], ["Tea"]],
        "orders-shipped-to.csv": [["City"]],
    }
    with ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["export"]["madeBy"]["name"] == "Mara Maker"
    assert {file["name"]: file["rows"] for file in manifest["files"]} == {
        "orders-summary.csv": 1, "orders.csv": 1, "orders-lines.csv": 1, "orders-shipped-to.csv": 0
    }  # fmt: skip


def test_the_same_document_is_the_same_zip(folder: Path) -> None:
    first, second = (
        written(comma_separated.write, Document(a_cover(), [orders_section()]), folder / "same.zip") for _ in range(2)
    )
    assert first == second


def test_a_workbook_has_a_cover_and_a_sheet_for_each_table(folder: Path) -> None:
    content = written(xlsx.write, Document(a_cover(), [orders_section()]), folder / "book.xlsx")
    found = sheets(content)
    assert list(found) == ["About this export", "Orders, summary", "Orders", "Order lines", "Shipped to"]
    cover = {row[0].value: row[1].value for row in found["About this export"][1:]}
    assert cover["Made by"] == "Mara Maker"
    assert cover["Made at (UTC)"] == MADE_AT
    assert cover["Limited to: from"] == "2026-01-01T00:00:00Z"
    assert cover["Version of the customer"] == "7"
    workbook = load_workbook(io.BytesIO(content))
    assert workbook.properties.creator == "Mara Maker"
    sheet = workbook["Orders"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B2")
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width > 10


def test_cells_are_typed(folder: Path) -> None:
    columns = [
        Column("at", "At", Kind.INSTANT),
        Column("on", "On", Kind.DAY),
        Column("eur", "Own", Kind.MONEY),
        Column("yen", "Beside", Kind.MONEY, currency="currency"),
        Column("tenth", "Unit price", Kind.MONEY),
        Column("share", "Share", Kind.PERCENT),
        Column("way", "Way", Kind.PERCENT),
        Column("count", "Count", Kind.WHOLE_NUMBER),
        Column("yes", "Yes", Kind.YES_NO),
        Column("words", "Words"),
        Column("facts", "Facts"),
        Column("old", "Old", Kind.INSTANT),
        Column("none", "None", Kind.MONEY),
    ]
    row = {
        "at": "2026-01-31T23:30:00Z",
        "on": "2026-01-31",
        "eur": Decimal("-3.50"),
        "yen": Decimal(500),
        "currency": "JPY",
        "tenth": Decimal("0.125"),
        "share": Decimal("12.5"),
        "way": 40,
        "count": 7,
        "yes": True,
        "words": ["one", "two"],
        "facts": {"a": Decimal("1.0")},
        "old": "1023-01-01T00:00:00Z",
        "none": None,
    }
    head, cells = sheets(file_of(folder, "xlsx", columns, [row]))["Things"]
    assert [cell.value for cell in head[:4]] == ["At (UTC)", "On", "Own (EUR)", "Beside"]
    assert [(cell.value, cell.number_format) for cell in cells] == [
        (datetime.fromisoformat("2026-01-31T23:30:00"), "yyyy-mm-dd hh:mm:ss"),
        (datetime.fromisoformat("2026-01-31"), "yyyy-mm-dd"),
        (-3.5, "#,##0.00"),
        (500, "#,##0"),
        (0.125, "#,##0.000"),
        (0.125, "0.0%"),
        (0.4, "0%"),
        (7, "General"),
        (True, "General"),
        ("one\ntwo", "General"),
        ('{"a":1.0}', "General"),
        ("1023-01-01T00:00:00Z", "General"),
        (None, "General"),
    ]


def test_only_cells_with_several_lines_are_wrapped(folder: Path) -> None:
    rows = [{"text": text} for text in ("=one", "- call\r\n- write", "one", "=two", "=a\nb")]
    (_, *found) = sheets(file_of(folder, "xlsx", [TEXT], rows))["Things"]
    assert [(row[0].value, bool(row[0].alignment.wrap_text)) for row in found] == [
        ("=one", False),
        ("- call\n- write", True),
        ("one", False),
        ("=two", False),
        ("=a\nb", True),
    ]


@pytest.mark.parametrize("letter", ["a", "😀"])
def test_a_cell_that_is_too_long_is_cut_and_says_so(folder: Path, letter: str) -> None:
    (cell,) = sheets(file_of(folder, "xlsx", [TEXT], [{"text": letter * 40_000}]))["Things"][1]
    assert cell.value.endswith(xlsx.CUT)
    assert len(cell.value.encode("utf-16-le")) // 2 in {xlsx.MOST_CHARACTERS, xlsx.MOST_CHARACTERS - 1}
    (cell,) = sheets(file_of(folder, "xlsx", [TEXT], [{"text": "a" * xlsx.MOST_CHARACTERS}]))["Things"][1]
    assert not cell.value.endswith(xlsx.CUT)


@pytest.mark.parametrize(("rows", "expected"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_rows_beyond_the_last_go_on_on_another_sheet(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rows: int, expected: list[int]
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 4)
    found = sheets(file_of(folder, "xlsx", [TEXT], [{"text": str(number)} for number in range(rows)]))
    found.pop("About this export")
    assert [len(sheet) - 1 for sheet in found.values()] == expected
    assert [row[0].value for sheet in found.values() for row in sheet[1:]] == [str(number) for number in range(rows)]
    assert all(sheet[0][0].value == "Text" for sheet in found.values())


@given(st.lists(texts, max_size=6))
@example(["' '0' '"])
def test_sheets_have_names_that_excel_takes(titles: list[str]) -> None:
    taken: set[str] = set()
    names = [xlsx.sheet_name(title, taken) for title in [*titles, "A" * 40, "a" * 40, "History", "x/y:z"]]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.lower() != "history"


@pytest.mark.parametrize("extension", WRITERS)
def test_progress_is_told_while_rows_are_written(folder: Path, extension: str) -> None:
    told: list[int] = []
    document = a_document([TEXT], ({"text": "x"} for _ in range(2 * TOLD_EVERY + 1)))
    assert WRITERS[extension].write(document, folder / f"progress.{extension}", told.append) == 2 * TOLD_EVERY + 1
    assert told == [TOLD_EVERY, 2 * TOLD_EVERY]


@pytest.mark.parametrize("extension", WRITERS)
def test_half_a_surrogate_pair_costs_nobody_the_file(folder: Path, extension: str) -> None:
    assert file_of(folder, extension, [TEXT], [{"text": "a\ud800b"}])
