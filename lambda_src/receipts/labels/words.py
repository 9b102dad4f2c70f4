"""The words beside amounts, by what they say; matched in what `text.compact` makes of a label.

Several languages: a receipt is read whatever it is written in. Words are written here as they are
printed; `alike` brings them into the form they are compared in.
"""

from __future__ import annotations

import re

from receipts.labels.text import alike


def _any(*phrases: str) -> re.Pattern[str]:
    """Matches a label that holds one of the phrases; "^" binds one to the label's beginning, and
    "$" to its end.
    """
    made = []
    for phrase in phrases:
        body = alike(phrase.strip("^$"))
        made.append(f"{'^' * phrase.startswith('^')}{body}{'$' * phrase.endswith('$')}")
    return re.compile("|".join(made))


TOTAL = re.compile(
    _any(
        *("total", "totai", "t0tal", "totl", "ttl$", "^ttl", "totaal", "^summe$", "gesamtbetrag"),
        *("^gesamt", "zu zahlen", "endbetrag", "zahlbetrag", "^zahlen", "a payer", "montant du"),
        *("montant ttc", "da pagare", "^importo", "a pagar", "^importe", "te betalen"),
        *("a betale", "at betale", "att betala", "^spolu", "summa$", "^summa", "^suma", "celkem"),
        *("do zaplaty", "^razem"),
        *("osszesen", "fizetendo", "toplam", "yhteensa", "итого", "всего", "к оплате", "^jumlah"),
        *("^합계", "^총액", "合計", "合计", "总计", "總計", "お会計", "tong cong", "^i alt"),
    ).pattern
    # one letter of it misread, or lost
    + "|[A-Z]OTAI|TO[A-Z]AI|TOTA[A-Z]|^TOAI|^TTAI|^TOTI|^TOTA$"
)  # fmt: skip
DUE = _any(
    *("amount due", "balance due", "amount payable", "nett payable", "net payable", "payable"),
    *("amount to pay", "to pay$", "^please pay", "nett amount", "net amount due", "total due"),
    *("grand total", "final total", "final amount", "bill amount", "net total", "nett total"),
    *("rounded total", "total rounded", "after rounding", "after round", "after adj"),
    *("net a payer", "zu zahlen", "te betalen", "att betala", "total a pagar", "do zaplaty"),
)
WEAK = _any(
    "^net amount",
    "^amount$",
    "^amt$",
    "balance",
    "^sale$",
    "^sales$",
    "^amount rm$",
    "^saldo",
    "^betrag",
)
SUBTOTAL = _any(
    *("subtotal", "sub ttl", "sub t0tal", "subtota1", "sous total", "zwischensumme", "subtotale"),
    *("subtotaal", "delsumma", "delsum", "mellansumma", "suma czesciowa", "mezisoucet", "小計"),
    *("reszosszeg", "ara toplam", "valisumma", "valisumma", "小计", "소계", "sub sales", "sub tot"),
)
EXCLUDED = _any(
    *("excl", "excluding", "exclusive", "exol", "exc gst", "exc tax", "exc vat", "before gst"),
    *("before tax", "before vat", "ex gst", "ex vat", "ex tax", "without gst", "without tax"),
    *("total ex$", "total ht", "total net ht", "^netto$", "hors taxe", "imponibile"),
    *("ohne mwst", "taxable", "nett sales", "net sales", "non taxable", "base iva", "sin iva"),
    *("zonder btw", "base imponible"),
)  # fmt: skip
INCLUDED = _any(
    *("incl", "inclusive", "including", "inc gst", "inc tax", "inc vat", "inel", "inclu", "ttc"),
    *("with gst", "with tax", "with vat", "inkl", "ivato", "iva incl", "iva incluido", "brutto"),
    *("after tax", "after gst", "toinclude"),
)
IN_TOTAL = _any(
    *("included in", "includes", "incl in total", "enthalten", "darin", "dont tva", "di cui iva"),
    *("waarvan", "varav", "heraf", "inc in total"),
)
BEFORE = _any(
    "before round", "before disc", "before adj", "bef round", "before service", "bef disc"
)
AFTER = _any("after disc", "after round", "after adj", "after discount", "after rebate")
PART = _any("supplies", "zero rated", "page total", "carried", "brought", "per kg", "unit price")
TAX = re.compile(
    r"GST|^VAT|VAT$|VATAMO|TAX|SST$|^SST|MWST|^UST|TVA|^IVA|IVA$|IVAI|BTW|MOMS|^PTU|PTU$|DPH|^AFA|^KDV|НДС"
    r"|TPS$|^TPS|TVQ|QST|PST$|^PST|HST$|^HST|IMPOSTO|IMPUESTO|消費税|税額|부가세|CUKAI"
)
ROUNDING = _any(
    *("rounding", "round adj", "round off", "rounded adj", "rnd adj", "rounding adj", "roundng"),
    *("rundung", "arrondi", "arrotondamento", "redondeo", "afronding", "oresavrundning", "rundad"),
    *("pembundaran", "penggenapan", "avrundning", "zaokrag", "round amt", "bill rounding"),
)
DISCOUNT = _any(
    *("discount", "savings", "saved", "saving", "rebate", "promo", "voucher", "coupon", "remise"),
    *("rabatt", "sconto", "descuento", "desconto", "korting", "rabat", "diskaun", "you save"),
    *("disc", "reduction", "ersparnis", "economie", "ahorro"),
)
QUANTITY = _any(
    *("qty", "quantity", "quantity", "total item", "items total", "no of item", "number of item"),
    *(
        "item count",
        "items sold",
        "total pcs",
        "total unit",
        "total pkt",
        "total items",
        "kuantiti",
    ),
    *(
        "artikel",
        "articles",
        "articulos",
        "articoli",
        "anzahl",
        "pieces",
        "no item",
        "total points",
    ),
    *(
        "points",
        "punkte",
        "loyalty",
        "reward",
        "total weight",
        "pax",
        "covers",
        "sold item",
        "antal",
    ),
)
SERVICE = _any(
    *("service charge", "serv charge", "svc charge", "svc chg", "service chg"),
    *("serv chg", "s charge", "srv charge", "servizio", "delivery", "shipping", "deposit", "pfand"),
    *("surcharge", "packaging", "bag fee", "servis"),
)
TIP = _any("^tip$", "^tips$", "^gratuity", "gratuity", "tip amount", "^trinkgeld", "pourboire",
           "propina", "mancia", "fooi$", "^add tip", "^dricks", "tip$")  # fmt: skip
