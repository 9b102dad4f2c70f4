"""Mutants of how files are read and what is lost is found: read, its reader, sweep."""

from tools.simulation.mutants.mutant import Mutant

DECODES = "lambda_src/receipts/decodes.py"
LEDGER = "lambda_src/receipts/ledger.py"
READ = "lambda_src/receipts/read.py"
READER = "lambda_src/receipts/reader.py"
SWEEP = "lambda_src/receipts/sweep.py"
USAGE = "lambda_src/receipts/usage.py"

MUTANTS = [
    Mutant(
        "read again though its document is there",
        READ,
        "self._document(key) or self._read(row, key, record, context)",
        "self._read(row, key, record, context)",
    ),
    Mutant("read again though it was refused", READ, "if row.state != State.RECEIVED:", "if row.state is None:"),
    Mutant("document put over another", READ, '                IfNoneMatch="*",\n', ""),
    Mutant(
        "own document taken for the one that is there",
        READ,
        "            return there\n",
        "            return document\n",
    ),
    Mutant(
        "read before its document is put",
        READ,
        "return self._put(key, self._made(row, prepared, found))",
        "return self._made(row, prepared, found)",
    ),
    Mutant(
        "state left that is no longer there",
        LEDGER,
        'ConditionExpression="#state = :received"',
        'ConditionExpression="#state = :received OR attribute_exists(batch_id)"',
    ),
    Mutant(
        "read file that waits for no delivery",
        LEDGER,
        '            waiting={"S": rows.waiting_for(Waiting.DELIVERY, file_id)},\n',
        "",
    ),
    Mutant(
        "refused file that still waits",
        LEDGER,
        'removed = "" if "waiting" in values else " REMOVE waiting, due_at"',
        'removed = ""',
    ),
    Mutant(
        "busy reader taken for a refusal",
        READER,
        "                raise Later(code) from error\n",
        '                raise ImageRefused(f"reader-refused:{code}", "it is busy") from error\n',
    ),
    Mutant("refusal taken for a delay", READER, "if code in LASTING:", "if code in PASSING & LASTING:"),
    Mutant("refused at the first rubbish", READER, "INVALID_TRIES = 2", "INVALID_TRIES = 1"),
    Mutant("refused for rubbish at the first receive", READER, "INVALID_RECEIVES = 3", "INVALID_RECEIVES = 1"),
    Mutant(
        "delayed message taken for done",
        READ,
        '            kept=(record["messageId"] for record in later),\n',
        "",
    ),
    Mutant(
        "failed message of read taken for done",
        READ,
        "                failed.append(record)\n",
        "",
    ),
    Mutant("file that ends its worker tried for ever", DECODES, "MARKED_FROM = 4", "MARKED_FROM = 4_000"),
    Mutant("mark taken away by who ran out of memory", DECODES, "        except MemoryError:\n            raise\n", ""),
    Mutant(
        "mark left by who could decode",
        DECODES,
        "            raise\n        self._unmark(batch_id, file_id)\n",
        "            raise\n",
        "tests/lambda_src/receipts/test_receipts_read_trouble.py -k a_busy_reader_is_a_delay",
    ),
    Mutant(
        "pixels claimed by each who reads",
        LEDGER,
        '"attribute_exists(batch_id) AND attribute_not_exists(pixels)"',
        '"attribute_exists(batch_id)"',
    ),
    Mutant(
        "pixels not claimed",
        READ,
        "if not self._ledger.claim_pixels(row.batch_id, row.file_id, pixels):",
        "if not pixels:",
    ),
    Mutant("bytes that are gone waited for", READ, '_GONE = ("NoSuchKey", "404")', '_GONE = ("404",)'),
    Mutant(
        "refused by read without a line", READ, "        self._store.put(refused.reason, row.received_at, [line])\n", ""
    ),
    Mutant(
        "flagged as a copy of itself", READ, "        if first.file_id == row.file_id:\n            return None\n", ""
    ),
    Mutant(
        "fingerprint taken from who was first",
        USAGE,
        '            Item=item,\n            ConditionExpression="attribute_not_exists(customer_id)",\n',
        "            Item=item,\n",
    ),
    Mutant(
        "batch that read it first not said",
        READ,
        "same_as=document.batch_id if document.batch_id != row.batch_id else None",
        "same_as=None",
    ),
    Mutant("images not sent again", SWEEP, "[*map(message_of, unread)]", "[*map(message_of, unread[:0])]"),
    Mutant(
        "uploads that nobody told of left",
        SWEEP,
        "        missed = [one for one in stored if _is_missed(batch, found, one)]\n",
        "        missed = [one for one in stored[:0] if _is_missed(batch, found, one)]\n",
    ),
    Mutant("uploads looked at once", SWEEP, "if not missed and now > batch.closes_at:", "if not missed:"),
]
