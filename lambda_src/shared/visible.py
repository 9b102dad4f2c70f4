"""Text of a stranger's, made fit to be looked at."""

from shared.strict_json import Duplicated, NotANumber

MOST_SHOWN = 40


def visible(text: str) -> str:
    """`text` with an escape for each character that cannot be seen or sent.

    Those are control characters, marks of direction, lone surrogates.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def shown(value: object) -> str:
    """`value` as a message may show it: at most 40 characters of it."""
    if isinstance(value, str):
        beginning = visible(value[:MOST_SHOWN])
        if len(value) <= MOST_SHOWN >= len(beginning):
            return f'"{beginning}"'
        return f'"{beginning[:MOST_SHOWN]}…"'
    if isinstance(value, dict | list | tuple | Duplicated):
        return "an object" if isinstance(value, dict | Duplicated) else "a list"
    if isinstance(value, NotANumber):
        return value.text[:MOST_SHOWN]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)[:MOST_SHOWN]


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
