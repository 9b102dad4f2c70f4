"""The vendor's token: refreshed at half its life, once for the fleet; its value in Secrets Manager.

The account's row says which generation of it holds, and who may make the next. The secret is
written before the row, so whoever reads a generation in the row finds it in the secret: a refresh
token that is good once is saved before anybody can use it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harvest.vendor import Calls, Grant, GrantUnclear, Vendor
from shared import clock, dynamo
from shared.dynamo import number, whole

LOCK_MS = 40_000  # who refreshes has so long: two calls to the vendor, and the secret's
AGAIN_MS = 5_000  # until a refresh that came to nothing is tried again
SPARE_MS = 2_000  # a token is not used so shortly before its end
LEAST_SECONDS, MOST_SECONDS = 10.0, 30 * 86_400.0  # of a token's life, whatever the vendor says

Item = dict[str, Any]


class NoToken(Exception):
    """There is no token now, and somebody is fetching one: call later."""


class TokenRefused(Exception):
    """The vendor takes neither the token nor the secret: only a person can mend that."""


@dataclass(frozen=True, slots=True)
class State:
    """What the account's row says of the token; times are milliseconds since the epoch.

    `answered`: the last generation with which a call was answered right. `second`: this generation
    was made because the one before was refused. `dead`: the generation that was refused for good.
    """

    generation: int = 0
    made: int = 0
    ends: int = 0
    lock: int = 0
    answered: int = 0
    second: bool = False
    dead: int = 0

    def is_good(self, now_ms: int) -> bool:
        """Whether it may be used now."""
        return self.generation > self.dead and now_ms < self.ends - SPARE_MS

    def is_half_over(self, now_ms: int) -> bool:
        """Whether the next one should be made."""
        return self.generation <= self.dead or now_ms >= self.made + (self.ends - self.made) // 2


@dataclass(frozen=True, slots=True)
class Token:
    """A token's value, of one generation."""

    generation: int
    value: str = field(repr=False)


