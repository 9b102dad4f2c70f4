"""What the checker says when something does not hold."""


class Broken(AssertionError):
    """A promise was broken: the name of the check that found it, and what it saw."""

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(f"{check}: {detail}")
        self.check, self.detail = check, detail
