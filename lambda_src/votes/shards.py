"""Shards: which of them a voter belongs to, for ever."""

from hashlib import blake2b


def shard_of(voter_id: str, shards: int) -> int:
    """The shard of a voter, 0 <= shard < `shards`; the same on every machine, in every version."""
    return int.from_bytes(blake2b(voter_id.encode(), digest_size=8).digest(), "big") % shards
