"""Mutants of what carries: queues, shards, quarantine, settings."""

from tools.simulation.mutants.mutant import Mutant

PROCESS = "lambda_src/votes/process.py"
WRITE = "lambda_src/votes/write.py"
QUEUES = "lambda_src/shared/queues.py"

MUTANTS = [
    Mutant(
        "unprocessed items dropped",
        "lambda_src/shared/dynamo.py",
        'waiting = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])',
        "waiting = []",
    ),
    Mutant(
        "partial send ignored",
        QUEUES,
        '        for failure in answer.get("Failed", ()):\n'
        '            kinds.append(failure["Code"])\n'
        "            (lost",
        '        for failure in ():\n            kinds.append(failure["Code"])\n            (lost',
    ),
    Mutant(
        "accepted though the queue did not take it",
        "lambda_src/votes/receive.py",
        "            if number in unsent:\n",
        "            if number in unsent and number < 0:\n",
    ),
    Mutant(
        "witnesses prepared for after their ballots are sent",
        "lambda_src/votes/receive.py",
        "        self._witnessing.prepare()\n        unsent = self._send(ballots, received_at)\n",
        "        unsent = self._send(ballots, received_at)\n        self._witnessing.prepare()\n",
    ),
    Mutant(
        "taken though the count queue did not",
        PROCESS,
        'batch.fail(sources, "send", "NotSent")',
        "pass",
    ),
    Mutant(
        "failures reported for the wrong id",
        PROCESS,
        'queues.failures(record["messageId"] for record in failed)',
        'queues.failures(batch.records[0]["messageId"] for record in failed)',
    ),
    Mutant(
        "empty failure list on error",
        WRITE,
        '        return queues.failures(record["messageId"] for record in failed)\n\n    def _read(',
        "        return queues.failures(())\n\n    def _read(",
    ),
    Mutant(
        "quarantine that failed taken for done",
        "lambda_src/votes/batch.py",
        '                self.fail(sources, "quarantine", logs.kind_of(error), **logs.cause_of(error))\n'
        "                continue\n",
        "                continue\n",
    ),
    Mutant(
        "a refusal that cannot say its time",
        "lambda_src/votes/catalogue.py",
        "stamps.shown(self.opens)",
        "stamps.to_rfc3339(self.opens)",
    ),
    Mutant(
        "one ballot's exception fails the batch",
        PROCESS,
        'batch.fail([source], "judge", logs.kind_of(unforeseen), **cause)',
        "raise",
        "tests/lambda_src/votes/test_process_catalogue.py",
    ),
    Mutant(
        "one message's exception fails its shard's",
        WRITE,
        "if len(taken) > 1 and not isinstance(error, OF_THE_SHARD):",
        "if len(taken) > 10 and not isinstance(error, OF_THE_SHARD):",
        "tests/lambda_src/votes/counting/test_write_alone.py",
    ),
    Mutant(
        "one deduplication id a shard",
        PROCESS,
        "OutgoingMessage(body, str(shard), sha256(body.encode()).hexdigest())",
        'OutgoingMessage(body, str(shard), "" if not sha256 else str(shard))',
    ),
    Mutant("shard by title", PROCESS, "shard_of(ballot.voter_id, shards)", "shard_of(ballot.title_id, shards)"),
    Mutant(
        "Python's own hash for the shard",
        "lambda_src/votes/shards.py",
        'return int.from_bytes(blake2b(voter_id.encode(), digest_size=8).digest(), "big") % shards',
        "return hash(voter_id) % shards if blake2b else 0",
        "tests/lambda_src/votes/test_messages.py",
    ),
    Mutant(
        "redrive with the old deduplication id",
        "tools/operations/redrive.py",
        "    identity = hashlib.sha256(f\"{what} {message['MessageId']}\".encode()).hexdigest()\n",
        '    identity = message["Attributes"]["MessageDeduplicationId"]\n',
    ),
    Mutant(
        "dead letter deleted before it is sent",
        "tools/operations/redrive.py",
        "                        handle(message)\n                        tries += 1\n"
        "                        count += held.delete(message)\n",
        "                        count += held.delete(message)\n                        tries += 1\n"
        "                        handle(message)\n",
        "tests/operations/test_redrive.py",
    ),
    Mutant(
        "visibility below the timeout",
        "terraform/modules/queue/main.tf",
        "visibility_seconds = 6 * var.consumer.timeout_seconds + var.consumer.window_seconds",
        "visibility_seconds = max(1, floor(var.consumer.timeout_seconds / 2))",
        "tests/terraform/test_votes.py -k queue_and_function_agree",
    ),
    Mutant(
        "partial batch responses off",
        "terraform/modules/function/main.tf",
        'function_response_types            = ["ReportBatchItemFailures"]',
        "function_response_types            = []",
        "tests/terraform/test_votes.py -k queue_and_function_agree",
    ),
]
