"""How names, e-mails, phones and order numbers are compared: examples of each."""

import pytest

from customer360.search.words import digits_of, is_typo_of, may_hold_contact, order_number, wanted_by, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë O'Brien", ["zoe", "o", "brien"]),
        ("ANN ann", ["ann"]),
        ("Ångström Größe Søren Łódź", ["angstrom", "grosse", "soren", "lodz"]),
        ("Ἀθηνᾶ ΠΑΠΠΆΣ", ["αθηνα", "παππασ"]),
        ("مُحَمَّد", ["محمد"]),
        ("مُحَـــمَّد", ["محمد"]),
        ("王小明", ["王小明"]),
        ("🎉 Party 👩🏽‍🚀", ["🎉", "party", "👩🏽🚀"]),
        ("100% Wool_Shop", ["100", "wool", "shop"]),
        ("ｆｕｌｌ ﬁne", ["full", "fine"]),
        ("jo\u200bhn\u202e", ["john"]),
        ("%_'\"\\", []),
        ("", []),
    ],
)
def test_words_are_without_case_accents_width_and_what_cannot_be_seen(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@pytest.mark.parametrize("apostrophe", "'’‘ʼʻʿʹ＇")
def test_every_apostrophe_parts_words_whatever_unicode_takes_it_to_be(apostrophe: str) -> None:
    assert list(words_of(f"Мар{apostrophe}яна {apostrophe}Okina")) == ["мар", "яна", "okina"]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("jane.private@example.com +33639983122", True),
        ("jane＠example.com", True),
        ("+33639983122", True),
        ("Jane (06.39.98.31.22)", True),
        ("tel:0639983122, Jane", True),
        ("06‑39‑98‑31‑22", True),
        ("٠٦٣٩٩٨٣١٢٢", True),
        ("555 12 34", True),
        ("jane private", False),
        ("Gold 2026, 2027", False),
        ("98 31 22", False),
        ("ORD-20260001", False),
        ("20260001A", False),
        ("#20260001", False),
        ("100 orders, 9000 EUR", False),
        ("", False),
    ],
)
def test_an_at_sign_or_seven_digits_may_be_contact_data(text: str, holds: bool) -> None:
    assert may_hold_contact(text) is holds


@pytest.mark.parametrize(
    ("one", "other"), [("ORD-1001", "#ord-1001"), ("N 1001", "n1001"), ("№ 7", "no7"), ("１００１", "1001")]
)
def test_case_spaces_width_and_a_hash_make_no_other_order_number(one: str, other: str) -> None:
    assert order_number(one) == order_number(other)


@pytest.mark.parametrize(
    ("wanted", "word", "is_typo"),
    [
        ("amelei", "amelie", True),
        ("ameli", "amelie", True),
        ("ammelie", "amelie", True),
        ("anelie", "amelie", True),
        ("aemlie", "amelie", True),
        ("amelie", "amelie", False),
        ("anlei", "amelie", False),
        ("ana", "anna", True),
        ("an", "ann", False),
        ("bob", "rob", False),
    ],
)
def test_a_word_of_four_letters_and_more_may_be_one_edit_away(wanted: str, word: str, is_typo: bool) -> None:
    assert is_typo_of(wanted, word) is is_typo


def ends_of(text: str) -> list[str]:
    runs = wanted_by(text).runs
    found = [run.digits for run in runs] + [token.digits for run in runs for token in run.tokens]
    return [digits for digits in found if digits]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("3122", ["3122"]),
        ("122", []),
        ("+33 6 39 98 31 22", ["33639983122"]),
        ("06 39 98 31 22", ["639983122"]),
        ("0033639983122", ["33639983122"]),
        ("0123", ["0123"]),
        ("٣١٢٢", ["3122"]),
        ("ord-3122", []),
        ("amelie 3122", ["3122"]),
        ("7946 0123", ["79460123", "7946", "0123"]),
        ("7946,0123", []),
        ("-3122", []),
        ("+33 (0)6 39 98 31 22", ["639983122"]),
        ("555 1234 (0)", ["55512340", "1234"]),
    ],
)
def test_digits_are_the_end_of_a_phone_however_they_are_written(text: str, ends: list[str]) -> None:
    assert ends_of(text) == ends


@pytest.mark.parametrize(
    "text",
    [
        *("\u202a+33 6 39 98 31 22\u202c", "+33639983122\u200b", "\u200e+33\u00a06\u202f39 98 31\u206022"),
        *("+33 6‐39‑98‒31–22", "+33 6—39―98−31-22", "＋３３　６（３９）９８－３１．２２"),
        *("+33639983122;", '"+33639983122"', "“+33639983122”", "«+33 6 39 98 31 22»", "[+33 6 39 98 31 22]."),
        *("+33 6 39 98 31 22, Amélie", "tel:+33639983122", "<TEL:+33-6-39-98-31-22>"),
    ],
)
def test_a_phone_may_be_copied_with_what_stands_around_and_in_it(text: str) -> None:
    assert "33639983122" in ends_of(text)


@pytest.mark.parametrize("text", ["mailto:ann@example.com", "<MAILTO:ann@example.com>"])
def test_a_link_to_an_e_mail_is_the_e_mail(text: str) -> None:
    assert [token.words for run in wanted_by(text).runs for token in run.tokens] == [("ann", "example", "com")]


def test_digits_are_those_of_any_script() -> None:
    assert digits_of("+٤٤ (０20) 7946") == "440207946"
