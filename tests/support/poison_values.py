"""What inputs are spoilt with: wrong values, and texts that were never meant for us."""

from __future__ import annotations

import json

# What no place of a ballot or message may hold, as it stands in JSON. (A few may: null withdraws.)
WRONG = {
    "null": "null",
    "true": "true",
    "-1": "-1",
    "6": "6",
    "2.5": "2.5",
    "4.0": "4.0",
    "1e999": "1e999",
    "-Infinity": "-Infinity",
    "NaN": "NaN",
    "a number of 40 digits": "9" * 40,
    "a number of 5,000 digits": "9" * 5_000,
    "a number as text": '"4"',
    "an empty text": '""',
    "a text of 100,000": '"' + "x" * 100_000 + '"',
    "a lone surrogate": r'"\ud800"',
    "NUL": r'"a\u0000b"',
    "what clears a terminal": r'"\u001b[2J\u202e"',
    "an emoji": '"\U0001f42c"',
    "digits of another script": '"١٢٣"',
    "a title reserved for the fold": '"#fold"',
    "an SQL injection": json.dumps("'; DROP TABLE votes; --"),
    "a PartiQL injection": json.dumps("x'} VALUE {'voter_id': 'y"),
    "a look-up for a logger": '"${jndi:ldap://127.0.0.1/x}"',
    "a path upwards": '"../../../etc/passwd"',
    "markup": '"<script>alert(1)</script>"',
    "an empty list": "[]",
    "a list in a list": "[[1]]",
    "an empty object": "{}",
    "an object with __proto__": '{"__proto__": {"story": 5}}',
    "a key of 50,000": '{"' + "k" * 50_000 + '": 1}',
    "a key that is a lone surrogate": r'{"\udfff": 1}',
    "a key twice": '{"story": 1, "story": 5}',
    "lists nested 400 deep": "[" * 400 + "]" * 400,
    "objects nested 900 deep": '{"a":' * 900 + "1" + "}" * 900,
}

# What was never meant for us.
ALIEN = {
    "XML": "<?xml version='1.0'?><ballot voter='v'/>",
    "an XML bomb": '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><b>&b;</b>',
    "a page of HTML": "<!doctype html><html><body>502 Bad Gateway</body></html>",
    "a form": "voter_id=v&title_id=t&votes=5",
    "SQL": "INSERT INTO votes VALUES (1); --",
    "YAML": "voter_id: v\ntitle_id: t\n",
    "CSV": "voter_id,title_id,story\nv,t,5\n",
    "a shell command": "$(reboot)",
    "two lines of JSON": '{"voter_id": "a"}\n{"voter_id": "b"}',
    "an event of another queue": '{"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "x"}}}]}',
    "a notice of SNS": json.dumps(
        {"Type": "Notification", "Message": "{}", "TopicArn": "arn:aws:sns:us-east-1:000000000000:x"}
    ),
    "undefined": "undefined",
    "a word": "null-ish",
    "half a surrogate pair": r'"\ud83d"',
    "an escape that is none": r'"\x41"',
    "a number with a leading zero": "0123",
    "a bare minus": "-",
    "a number of 5,000 digits": "9" * 5_000,
    "blanks": " \t\r\n",
    "a list of 10,000 nulls": json.dumps([None] * 10_000),
    "a request of 400 nulls": json.dumps({"ballots": [None] * 400}),
    "objects nested 20,000 deep": '{"ballots":' * 20_000,
    "lists nested 60,000 deep, as ballots": '{"ballots": ' + "[" * 60_000 + "]" * 60_000 + "}",
    "a thousand keys": json.dumps({f"key-{number}": number for number in range(1_000)}),
    "100,000 of one letter": "x" * 100_000,
    "a mark that no text may hold": "\ufffe",
    "a name of 40 characters that nobody sees": json.dumps({"\U000e0001" * 40: 1}),
}
