"""Mutants of how batches are opened and files taken in: accept, split, what they write."""

from tools.simulation.mutants.mutant import Mutant

ACCEPT = "lambda_src/receipts/accept.py"
LEDGER = "lambda_src/receipts/ledger.py"
SPLIT = "lambda_src/receipts/split.py"
TAKEN = "lambda_src/receipts/taken.py"
UNPACK = "lambda_src/receipts/unpack.py"
USAGE = "lambda_src/receipts/usage.py"

MUTANTS = [
    Mutant(
        "batch opened over another",
        LEDGER,
        "            Item=rows.batch_item(batch),\n            ConditionExpression=_NOT_THERE,\n",
        "            Item=rows.batch_item(batch),\n",
    ),
    Mutant("token of another batch taken", ACCEPT, "if batch.content != wanted.content:", "if not batch.content:"),
    Mutant(
        "open before all of the manifest stands",
        ACCEPT,
        "starts = range(0, len(wanted.files), SLOTS_A_ROW)",
        "starts = range(0, min(SLOTS_A_ROW, len(wanted.files)), SLOTS_A_ROW)",
    ),
    Mutant(
        "ready though another request has taken it away",
        LEDGER,
        '            "content = :content",\n',
        '            "content = :content OR attribute_not_exists(content)",\n',
        "tests/lambda_src/receipts/test_receipts_ledger.py -k only_a_batch_that_is_not_ready",
    ),
    Mutant(
        "token taken by a batch over the limit",
        ACCEPT,
        "            self._ledger.forget_batch(batch.batch_id)\n            raise _over(over)",
        "            raise _over(over)",
        "tests/lambda_src/receipts/test_receipts_accept.py -k is_said_with_its_unit_and_when_to_come_again",
    ),
    Mutant(
        "batch that is ready forgotten",
        LEDGER,
        'ConditionExpression="attribute_not_exists(ready)"',
        'ConditionExpression="attribute_exists(batch_id)"',
        "tests/lambda_src/receipts/test_receipts_ledger.py -k only_a_batch_that_is_not_ready",
    ),
    Mutant("batch not charged", ACCEPT, "            self._charge(batch, wanted)\n", ""),
    Mutant(
        "charged again for a repeat",
        USAGE,
        'mark = ["attribute_not_exists(#mark)"] if marks else []',
        "mark: list[str] = []",
    ),
    Mutant(
        "charged beyond the limit",
        USAGE,
        'f"(attribute_not_exists(#{u}) OR #{u} <= :rest_{u})"',
        'f"(attribute_not_exists(#{u}) OR #{u} <> :rest_{u} OR #{u} = :rest_{u})"',
    ),
    Mutant("entries not charged", UNPACK, "            self._charge(batch, entries)\n", ""),
    Mutant(
        "fewer outcomes replace more",
        LEDGER,
        'f"{_NOT_THERE} OR done < :done OR (done = :done AND refused > :refused)"',
        'f"{_NOT_THERE} OR done <> :done OR refused <> :refused"',
        "tests/lambda_src/receipts/test_receipts_ledger.py -k later_outcomes_replace_fewer",
    ),
    Mutant(
        "file received over one that is there",
        LEDGER,
        "            Item=rows.new_file_item(due, ttl),\n            ConditionExpression=_NOT_THERE,\n",
        "            Item=rows.new_file_item(due, ttl),\n",
    ),
    Mutant(
        "received file that waits for nothing",
        "lambda_src/receipts/rows.py",
        '        "waiting": {"S": waiting_for(Waiting.IMAGE, row.file_id)},\n',
        "",
    ),
    Mutant(
        "file settled though its pointer was not sent",
        TAKEN,
        '            raise NotSent("images")\n',
        "            return\n",
    ),
    Mutant(
        "parts that the queue did not take",
        UNPACK,
        '            raise NotSent("ranges")\n',
        "            return\n",
        "tests/lambda_src/receipts/test_receipts_large_archives.py -k parts_the_queue_does_not_take",
    ),
    Mutant("failed message taken for done", SPLIT, "                failed.append(record)\n", "                pass\n"),
    Mutant(
        "upload settled without its file",
        SPLIT,
        "        row = self._taking.receive(batch, content, at, expected.name)\n        self._taking.send([row])\n",
        "        row = self._taking.receive(batch, content, at, expected.name)\n",
    ),
    Mutant(
        "account of the first page alone",
        LEDGER,
        '            if "LastEvaluatedKey" not in page:\n',
        '            if page or "LastEvaluatedKey" not in page:\n',
    ),
]
