"""Mutants of the connection to the database: who it is, that it answers, what a lost one means.

Each is caught by a real PostgreSQL behind the front of the local cloud.
"""

from tools.simulation.mutants.mutant import Mutant

POSTGRES = "lambda_src/receipts/delivery/postgres.py"
TESTS = "tests/lambda_src/receipts/delivery/test_postgres.py -k "
OF_CERTIFICATES = TESTS + "certificate_that_is_not_the_servers"

MUTANTS = [
    Mutant(
        "certificate of any authority taken",
        POSTGRES,
        '                sslmode="verify-full",\n                sslrootcert=ca,\n',
        '                sslmode="require",\n',
        OF_CERTIFICATES,
    ),
    Mutant(
        "certificate of another name taken",
        POSTGRES,
        'sslmode="verify-full"',
        'sslmode="verify-ca"',
        OF_CERTIFICATES,
    ),
    Mutant(
        "database that never answers waited for",
        POSTGRES,
        "threading.Timer(self._limits.answer_seconds, self._cut)",
        "threading.Timer(10 * self._limits.answer_seconds, self._cut)",
        TESTS + "never_answers",
    ),
    Mutant(
        "answer that is lost taken for a refusal",
        POSTGRES,
        "return Refused(BAD_TEXT) if isinstance(error, psycopg.DataError) else Away",
        "return Refused(BAD_TEXT) if isinstance(error, psycopg.Error) else Away",
        TESTS + "lost_in_a_transaction",
    ),
    Mutant(
        "password denied and not read again",
        "lambda_src/receipts/delivery/credentials.py",
        "        rotated = source.login()\n",
        "        rotated = login\n",
        TESTS + "rotated_password",
    ),
]