CASH = _any(
    *("^cash$", "cash tend", "cash paid", "cash rec", "^cash sale", "cash amount", "cash myr"),
    *("tunai", "tender", "^bar$", "gegeben", "especes", "efectivo", "contanti", "cash payment"),
    *("contante", "contant", "kontant", "gotowka", "hotovost", "keszpenz", "nakit", "наличн"),
    *("received", "amount paid", "paid amount", "payment", "^paid", "tendered", "현금", "現金"),
    *("customer paid", "collected", "barzahlung", "numerario", "dinheiro", "cash$", "betaald"),
    *("total paid", "^pembayaran", "bayaran", "^recu$", "kateinen", "お預", "^cash by", "paid by"),
)
CARD = _any(
    *("^visa$", "visa card", "visa debit", "visa credit", "visa contact", "paid visa", "^visa x"),
    *(
        "master card",
        "^master$",
        "^mc$",
        "^card$",
        "card payment",
        "card sale",
        "^card no",
        "by card",
    ),
    *(
        "credit",
        "debit",
        "amex",
        "american exp",
        "eftpos",
        "maestro",
        "carte",
        "tarjeta",
        "^carta$",
    ),
    *("girocard", "ec karte", "kreditkarte", "^karte$", "^kort$", "bankkort", "^karta$", "pinnen"),
    *("^pin$", "^bank", "apple pay", "google pay", "contactless", "paywave", "touch n go", "^tng"),
    *("^grab", "paypal", "wechat", "alipay", "bancontact", "bancomat", "vpay", "kortbet", "visa$"),
    *("mydebit", "swish", "twint", "^cb$", "^ec$", "クレジット", "mbway", "multibanco", "kartica"),
)
CHANGE = _any(
    *("^change", "change$", "change due", "^chg", "baki", "ruckgeld", "wechselgeld", "zuruck"),
    *("rendu", "monnaie", "cambio", "^resto$", "wisselgeld", "vaxel", "tilbage", "byttepenge"),
    *("reszta", "vratit", "visszajaro", "troco", "teruggave", "terug$", "お釣", "找零", "거스름"),
    *("сдача", "takaisin", "para ustu", "balance returned", "a rendre", "cash back", "change rm"),
)
TABLE = _any(
    *("gst summary", "vat summary", "tax summary", "gst analysis", "vat analysis", "tax analysis"),
    *("tax code", "vat code", "gst code", "tax info", "vat rate", "tax rate", "sst summary"),
    *(
        "summary amount",
        "gst details",
        "taxdetail",
        "vat breakdown",
        "tax breakdown",
        "tax gross",
        "net gross",
        "mwst netto",
    ),
    *("netto mwst", "netto ust", "net vat gross", "tva ht", "ht tva", "imponibile iva", "base iva"),
    *("gst amt", "netto btw", "btw netto", "netto moms", "moms netto", "netto vat", "vat net"),
    *("tax table", "vat net gross", "netto ptu", "ptu netto", "vatnet", "taxnet", "taxtaxable"),
    *("mwst betrag", "btw over", "btw grondslag", "iva base", "taux ht", "gst summalry"),
)
# The head of the list of what was sold, which may have a column for taxes too.
GOODS = _any("qty", "item", "description", "price", "uom", "artikel", "menge", "product")
