"""Currency, kind and language: what is printed decides, what is not is marked."""

from __future__ import annotations

import pytest

from receipts.fields import REFUND, Field, Hints
from tests.lambda_src.receipts.labels.paper import read

PLAIN = ("CORNER SHOP", "Somewhere 4", "31/12/2018")


def currency(*rows: str, hints: Hints | None = None) -> Field:
    return read(*PLAIN, *rows, hints=hints).currency


@pytest.mark.parametrize(
    ("row", "code"),
    [
        *(
            ("TOTAL | RM 5.00", "MYR"),
            ("TOTAL (RM) | 5.00", "MYR"),
            ("TOTAL | 5,00 €", "EUR"),
            ("TOTAL | EUR 5,00", "EUR"),
        ),
        *(("TOTAL | £5.00", "GBP"), ("TOTAL | US$5.00", "USD"), ("TOTAL | S$5.00", "SGD"), ("TOTAL | A$5.00", "AUD")),
        *(("TOTAL | 5,00 zł", "PLN"), ("TOTAL | CHF 5.00", "CHF"), ("TOTAL | ₹5.00", "INR"), ("TOTAL | 500円", "JPY")),
        *(
            ("TOTAL | 5.00 USD", "USD"),
            ("TOTAL | HK$5.00", "HKD"),
            ("TOTAL | R$ 5,00", "BRL"),
            ("TOTAL | 5,00 Kč", "CZK"),
        ),
    ],
)
def test_a_code_or_a_sign_of_one_currency_decides(row: str, code: str) -> None:
    found = currency(row)
    assert (found.value, found.review, found.reason) == (code, False, "code-or-sign")


@pytest.mark.parametrize(
    ("row", "some"),
    [("TOTAL | $5.00", "USD"), ("TOTAL | 5,00 kr", "SEK"), ("TOTAL | ¥500", "CNY"), ("TOTAL | Rs. 500.00", "PKR")],
)
def test_a_sign_that_several_share_is_no_currency(row: str, some: str) -> None:
    found = currency(row)
    assert (found.value, found.review, found.reason) == (None, True, "sign-of-several")
    assert some in found.alternatives


def test_the_customers_setting_decides_where_nothing_is_printed() -> None:
    assert currency("TOTAL | $5.00", hints=Hints(currencies=("CAD",))).value == "CAD"
    assert currency("TOTAL | $5.00", hints=Hints(currencies=("EUR", "CAD"))).value == "CAD"
    assert currency("TOTAL | $5.00", hints=Hints(currencies=("USD", "CAD"))).value is None
    assert currency("TOTAL | $5.00", hints=Hints(currencies=("EUR",))).value is None
    assert currency("TOTAL | 5.00", hints=Hints(currencies=("EUR",))).value == "EUR"
    assert currency("TOTAL | £5.00", hints=Hints(currencies=("EUR",))).value == "GBP"


def test_a_country_alone_is_an_alternative_and_no_more() -> None:
    found = read("KEDAI MAJU SDN BHD", "Jalan Besar", "TOTAL | 5.00").currency
    assert (found.value, found.review, found.alternatives) == (None, True, ("MYR",))
    assert currency("TOTAL | 5.00").reason == "no-currency"


def test_a_company_form_is_no_currency() -> None:
    found = read("BAHRAIN FOODS SDN BHD", "TOTAL | RM 5.00").currency
    assert (found.value, found.review) == ("MYR", False)


def test_two_currencies_are_marked() -> None:
    found = currency("TOTAL | EUR 5,00", "USD | 5.40")
    assert (found.review, found.reason) == (True, "several-currencies")
    assert {found.value, *found.alternatives} == {"EUR", "USD"}


