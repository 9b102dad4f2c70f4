"""Mutants of what happens past a limit: entries that split, pages, batches, messages that are cut.

The world's limits are small (see standins.SMALL and surroundings.SMALL), so it is past each of them
in nearly every history.
"""

from tools.simulation.mutants.mutant import Mutant

COUNTING = "lambda_src/votes/counting.py"
DYNAMO = "lambda_src/shared/dynamo.py"
JOURNAL = "lambda_src/votes/journal.py"
PROCESS = "lambda_src/votes/process.py"
QUEUES = "lambda_src/shared/queues.py"

MUTANTS = [
    Mutant(
        "a change too many forgotten when a split append is refused",
        COUNTING,
        "changes = changes[len(part) :]",
        "changes = changes[len(part) + 1 :]",
    ),
    Mutant(
        "all changes forgotten when a split append is refused",
        COUNTING,
        "changes = changes[len(part) :]",
        "changes = []",
    ),
    Mutant(
        "an entry that is too large loses what is in its middle",
        "lambda_src/votes/entry.py",
        "    yield from _halved(changes[middle:])\n",
        "    yield from _halved(changes[middle + 1 :])\n",
        # whoever appends starts over with what is left, so no count goes wrong
        "tests/lambda_src/votes/counting/test_entry.py",
    ),
    Mutant(
        "the last vote of each call not put",
        JOURNAL,
        "changes[start : start + PUTS_A_CALL]",
        "changes[start : start + PUTS_A_CALL - 1]",
    ),
    Mutant(
        "the last standing vote of each call not read",
        JOURNAL,
        "keys[start : start + GETS_A_CALL]",
        "keys[start : start + GETS_A_CALL - 1]",
    ),
    Mutant(
        "the last key of each request not asked for",
        DYNAMO,
        "waiting = list(keys[start : start + KEYS_A_REQUEST])",
        "waiting = list(keys[start : start + KEYS_A_REQUEST - 1])",
    ),
    Mutant(
        "the last title of each request not looked up",
        "lambda_src/votes/catalogue.py",
        "some = unknown[start : start + dynamo.KEYS_A_REQUEST]",
        "some = unknown[start : start + dynamo.KEYS_A_REQUEST - 1]",
    ),
    Mutant(
        "the last ballot of each message left out",
        "lambda_src/votes/messages.py",
        "yield ballots[start : start + most]",
        "yield ballots[start : start + most - 1]",
    ),
    Mutant(
        "the wrong messages fail for a part that was not sent",
        PROCESS,
        "                start += len(part)\n",
        "                start += 0 * len(part)\n",
        # seldom in histories: parts of one shard, of different messages, one of them refused
        "tests/lambda_src/votes/test_process_trouble.py",
    ),
    Mutant(
        "the wrong ballots not accepted for a part that was not sent",
        "lambda_src/votes/receive.py",
        "            start += len(part)\n",
        "            start += 0 * len(part)\n",
    ),
    Mutant(
        "the message that begins a request left out",
        QUEUES,
        "            request, size = [], 0\n        request.append(index)\n",
        "            request, size = [], 0\n            continue\n        request.append(index)\n",
    ),
    Mutant(
        "the last message before each look at the time not sent",
        PROCESS,
        "some = outgoing[start : start + MESSAGES_A_CHECK]",
        "some = outgoing[start : start + MESSAGES_A_CHECK - 1]",
    ),
    Mutant(
        "the last of a flood stands for all of it in quarantine",
        "lambda_src/votes/batch.py",
        "objects.setdefault(key, []).append(one)",
        "objects[key] = [one]",
    ),
    Mutant(
        "the last witness of each line left out",
        "lambda_src/shared/witness.py",
        "hashed[start : start + HASHES_A_LINE]",
        "hashed[start : start + HASHES_A_LINE - 1]",
    ),
    Mutant(
        "failures named by the first line alone",
        QUEUES,
        "for start in range(0, max(1, len(message_ids)), IDS_A_LINE):",
        "for start in range(0, 1, IDS_A_LINE):",
        "tests/lambda_src/shared/test_queues.py",
    ),
    Mutant(
        "what does not fit an epoch passed over",
        "lambda_src/votes/reading.py",
        "                    read.waiting[shard] = waiting\n                    return\n",
        "                    expected += 1\n                    continue\n",
        # seldom in histories: a small entry waits behind one that is too large
        "tests/lambda_src/votes/counting/test_folding.py",
    ),
    Mutant(
        "an audit of the first page",
        "lambda_src/votes/recount.py",
        'start = answer.get("LastEvaluatedKey")',
        "start = None",
    ),
]
