"""A PDF says what it was given, read back by a reader that knows nothing of how it was written."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from customer360.access.policy import ROLES
from customer360.exports.columns import LAYOUTS
from customer360.exports.document import Column, Document, Kind, Section, Table
from customer360.exports.writers import pdf_fonts
from customer360.exports.writers.cells import TOLD_EVERY
from customer360.exports.writers.pdf import write
from customer360.exports.writers.pdf_charts import Spending, scale
from customer360.exports.writers.pdf_columns import chosen_layout
from customer360.exports.writers.pdf_fonts import UNKNOWN, printable, runs
from customer360.exports.writers.pdf_paper import Paper
from customer360.exports.writers.pdf_values import Values, grouped, money
from support.documents import a_cover, a_document

SCRIPTS = {
    "Latin": "Zoë Łukasiewicz Nguyễn Thị Ánh Þórðr ẞ",
    "Greek and Cyrillic": "Ἀλέξανδρος Дмитрий Київ Ђорђе",
    "Arabic": "مُحَمَّد بن عبد الله پژمان ٹیپو",
    "Hebrew": "יִצְחָק בן־גוריון",
    "Devanagari": "लक्ष्मी श्रीवास्तव",
    "Bengali": "সৌমিত্র চট্টোপাধ্যায়",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Gujarati": "નરેન્દ્ર પટેલ",
    "Odia": "ଜଗନ୍ନାଥ ଦାସ",
    "Tamil": "மு. கருணாநிதி",
    "Telugu": "శ్రీనివాస్ రావు",
    "Kannada": "ಕುವೆಂಪು ಪುಟ್ಟಪ್ಪ",
    "Malayalam": "വൈക്കം ബഷീർ",
    "Sinhala": "ශ්‍රී ලංකා",
    "Thai": "สมชาย ใจดี",
    "Lao": "ສົມສະໄໝ",
    "Khmer": "ស៊ីសុវត្ថិ",
    "Burmese": "အောင်ဆန်းစုကြည်",
    "Tibetan": "བསྟན་འཛིན",
    "Georgian and Armenian": "ნინო ბერიძე Արամ",
    "Amharic": "ኃይለ ሥላሴ",
    "Dhivehi": "އިބްރާހިމް",
    "Chinese": "王小明 張偉 䶮 歐陽",
    "Japanese": "渡邊さくら 高橋タロウ 齋藤",
    "Korean": "김민준 이서연",
    "emoji": "😀 👩‍👩‍👧‍👦 👍🏽 🇩🇪 1️⃣ ❤️ 🏳️‍🌈",
    "signs": "€ £ ¥ ₹ ₩ ₿ ™ ½ × → ★ ✓ “–” … № ＦＵＬＬ",
}
# What controls direction, what has no sign of its own, letters of all kinds of scripts with their marks, and emoji.
MIXED = st.one_of(
    st.sampled_from("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
    st.sampled_from("\u00ad\u034f\u061c\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\U000e0067\U000e007f"),
    st.sampled_from("مرحبا۱\u064bשלום\u05b0श्री\u093f\u094dกำไทย中한\u1100\u1161\u11a8"),
    st.sampled_from("ab 1(-).\u0300\n❤☎👩🏽🇩\u20e3"),
)
ORDER_COLUMNS = (
    Column("orderNumber", "Order number"),
    Column("date", "Placed", Kind.INSTANT),
    Column("status", "Status"),
    Column("currency", "Currency"),
    Column("total", "Total", Kind.MONEY, currency="currency"),
)


def read(document: Document, folder: Path) -> PdfReader:
    write(document, folder / "document.pdf", lambda rows: None)
    return PdfReader(folder / "document.pdf")


@pytest.fixture(scope="module")
def paper() -> Iterator[Paper]:
    with closing(Paper(title="Customer", author="", subject="c-1", made_at=datetime.now(UTC), foot="")) as blank:
        blank.add_page()
        yield blank


def text_of(reader: PdfReader) -> str:
    return plain("\n".join(page.extract_text() for page in reader.pages))


def plain(text: str) -> str:
    """Without what only keeps words on a line together, or sets them apart."""
    return re.sub(r"\s+", " ", text)


def an_order(number: int, **facts: Any) -> dict[str, Any]:
    usual = {"orderNumber": f"A-{number}", "date": "2026-01-31T23:30:00Z", "status": "completed", "currency": "EUR"}
    return usual | {"total": Decimal("10.00")} | facts


def of_orders(orders: Iterator[Mapping[str, Any]] | list[dict[str, Any]], *, sums: bool = True) -> Document:
    own = (Column("totalOrders", "Orders", Kind.WHOLE_NUMBER),)
    revenue = (Column("totalRevenue", "Revenue", Kind.MONEY),) if sums else ()
    answer = {"totalOrders": 3} | ({"totalRevenue": Decimal("1234.50")} if sums else {})
    section = Section("orders", "Orders", own + revenue, answer, (Table("orders", "Orders", ORDER_COLUMNS, orders),))
    return Document(a_cover(), [section])


# ---------------------------------------------------------------- Scripts


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("is_bold", [False, True])
def test_every_script_a_name_is_written_in_has_its_letters(text: str, is_bold: bool) -> None:
    assert UNKNOWN not in printable(text)
    drawn = runs(printable(text), is_bold=is_bold)
    for run in drawn:
        missing = [letter for letter in run.text if ord(letter) not in pdf_fonts.characters(run.font)]
        assert all(pdf_fonts._INVISIBLE.match(letter) for letter in missing), (run, missing)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_no_name_leaves_an_empty_box(text: str, tmp_path: Path) -> None:
    """Every code on the page stands for a glyph of an embedded font, and for some text when it is copied."""
    reader = read(a_document([Column("name", "Name")], [{"name": text}], subject=text, made_by_name=text), tmp_path)
    content = text_of(reader)
    letters = {letter for letter in printable(text) if letter.isalpha()}
    assert letters <= set(content), letters - set(content)
    assert UNKNOWN not in content
    for font in fonts(reader):
        (embedded,) = font["/DescendantFonts"]
        assert "/FontFile2" in embedded.get_object()["/FontDescriptor"]


def fonts(reader: PdfReader) -> list[Any]:
    """The fonts in use; each has one descendant, which is the embedded one."""
    pages: list[Any] = list(reader.pages)
    found = {name: font.get_object() for page in pages for name, font in page["/Resources"]["/Font"].items()}
    return list(found.values())


def test_arabic_letters_join_and_run_from_the_right(tmp_path: Path) -> None:
    def forms(subject: str) -> int:
        """How many glyphs stand for the letter."""
        (font,) = (font for font in fonts(read(a_document([], [], subject=subject), tmp_path)) if "Arabic" in str(font))
        return str(font["/ToUnicode"].get_data()).upper().count("<0645>")

    assert (forms("م م م"), forms("ممم")) == (1, 3), "its first, middle and last form"
    (run,) = runs(printable("محمد"), is_bold=False)
    assert run.is_right_to_left


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc محمد 123 علي def", ["abc ", "علي", " ", "123", " ", "محمد", " def"]),
        ("محمد 12", ["12", " ", "محمد"]),
        ("a \u2068محمد\u2069 · 2026", ["a ", "محمد", " · 2026"]),
    ],
)
def test_runs_stand_in_the_order_in_which_they_are_seen(text: str, seen: list[str]) -> None:
    drawn = [run.text for run in runs(printable(text), is_bold=False)]
    assert re.sub(r"\s", "", "|".join(drawn)) == re.sub(r"\s", "", "|".join(seen)) or "".join(drawn) == "".join(seen)


def test_devanagari_is_shaped_by_its_own_rules_beside_latin_letters() -> None:
    drawn = runs(printable("Customer · क्षत्रिय"), is_bold=True)
    assert [(run.font, run.text) for run in drawn] == [
        ("NotoSans-Bold", "Customer · "),
        ("NotoSansDevanagari", "क्षत्रिय"),
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("مرحبا أريد iPhone هاتف", ["هاتف", " ", "iPhone"]),
        ("Call Dana مرحبا again", ["مرحبا", " again"]),
    ],
)
def test_all_lines_of_a_paragraph_run_in_the_direction_of_the_first(text: str, seen: list[str], paper: Paper) -> None:
    _, second = paper.lines(printable(text), 79, 12)
    assert [run.text for run in runs(second, is_bold=False)] == seen


def test_a_family_stays_together_where_the_text_runs_from_the_right() -> None:
    family, flag = "👩‍👩‍👧‍👦", "🇩🇪"
    drawn = [run.text for run in runs(printable(f"محمد{family}{flag}علي"), is_bold=False)]
    assert drawn == ["علي", flag, family, "محمد"]


def test_marks_and_joiners_stay_with_what_they_belong_to() -> None:
    assert [run.font for run in runs(printable("👩‍👩‍👧‍👦"), is_bold=False)] == ["NotoEmoji"]
    assert [run.font for run in runs(printable("مُحَمَّد"), is_bold=False)] == ["NotoSansArabic"]


@pytest.mark.parametrize("text", ["\U00012000", "\x00", "\ud800", "\U0010fffe", "𓀀"])
def test_a_letter_that_no_font_has_is_a_sign_that_can_be_seen(text: str, tmp_path: Path) -> None:
    assert printable(f"a{text}b") == f"a{UNKNOWN}b"
    content = text_of(read(a_document([Column("name", "Name")], [{"name": f"a{text}b"}], subject=text), tmp_path))
    assert f"a{UNKNOWN}b" in content


@pytest.mark.parametrize(
    "text",
    ["م\u202e\ufe0f", "שלום\u202a\u200d\u202c abc", "\u202bمرحبا\u202c\u200b\u202a(order 12)\u202c", "م❤\u202c\u200b"],
)
def test_what_is_invisible_is_no_run_of_its_own(text: str) -> None:
    """Its font may have nothing for it, and then it cannot be shaped."""
    for run in runs(printable(text), is_bold=False):
        assert not all(pdf_fonts._INVISIBLE.match(letter) for letter in run.text), run


@settings(max_examples=300, deadline=None)
@given(st.text(MIXED, min_size=1, max_size=9), st.sampled_from([5.0, 20.0, 200.0]), st.booleans())
def test_any_mixture_of_scripts_can_be_put_on_paper(paper: Paper, text: str, width: float, bold: bool) -> None:
    for line in paper.lines(printable(text), width, 8, bold=bold):
        paper.put(42, 60, line, 8, bold=bold)


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(), max_size=60), st.text(MIXED, max_size=60))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str, mixed: str) -> None:
    document = a_document(
        [Column("name", text)], [{"name": mixed}], subject=text, made_by_name=mixed, filters={text: mixed}
    )
    read(document, tmp_path_factory.mktemp("pdf"))


def test_a_long_text_is_cut_between_letters_as_people_see_them(paper: Paper) -> None:
    family = "👩‍👩‍👧‍👦"
    assert re.fullmatch("W+…", paper.shortened("W" * 500, 300, 12)), "and not down to a word"
    assert re.fullmatch(f"({family})+…", paper.shortened(family * 60, 300, 12))
    assert paper.shortened("one\ntwo", 300, 12) == "one two"


# ---------------------------------------------------------------- Values


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "EUR 1,234.50"),
        ("-0.1", "EUR", "EUR −0.10"),
        ("1234567", "JPY", "JPY 1,234,567"),
        ("1.25", "KWD", "KWD 1.250"),
        ("0.12345", "EUR", "EUR 0.12345"),
    ],
)
def test_an_amount_has_its_currency_and_its_decimals(amount: str, currency: str, shown: str, tmp_path: Path) -> None:
    assert money(Decimal(amount), currency).replace("\u00a0", " ") == shown
    document = a_document(
        [Column("total", "Total", Kind.MONEY, currency="currency")], [{"total": Decimal(amount), "currency": currency}]
    )
    assert shown in text_of(read(document, tmp_path))


def test_an_amount_without_a_currency_beside_it_is_the_shops(tmp_path: Path) -> None:
    document = a_document([Column("total", "Total", Kind.MONEY)], [{"total": Decimal(5)}], currency="JPY")
    assert "JPY 5" in text_of(read(document, tmp_path))


def test_instants_are_on_the_shops_clock_which_is_named(tmp_path: Path) -> None:
    document = a_document(
        [Column("at", "At", Kind.INSTANT), Column("on", "On", Kind.DAY)],
        [{"at": "2026-07-01T22:30:00Z", "on": "2026-07-01"}],
    )
    content = text_of(read(document, tmp_path))
    assert "2 Jul 2026, 00:30" in content
    assert "1 Jul 2026 " in content
    assert "Europe/Berlin" in content


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_number_keeps_its_digits(number: Decimal) -> None:
    assert Decimal(grouped(number).replace(",", "").replace("−", "-")) == number


# ---------------------------------------------------------------- The document


def test_the_cover_says_who_made_it_when_and_of_what(tmp_path: Path) -> None:
    reader = read(a_document([Column("name", "Name")], [], made_by_name="Mara Māker", subject="c-1"), tmp_path)
    content = plain(reader.pages[0].extract_text())
    for fact in ("Customer export", "c-1", "Mara Māker (manager)", "sub-manager", "export-1", "Europe/Berlin",
                 "1 Mar 2026, 11:20 (UTC+01:00)", "1 Jan 2026, 01:00", "Version of the customer 7"):  # fmt: skip
        assert fact in content
    assert reader.metadata is not None
    assert (reader.metadata.author, reader.metadata.title) == ("Mara Māker", "Customer export")
    assert str(reader.metadata.creation_date) == "2026-03-01 11:20:30+01:00"


def test_a_customer_goes_by_the_name_in_the_profile(tmp_path: Path) -> None:
    profile = Section("profile", "Profile", (Column("name", "Name"),), {"name": "王小明"})
    reader = read(Document(a_cover(), [profile]), tmp_path)
    assert "王小明" in plain(reader.pages[0].extract_text()).split("Of")[0]


def test_each_page_has_the_head_of_the_table_and_its_number(tmp_path: Path) -> None:
    count = 150
    rows = ({"name": f"row {number}", "at": "2026-01-01T00:00:00Z"} for number in range(count))
    columns = [Column("name", "The name"), Column("at", "At", Kind.INSTANT)]
    reader = read(a_document(columns, rows), tmp_path)
    pages = [plain(page.extract_text()) for page in reader.pages]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert "The name" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "Mara Maker" in page
    found = [int(number) for page in pages for number in re.findall(r"row (\d+)", page)]
    assert found == list(range(count))


def test_further_pages_say_whose_they_are_and_who_made_them(tmp_path: Path) -> None:
    subject, name = "יוסף Levi", "Christopher " * 12
    rows = [{"name": "x"}] * 100
    reader = read(a_document([Column("name", "Name")], rows, subject=subject, made_by_name=name), tmp_path)
    content = reader.pages[1].extract_text()
    assert "Customer export · Levi יוסף" in content, "from the right, as on the cover"
    assert re.search(r"Prepared by Christopher .*…", content), "the export's id is what is left out first"


@pytest.mark.parametrize(
    ("found", "said"), [(1, "1 customer found"), (60, "60 customers found"), (0, "0 customers found")]
)
def test_a_search_says_how_many_it_found_and_in_words_by_what(found: int, said: str, tmp_path: Path) -> None:
    rows = [{"name": "Ada"}] * found
    section = Section(
        "customers", "Customers", (), {}, (Table("customers", "Customers", (Column("name", "Name"),), rows),)
    )
    filters = {"q": "ada", "lastPurchaseFrom": "2026-01-01", "clvMin": 5, "sort": "-lifetimeValue"}
    reader = read(Document(a_cover(title="Customers found", filters=filters), [section]), tmp_path)
    content = plain(reader.pages[0].extract_text())
    for fact in (said, "Limited to: words ada", "Limited to: last purchase from 2026-01-01", "lifetime value min 5",
                 "Sorted by lifetime value, descending"):  # fmt: skip
        assert fact in content


def test_every_section_is_in_the_outline(tmp_path: Path) -> None:
    sections = [Section(name, name.title(), (), {}) for name in ("profile", "tags", "notes")]
    outline: list[Any] = read(Document(a_cover(), sections), tmp_path).outline
    assert [entry["/Title"] for entry in outline] == ["Profile", "Tags", "Notes"]


def test_a_row_with_more_values_than_columns_fit_says_all_of_them(tmp_path: Path) -> None:
    columns = [Column(f"field{number}", f"Title {number}") for number in range(24)]
    row = {column.key: f"value-{number}" for number, column in enumerate(columns)}
    content = text_of(read(a_document(columns, [row] * 3), tmp_path))
    for value in row.values():
        assert content.count(f"{value} ") == 3, value


def test_a_long_description_does_not_stand_as_a_tower_in_a_narrow_column(paper: Paper) -> None:
    (tickets, *_) = LAYOUTS["support"].tables
    ticket = {
        "id": "t-1",
        "ticketNumber": "2026-00120",
        "subject": "Parcel arrived damaged, two glasses broken",
        "status": "open",
        "priority": "high",
        "category": "Delivery",
        "createdAt": "2026-01-01T09:00:00Z",
        "assignee": "Christopher Hall",
        "description": "The parcel arrived on Tuesday with a large dent in the lower left corner. " * 12,
    }
    values = Values("EUR", "UTC")
    layout = chosen_layout(paper, tickets.columns, [ticket], values)
    assert "description" not in [column.key for column in layout.columns]
    assert "Description: The parcel" in layout.details(ticket, values)
    assert len(layout.columns) >= 6
    short = chosen_layout(paper, tickets.columns, [ticket | {"description": "The parcel is broken."}], values)
    assert "description" in [column.key for column in short.columns]


def test_no_head_of_a_table_stands_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    for before in range(20, 34):
        above = Table("above", "Above", (Column("name", "Name"),), [{"name": "x"}] * before)
        below = Table("below", "Below", (Column("content", "Content"),), [{"content": "word " * 150}] * 2)
        reader = read(Document(a_cover(), [Section("things", "Things", (), {}, (above, below))]), tmp_path)
        pages = [plain(page.extract_text()) for page in reader.pages]
        for page in pages:
            assert page.count("Below") == page.count("Below Content word"), before
            assert page.count("Content") == page.count("Content word"), before


def test_a_value_longer_than_a_page_goes_on_on_the_next(tmp_path: Path) -> None:
    text = " ".join(f"w{number}" for number in range(4000))
    reader = read(a_document([Column("content", "Note"), Column("pinned", "Pinned", Kind.YES_NO)],
                             [{"content": text, "pinned": True}]), tmp_path)  # fmt: skip
    assert len(reader.pages) > 2
    words = re.findall(r"\bw(\d+)\b", text_of(reader))
    assert [int(word) for word in words] == list(range(4000))


def test_rows_are_forgotten_once_they_are_on_paper(tmp_path: Path) -> None:
    alive = 0
    most = 0

    class Row(dict[str, Any]):
        def __init__(self, **values: Any) -> None:
            nonlocal alive, most
            super().__init__(**values)
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    read(a_document([Column("name", "Name")], (Row(name=f"row {number}") for number in range(2000))), tmp_path)
    assert most < 200, "what the widths of the columns are chosen by"


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    assert "None." in text_of(read(a_document([Column("name", "Name")], []), tmp_path))


def test_the_same_document_makes_the_same_file(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        write(of_orders([an_order(1), an_order(2)]), tmp_path / name, lambda rows: None)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_the_progress_is_told_now_and_then(tmp_path: Path) -> None:
    told: list[int] = []
    names = [{"name": "x"}] * (2 * TOLD_EVERY + 1)
    rows = write(a_document([Column("name", "Name")], names), tmp_path / "document.pdf", told.append)
    assert (rows, told) == (2 * TOLD_EVERY + 1, [TOLD_EVERY, 2 * TOLD_EVERY])


# ---------------------------------------------------------------- Sections


def test_the_metrics_are_tiles_and_what_a_role_has_not_is_not_there(tmp_path: Path) -> None:
    answer = {"currency": "EUR", "totalOrders": 1234, "daysSinceLastPurchase": None}
    layout = LAYOUTS["metrics"].own
    assert layout is not None
    permissions = frozenset(ROLES["support"])
    section = Section("metrics", "Metrics", layout.seen_with(permissions), answer)
    content = text_of(read(Document(a_cover(), [section]), tmp_path))
    assert "1,234" in content
    for absent in ("Lifetime value", "Total spent", "Average order value", "Days since last purchase"):
        assert absent not in content


@pytest.mark.parametrize(("name", "level"), [("health", "Good"), ("churn", "High")])
def test_a_score_is_explained_by_its_factors_and_what_to_do(name: str, level: str, tmp_path: Path) -> None:
    answer = {
        "score": Decimal("79.6"),
        "level": level.lower(),
        "probability": Decimal("0.2471"),
        "horizonDays": 90,
        "recommendations": ["Answer the ticket."],
        "retentionStrategies": ["Call them."],
        "calculatedAt": "2026-03-01T10:00:00Z",
    }
    factors = [
        {"factor": "purchase_history", "points": Decimal("27.0"), "sections": ["orders"], "weight": Decimal("0.3500")},
        {"factor": "support", "points": Decimal("-2.5"), "sections": []},
    ]
    layout = LAYOUTS[name]
    assert layout.own is not None
    contributions = Table("contributions", "Factors", layout.tables[0].columns, factors)
    document = Document(a_cover(), [Section(name, layout.title, layout.own.columns, answer, (contributions,))])
    content = text_of(read(document, tmp_path))
    advice = "Answer the ticket." if name == "health" else "Call them."
    for fact in ("79.6", level, "Purchase history", "+27.0", "Support", "−2.5", "weight 35 %", "see orders", advice):
        assert fact in content
    assert ("24.7 % likely to buy nothing within 90 days" in content) == (name == "churn")


def test_spending_is_charted_by_month_of_the_shops_clock(tmp_path: Path) -> None:
    orders = [an_order(1), an_order(2, total=Decimal("5.50")), an_order(3, status="cancelled", total=Decimal(99))]
    content = text_of(read(of_orders(iter(orders)), tmp_path))
    # Half past eleven in the evening of 31 January in London is February in Berlin.
    assert "Feb 2026" in content
    assert "Spending by month, EUR" in content
    assert "EUR 15.50 in 2 completed orders" in content


def test_no_sum_is_charted_for_who_may_not_see_sums(tmp_path: Path) -> None:
    content = text_of(read(of_orders([an_order(1)], sums=False), tmp_path))
    assert "Spending" not in content
    assert "EUR 10.00" in content, "an order's own total"


def test_spending_in_other_currencies_is_converted_or_left_out_by_name() -> None:
    spending = Spending(Values("EUR", "UTC"))
    spending.add(an_order(1, total=Decimal(20000), currency="JPY", exchangeRate=Decimal("0.0061")))
    spending.add(an_order(2, total=Decimal(7), currency="USD"))
    assert "EUR 122.00 in 1 completed order," in spending.caption.replace("\u00a0", " ")
    assert "1 in another currency, without a rate, are left out" in spending.caption


def test_a_rate_of_the_shops_own_currency_means_nothing_to_a_chart() -> None:
    """As to the metrics it stands beside."""
    spending = Spending(Values("EUR", "UTC"))
    spending.add(an_order(1, total=Decimal(50), currency="EUR", exchangeRate=Decimal(2)))
    assert "EUR 50.00 in 1 completed order," in spending.caption.replace("\u00a0", " ")


def test_a_year_is_no_quantity_and_nothing_is_a_dash() -> None:
    values = Values("EUR", "UTC")
    assert values.text(2030, Kind.YEAR) == "2030"
    assert values.text({"before": None, "after": "Gold"}, Kind.TEXT) == "before: –, after: Gold"


def test_a_status_and_a_type_are_words_and_an_id_stays_as_it_is() -> None:
    values, row = Values("EUR", "UTC"), {"status": "in_progress", "type": "bank_account", "sku": "tea_green"}
    shown = {key: values.shown(row, Column(key, "Title")) for key in row}
    assert shown == {"status": "in progress", "type": "bank account", "sku": "tea_green"}


def test_what_has_parts_within_another_value_is_told_apart() -> None:
    values = Values("EUR", "UTC")
    criteria = {"all": [{"field": "country", "value": ["SA", "DE"]}, {"any": []}], "since": 2026}
    shown = values.text(criteria, Kind.TEXT)
    assert shown == "all: ((field: country, value: (SA, DE)), (any: –)), since: 2,026"
    assert values.text(["orders", "support"], Kind.TEXT) == "orders, support"


def test_charts_over_a_long_history_and_over_none(tmp_path: Path) -> None:
    long = [an_order(year, date=f"{year}-06-01T00:00:00Z") for year in range(1990, 2027)]
    assert "2026" in text_of(read(of_orders(long), tmp_path))
    assert text_of(read(of_orders([an_order(1, status="cancelled")]), tmp_path)).count("No completed orders") == 1
    none = text_of(read(of_orders([]), tmp_path))
    assert "No orders" in none
    assert "Spending" not in none


@pytest.mark.parametrize("limit", ["from", "to"])
def test_charts_of_limited_orders_say_so(limit: str, tmp_path: Path) -> None:
    def content(orders: list[dict[str, Any]], **filters: Any) -> str:
        return text_of(read(replace(of_orders(orders), cover=a_cover(filters=filters)), tmp_path))

    limited, day = "in the time that this file is limited to", {limit: "2026-01-01T00:00:00Z"}
    assert f"EUR 10.00 in 1 completed order {limited}, by the day" in content([an_order(1)], **day)
    assert f"No completed orders {limited}." in content([an_order(1, status="cancelled")], **day)
    assert f"No orders {limited}." in content([], **day)
    assert "in 1 completed order, by the day" in content([an_order(1)], sections=["orders"])


def test_the_axis_of_a_chart_of_few_orders_counts_them(tmp_path: Path) -> None:
    layout = LAYOUTS["analytics"].own
    assert layout is not None
    times = {"dayOfWeek": {"1": 4}, "hourOfDay": {"9": 1, "10": 1}}
    section = Section("analytics", "Analytics", layout.columns, {"shoppingTimes": times})
    assert not re.search(r"[0-9]\.[0-9]", text_of(read(Document(a_cover(), [section]), tmp_path)))


def test_shopping_times_are_charts_with_their_numbers(tmp_path: Path) -> None:
    layout = LAYOUTS["analytics"].own
    assert layout is not None
    times = {
        "timeZone": "UTC",
        "dayOfWeek": {str(day): 100 + day for day in range(7)},
        "hourOfDay": {str(hour): 200 + hour for hour in range(24)},
    }
    content = text_of(
        read(
            Document(a_cover(), [Section("analytics", "Analytics", layout.columns, {"shoppingTimes": times})]), tmp_path
        )
    )
    for number in (*range(101, 107), *range(200, 224)):
        assert str(number) in content


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_a_scale_reaches_over_the_most_in_few_round_steps(most: Decimal) -> None:
    step, end = scale(most)
    assert end >= most
    assert end - step < max(most, step)
    assert 1 <= end / step <= 5
    assert str(step.normalize()).strip("0.E+-")[:1] in {"1", "2", "5"}


@pytest.mark.parametrize("most", [1, 2, 3, 7, 12])
def test_a_scale_of_whole_things_has_no_fractions(most: int) -> None:
    step, end = scale(Decimal(most), is_whole=True)
    assert step == int(step)
    assert most <= end < most + step
