"""What shops print, by language, and how they write dates and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Language:
    """The words of one country's receipts.

    `dates` are strftime patterns; `mark` is the decimal mark and `thousands` what stands between
    thousands. `sign` is written for the currency, `before` the amount or behind it; `shared` says
    that others have the same sign.
    """

    code: str
    currency: str
    sign: str
    merchants: tuple[str, ...]
    cities: tuple[str, ...]
    items: tuple[str, ...]
    rates: tuple[str, ...]
    dates: tuple[str, ...]
    total: str
    subtotal: str
    tax: str
    net: str
    gross: str
    cash: str
    change: str
    card: str
    refund: str
    thanks: str
    date_label: str
    mark: str = "."
    thousands: str = ","
    before: bool = True
    shared: bool = False

    def amount(self, value: Decimal) -> str:
        """An amount without its currency: "1.234,50"."""
        text = f"{abs(value):,.2f}".replace(",", "~").replace(".", self.mark).replace("~", self.thousands)
        return f"-{text}" if value < 0 else text

    def money(self, value: Decimal) -> str:
        """An amount with its currency's sign."""
        text = self.amount(abs(value))
        whole = f"{self.sign}{text}" if self.before else f"{text} {self.sign}"
        return f"-{whole}" if value < 0 else whole

    def day(self, day: date, pattern: str) -> tuple[str, str | None]:
        """A printed date, and the other day (ISO 8601) that the same print may mean, or None."""
        other = None
        numeric = "/" in pattern and pattern.count("%d") == 1 and "%b" not in pattern
        if numeric and day.day <= 12 and day.day != day.month:
            other = date(day.year, day.day, day.month).isoformat()
        return day.strftime(pattern), other