class Tokens:
    """The token of one vendor account, for one worker, which does one of these at a time.

    `dynamodb` and `secrets` are clients; `table` is that of the accounts, `secret` the ARN.
    """

    def __init__(
        self,
        dynamodb: Any,
        secrets: Any,
        table: str,
        account: str,
        secret: str,
        vendor: Vendor,
        calls: Calls,
    ) -> None:
        self._dynamodb, self._secrets, self._table, self._account = (
            dynamodb,
            secrets,
            table,
            account,
        )
        self._secret, self._vendor, self._calls = secret, vendor, calls
        self._held: Token | None = None
        self._answered = 0

    def current(self, state: State) -> Token:
        """The token to call with. Raises NoToken, TokenRefused, the clients' errors."""
        self._answered = max(self._answered, state.answered)  # what its row says need not be told
        now, generation = clock.now_us() // 1000, state.generation
        if not state.is_good(now):
            generation = self._refresh(state, now, second=False)
        if not generation:
            raise NoToken(f"account {self._account} has no token that is good now")
        return self._read(generation)

    def refresh_in_time(self, state: State) -> None:
        """Make the next one if half the life of this one is over and nobody else does.

        The one that is held stays good meanwhile, unless the secret is refused: the next parcel
        finds that out, and stops the run.
        """
        now = clock.now_us() // 1000
        if state.is_good(now) and state.is_half_over(now) and state.lock < now:
            try:
                self._refresh(state, now, second=False)
            except TokenRefused:
                return

    def refused(self, token: Token) -> None:
        """A call with this token was answered 401: get another, once for the fleet.

        Raises TokenRefused when the one that was made for the same reason is refused too, and was
        never answered otherwise.
        """
        now, state = clock.now_us() // 1000, self.state()
        if state.generation != token.generation or state.generation <= state.dead:
            return  # somebody has made the next
        if state.second and state.answered < state.generation:
            self._bury(state)
            raise TokenRefused("the vendor refuses a token that it has just given")
        self._refresh(state, now, second=True)

    def answered(self, token: Token) -> None:
        """A call with this token was answered right: a refusal later on means that it is over."""
        if token.generation <= self._answered:
            return
        self._answered = token.generation
        self._update(
            "SET token_answered = :n",
            "attribute_not_exists(token_answered) OR token_answered < :n",
            {":n": number(token.generation)},
        )

    def state(self) -> State:
        """What the account's row says now."""
        asked = {"TableName": self._table, "Key": self._key(), "ConsistentRead": True}
        return state_of(self._dynamodb.get_item(**asked).get("Item", {}))

    def _refresh(self, state: State, now: int, *, second: bool) -> int:
        """Make the next generation, if nobody else does: its number, 0 when it was not made."""
        if not self._update(
            "SET token_lock = :until",
            f"{_SAME} AND (attribute_not_exists(token_lock) OR token_lock < :now)",
            {**_until(state, now + LOCK_MS), ":now": number(now)},
        ):
            return 0
        try:
            secret = self._secret_value()
        except TokenRefused:
            self._bury(state)
            raise
        held = _held_generation(secret)
        if held > state.generation:  # who made it died before the row
            return self._write_row(state, held, secret, second=second)
        try:
            grant = self._granted(secret, state)
        except GrantUnclear:
            self._update("SET token_lock = :until", _SAME, _until(state, now + AGAIN_MS))
            return 0
        made = clock.now_us() // 1000
        life = int(1000 * min(max(grant.seconds, LEAST_SECONDS), MOST_SECONDS))
        secret |= {"access_token": grant.access_token, "generation": state.generation + 1}
        secret |= {"made": made, "ends": made + life}
        if grant.refresh_token:
            secret["refresh_token"] = grant.refresh_token
        self._secrets.put_secret_value(SecretId=self._secret, SecretString=json.dumps(secret))
        return self._write_row(state, state.generation + 1, secret, second=second)

    def _granted(self, secret: Mapping[str, Any], state: State) -> Grant:
        """Ask by the refresh token, and where that is refused, or lost with who used it, anew."""
        refresh_token = str(secret.get("refresh_token", ""))
        for held in [refresh_token, ""] if refresh_token else [""]:
            try:
                request = self._vendor.grant_request(secret, held)
            except KeyError as error:
                self._bury(state)
                raise TokenRefused(f"the vendor's secret has no {error}") from error
            if grant := self._vendor.grant(self._calls.call(request)):
                return grant
        self._bury(state)
        raise TokenRefused("the vendor refuses the secret that it gives tokens for")

    def _write_row(
        self, state: State, generation: int, secret: Mapping[str, Any], *, second: bool
    ) -> int:
        written = self._update(
            "SET token_generation = :next, token_made = :made, token_ends = :ends, "
            "token_second = :second, token_lock = :free REMOVE token_dead_version",
            _SAME,
            {
                ":n": number(state.generation),
                ":next": number(generation),
                ":made": number(int(secret["made"])),
                ":ends": number(int(secret["ends"])),
                ":second": {"BOOL": second},
                ":free": number(0),
            },
        )
        return generation if written else 0

    def _bury(self, state: State) -> None:
        """Note that this generation is refused for good, and by which version of the secret."""
        version = self._secrets.get_secret_value(SecretId=self._secret)["VersionId"]
        self._update(
            "SET token_dead = :n, token_dead_version = :version, token_lock = :free",
            _SAME,
            {
                ":n": number(state.generation),
                ":version": {"S": version},
                ":free": number(0),
            },
        )

    def _read(self, generation: int) -> Token:
        """The value of this generation, or of a later one."""
        if self._held is None or self._held.generation < generation:
            secret = self._secret_value()
            if "access_token" not in secret:
                raise NoToken("the vendor's secret holds no token yet")
            self._held = Token(_held_generation(secret), secret["access_token"])
        return self._held

    def _secret_value(self) -> dict[str, Any]:
        text = self._secrets.get_secret_value(SecretId=self._secret)["SecretString"]
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise TokenRefused("the vendor's secret is no JSON object") from None
        return found

    def _update(self, changes: str, condition: str, values: Item) -> bool:
        return dynamo.unless_refused(
            self._dynamodb.update_item,
            TableName=self._table,
            Key=self._key(),
            UpdateExpression=changes,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )

    def _key(self) -> Item:
        return {"account": {"S": self._account}}


_SAME = "(token_generation = :n OR attribute_not_exists(token_generation))"


def state_of(item: Mapping[str, Any]) -> State:
    """What an account's row says of the token."""
    return State(
        whole(item, "token_generation"),
        whole(item, "token_made"),
        whole(item, "token_ends"),
        whole(item, "token_lock"),
        whole(item, "token_answered"),
        bool(item.get("token_second", {}).get("BOOL", False)),
        whole(item, "token_dead"),
    )


def _until(state: State, ms: int) -> Item:
    return {":n": number(state.generation), ":until": number(ms)}


def _held_generation(secret: Mapping[str, Any]) -> int:
    return int(secret.get("generation", 0))
