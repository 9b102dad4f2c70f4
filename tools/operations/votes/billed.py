"""What AWS bills for a vote that is put by PartiQL, which its documentation gives no price of its
own (docs/adr/0004-votes-put-in-partiql-batches.md).

The probe's own vote is put as it stands, and AWS says what that took: at most two write units.
"""

from __future__ import annotations

import math
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.bearer import id_of
from tools.operations.deployment import Deployment
from votes import reserved

# whichever of them the pipeline takes the probe for: by a request's body, or by a token
VOTERS = (reserved.VOTER, id_of(reserved.CLAIMS["iss"], reserved.CLAIMS["sub"]))
PUT_UNITS = 1  # of a vote under 1 KB by PutItem or UpdateItem
DENIED = {"AccessDenied", "AccessDeniedException"}


def tell(deployment: Deployment) -> str:
    """What it is billed, in a line; or why that is not known, which is no failure."""
    if deployment.endpoint:
        return "billed: not known here, where the emulator's figure is none"
    client, table = deployment.client("dynamodb"), deployment.outputs["tables"]["votes"]
    for voter in VOTERS:
        asked = [statement(table, voter)]
        try:
            answer = client.batch_execute_statement(Statements=asked, ReturnConsumedCapacity="TOTAL")
        except ClientError as error:
            return _not_known(deployment, error.response["Error"]["Code"])
        except BotoCoreError as error:
            return _not_known(deployment, type(error).__name__)
        code = answer["Responses"][0].get("Error", {}).get("Code")
        if code is None:
            return _said(answer.get("ConsumedCapacity", []))
        if code != "ConditionalCheckFailed":
            return _not_known(deployment, code)
    return _not_known(deployment, "the probe has no vote yet")


def statement(table: str, voter: str) -> dict[str, Any]:
    """Puts the probe's vote as it stands; nothing, where it has none."""
    text = f'UPDATE "{table}" SET v = v WHERE voter_id = ? AND title_id = ? AND n > ?'  # noqa: S608 (as the journal's)
    return {"Statement": text, "Parameters": [{"S": voter}, {"S": reserved.TITLE}, {"N": "0"}]}


def _said(consumed: list[dict[str, Any]]) -> str:
    if not consumed:
        return "billed: not known (AWS said nothing of it)"
    units = math.fsum(float(one.get("CapacityUnits", 0)) for one in consumed)
    told = f"billed: a vote put by PartiQL took {units:g} write units"
    if units == PUT_UNITS:
        return f"{told}, as a put of it does: what ADR 0004 assumed"
    return f"{told}, where ADR 0004 assumed the {PUT_UNITS} of a put: tell, and see docs/votes/performance.md"


def _not_known(deployment: Deployment, why: str) -> str:
    advice = f": `make account ENV={deployment.name}` once more gives the right to ask" if why in DENIED else ""
    return f"billed: not known ({why}){advice}"
