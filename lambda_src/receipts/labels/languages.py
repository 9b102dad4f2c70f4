"""The language of a receipt, by words that most receipts of it have."""

from __future__ import annotations

from collections.abc import Sequence

from receipts.labels.page import Row
from receipts.labels.text import words

OTHER_SCRIPT = "other-script"
LAST_LATIN = 0x24F  # of the letters of Latin script, those with accents among them
MOST_FOREIGN = 0.3  # of a receipt's letters; shops print names of dishes in two scripts
LEAST_FOREIGN = 2  # words of another language, and more than of English
_GLOSSARY = {
    "en": (
        "total cash change amount subtotal tax receipt invoice thank you date cashier "
        "price item qty description thanks please tel and goods sold card due vat gst "
        "with your"
    ),
    "de": (
        "summe gesamt mwst ust bar ruckgeld datum rechnung danke vielen zwischensumme "
        "einkauf ihren kasse betrag gegeben uhr bon karte steuer und netto brutto "
        "girocard storno"
    ),
    "fr": (
        "tva ttc ht merci especes rendu visite caisse ticket montant carte bancaire "
        "facture sous votre payer heure et le de la remboursement bonjour"
    ),
    "es": (
        "iva gracias efectivo cambio fecha factura tarjeta importe compra su por hora "
        "caja devolucion mesa base simplificada"
    ),
    "it": (
        "iva grazie contante contanti resto totale data scontrino arrivederci imponibile "
        "carta documento commerciale complessivo subtotale importo reso pagamento lordo"
    ),
    "nl": (
        "btw totaal contant wisselgeld bedankt datum bon subtotaal betalen tot ziens "
        "pinnen kassa retour bruto netto uw"
    ),
    "pt": "iva obrigado dinheiro troco data fatura total numerario contribuinte multibanco",
    "pl": (
        "suma razem gotowka reszta dziekujemy paragon fiskalny ptu karta sprzedaz zwrot "
        "nip netto brutto rabat"
    ),
    "sv": (
        "moms kontant vaxel kort delsumma betala att tack valkommen ater kvitto datum org "
        "netto brutto retur summa"
    ),
    "da": "moms kontant tilbage dankort ialt tak bon beloeb betale",
    "cs": "dph celkem hotovost vratit dekujeme uctenka ic dic",
    "ms": "jumlah tunai baki terima kasih resit tarikh cukai",
    "tr": "toplam kdv nakit tesekkur fis tarih",
}
_WORDS = {language: frozenset(text.upper().split()) for language, text in _GLOSSARY.items()}


def language_of(found: Sequence[Row]) -> str:
    """The language that most of a receipt's usual words belong to ("de"), English where none is."""
    letters = [one for row in found for one in row.text if one.isalpha()]
    if sum(ord(one) > LAST_LATIN for one in letters) > MOST_FOREIGN * len(letters):
        return OTHER_SCRIPT
    seen = {word for row in found for word in words(row.text)}
    counts = {language: len(seen & known) for language, known in _WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > counts["en"] and counts[best] >= LEAST_FOREIGN else "en"
