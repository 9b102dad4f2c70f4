"""A stand-in for Textract on this machine: AnalyzeExpense's wire format, RapidOCR behind it."""