LANGUAGES = (
    Language(
        "en-GB", "GBP", "£",
        ("Harbour Lane Grocers", "The Copper Kettle", "Fenwick & Daughters", "Northgate Hardware"),
        ("Leeds LS1 4AP", "Bristol BS1 5TR", "York YO1 7HH"),
        ("Oat milk 1L", "Brown loaf", "Cheddar 350g", "Flat white", "AA batteries", "Wood screws", "Tea towels"),
        ("20", "5"), ("%d/%m/%Y", "%d %b %Y", "%d/%m/%y"),
        "TOTAL", "Subtotal", "VAT", "Net", "Gross", "Cash", "Change", "Visa contactless", "REFUND",
        "Thank you for your custom", "Date",
    ),
    Language(
        "en-US", "USD", "$",
        ("Maple Street Diner", "Quick Stop Market", "Blue Heron Books", "Pinewood Supply"),
        ("Portland, OR 97204", "Austin, TX 78701", "Dayton, OH 45402"),
        ("Turkey club", "Side salad", "Iced tea", "Notebook", "Duct tape", "Ground coffee", "Paper towels"),
        ("8.25", "6.5"), ("%m/%d/%Y", "%b %d, %Y", "%m/%d/%y"),
        "TOTAL", "SUBTOTAL", "SALES TAX", "Taxable", "Gross", "CASH", "CHANGE DUE", "VISA **** 4417", "REFUND",
        "Please come again", "Date", shared=True,
    ),
    Language(
        "de-DE", "EUR", "EUR",
        ("Bäckerei Öhlmann", "Rewinkel Markt", "Gasthof zur Mühle", "Schraubenhaus Jäger"),
        ("80331 München", "50667 Köln", "04109 Leipzig"),
        ("Brötchen", "Bergkäse", "Apfelschorle", "Müllbeutel", "Kaffee Crema", "Dübel 8mm", "Weißbier"),
        ("19", "7"), ("%d.%m.%Y", "%d.%m.%y"),
        "SUMME", "Zwischensumme", "MwSt", "Netto", "Brutto", "Bar", "Rückgeld", "Girocard", "STORNO / RÜCKGABE",
        "Vielen Dank für Ihren Einkauf", "Datum", mark=",", thousands=".", before=False,
    ),
    Language(
        "fr-FR", "EUR", "€",
        ("Épicerie des Halles", "Boulangerie Lefèvre", "Café de la Poste", "Quincaillerie Moreau"),
        ("69002 Lyon", "31000 Toulouse", "44000 Nantes"),
        ("Baguette trad.", "Crème fraîche", "Café crème", "Thé vert", "Éponge x3", "Fromage râpé", "Jus d'orange"),
        ("20", "5,5"), ("%d/%m/%Y", "%d.%m.%Y"),
        "TOTAL TTC", "Sous-total", "TVA", "HT", "TTC", "Espèces", "Rendu", "Carte bancaire", "REMBOURSEMENT",
        "Merci de votre visite", "Date", mark=",", thousands=" ", before=False,
    ),
    Language(
        "es-ES", "EUR", "€",
        ("Ultramarinos Peña", "Cafetería Núñez", "Ferretería del Sur", "Panadería Ibáñez"),
        ("28013 Madrid", "41001 Sevilla", "46002 Valencia"),
        ("Café con leche", "Jamón 200g", "Pan de molde", "Aceite oliva", "Bombilla LED", "Piña", "Agua 1,5L"),
        ("21", "10"), ("%d/%m/%Y", "%d-%m-%Y"),
        "TOTAL", "Subtotal", "IVA", "Base", "Importe", "Efectivo", "Cambio", "Tarjeta", "DEVOLUCIÓN",
        "Gracias por su compra", "Fecha", mark=",", thousands=".", before=False,
    ),
    Language(
        "it-IT", "EUR", "€",
        ("Alimentari Bertòli", "Trattoria da Niccolò", "Ferramenta Rossi", "Panificio Galantò"),
        ("40121 Bologna", "10122 Torino", "50122 Firenze"),
        ("Caffè", "Focaccia", "Prosciutto", "Acqua min.", "Lampadina", "Pesto 190g", "Biscotti"),
        ("22", "10"), ("%d/%m/%Y", "%d-%m-%Y"),
        "TOTALE COMPLESSIVO", "Subtotale", "IVA", "Imponibile", "Lordo", "Contante", "Resto", "Carta", "RESO",
        "Grazie e arrivederci", "Data", mark=",", thousands=".", before=False,
    ),
    Language(
        "nl-NL", "EUR", "€",
        ("Kruidenier De Vries", "Eetcafé 't Hoekje", "IJzerhandel Bakker", "Bakkerij Smits"),
        ("3511 LN Utrecht", "1012 JS Amsterdam", "9711 LT Groningen"),
        ("Volkoren brood", "Jonge kaas", "Koffie", "Spa rood", "Schroeven", "Stroopwafels", "Melk 1L"),
        ("21", "9"), ("%d-%m-%Y", "%d/%m/%Y"),
        "TOTAAL", "Subtotaal", "BTW", "Netto", "Bruto", "Contant", "Wisselgeld", "PIN", "RETOUR",
        "Bedankt en tot ziens", "Datum", mark=",", thousands=".", before=True,
    ),
    Language(
        "pl-PL", "PLN", "PLN",
        ("Sklep Pod Dębem", "Kawiarnia Żuraw", "Piekarnia Łąkowa", "Narzędzia Wójcik"),
        ("31-042 Kraków", "00-020 Warszawa", "50-101 Wrocław"),
        ("Chleb żytni", "Ser żółty", "Kawa", "Woda 1,5L", "Śruby", "Jabłka", "Mleko"),
        ("23", "8"), ("%Y-%m-%d", "%d.%m.%Y"),
        "SUMA", "Razem", "PTU", "Netto", "Brutto", "Gotówka", "Reszta", "Karta", "ZWROT",
        "Dziękujemy", "Data", mark=",", thousands=" ", before=False,
    ),
    Language(
        "sv-SE", "SEK", "kr",
        ("Matboden Björk", "Café Lönnen", "Järnhandeln Åberg", "Bageri Öst"),
        ("211 20 Malmö", "411 05 Göteborg", "753 20 Uppsala"),
        ("Kaffe", "Kanelbulle", "Mellanmjölk", "Ost 500g", "Skruv", "Knäckebröd", "Smör"),
        ("25", "12"), ("%Y-%m-%d",),
        "ATT BETALA", "Delsumma", "Moms", "Netto", "Brutto", "Kontant", "Växel", "Kort", "RETUR",
        "Välkommen åter", "Datum", mark=",", thousands=" ", before=False, shared=True,
    ),
)  # fmt: skip
