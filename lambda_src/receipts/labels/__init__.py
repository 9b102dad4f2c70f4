"""What stands on a receipt, by rules over the lines that a reader found.

Agreement is the confidence: a total that is printed twice or that the change proves, a date that is
the only one. What does not agree is marked for a person, never guessed. The lines come from a
picture that a stranger sent: nothing in them may raise, or cost more than so many lines do.
"""

from receipts.labels.answer import AnswerInvalid
from receipts.labels.receipt import receipts_of

__all__ = ["AnswerInvalid", "receipts_of"]