@pytest.mark.parametrize(
    "rows",
    [
        ["Goods sold are not returnable or refundable", "TOTAL | 5.00", "CASH | 5.00"],
        ["Bread | 5.00", "TOTAL | 5.00", "STRICTLY NO CASH REFUND"],
        ["TOTAL | 5.00", "Return within 7 days with receipt"],
        ["TOTAL | 5.00", "Refund policy: see back"],
        ["Bread | 7.00", "Discount | -2.00", "TOTAL | 5.00"],
        ["TOTAL | 5.00", "Cash | -10.00", "Change | 5.00"],
        ["VAT REFUND FORM", "please visit", "TOTAL | 5.00"],
    ],
)
def test_a_purchase_stays_one(rows: list[str]) -> None:
    kind = read(*PLAIN, *rows).kind
    assert (kind.value, kind.review) == ("purchase", False)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["REFUND", "Bread | -5.00", "TOTAL | -5.00"], "said-and-below-zero"),
        (["Bread | -5.00", "TOTAL | -5.00"], "total-below-zero"),
        (["Bread | 5.00-", "TOTAL | 5.00-"], "total-below-zero"),
        (["Bread | (5.00)", "TOTAL | (5.00)"], "total-below-zero"),
        (["*** REFUND ***", "Bread | 5.00", "TOTAL | 5.00", "VISA | 5.00", "Thank you", "Call again", "Bye"], "said"),
        (["CREDIT NOTE", "Bread | 5.00", "TOTAL | 5.00", "Thank you", "Call again", "Bye now"], "said"),
    ],
)
def test_a_refund_is_told(rows: list[str], reason: str) -> None:
    found = read(*PLAIN, *rows)
    assert (found.kind.value, found.kind.review, found.kind.reason) == (REFUND, False, reason)
    assert found.total.value == "5.00"


@pytest.mark.parametrize(
    "rows",
    [
        [
            "Brötchen | 5,00",
            "Zwischensumme | 5,00",
            "SUMME | 5,00 EUR",
            "Bar | 10,00",
            "Rückgeld | 5,00",
            "Vielen Dank",
        ],
        ["Baguette | 5,00", "TOTAL TTC | 5,00 €", "Espèces | 10,00", "Rendu | 5,00", "Merci de votre visite", "TVA"],
        ["Café | 5,00", "TOTAL | 5,00 €", "Efectivo | 10,00", "Cambio | 5,00", "Gracias por su compra"],
        ["Caffè | 5,00", "TOTALE | 5,00 €", "Contante | 10,00", "Resto | 5,00", "Grazie e arrivederci"],
        ["Brood | 5,00", "TOTAAL | € 5,00", "Contant | 10,00", "Wisselgeld | 5,00", "Bedankt en tot ziens"],
        ["Chleb | 5,00", "SUMA PLN | 5,00", "Gotówka | 10,00", "Reszta | 5,00", "Dziękujemy"],
        ["Bulle | 5,00", "ATT BETALA | 5,00 kr", "Kontant | 10,00", "Växel | 5,00", "Välkommen åter"],
        ["Brød | 5,00", "I ALT | 5,00 kr", "Kontant | 10,00", "Tilbage | 5,00", "Tak for besøget"],
        ["お茶 | 5.00", "合計 | ¥5.00", "現金 | 10.00", "お釣り | 5.00", "ありがとうございました"],
        ["Хлеб | 5,00", "ИТОГО | 5,00", "Наличные | 10,00", "Сдача | 5,00", "Спасибо за покупку"],
        ["Pão | 5,00", "TOTAL A PAGAR | 5,00 €", "Dinheiro | 10,00", "Troco | 5,00", "Obrigado"],
    ],
)
def test_other_languages_are_read_and_marked(rows: list[str]) -> None:
    found = read("LADEN", *rows)
    assert (found.total.value, found.total.review) == ("5.00", True)
    assert "total:not-english" in found.review


def test_a_few_words_of_another_language_are_no_other_language() -> None:
    noodles = (
        "NOODLE HOUSE LTD",
        "31/12/2018",
        "干炒海鲜河粉",
        "Noodles | 5.00",
        "Total | 5.00",
        "Cash | 5.00",
        "Thank you",
    )
    assert not read(*noodles).total.review
    found = read(
        "RESTORAN MAJU", "Jalan Besar", "31/12/2018", "Bread | 5.00", "Total | 5.00", "Cash | 5.00", "Terima kasih"
    )
    assert not found.total.review
