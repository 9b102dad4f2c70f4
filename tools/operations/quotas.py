"""AWS's quotas that a pipeline's sizing can meet.

Their codes, what a new account has, and what AWS says of one account.

Read in November 2026: "Amazon API Gateway quotas" (developer guide), "Lambda quotas" (developer
guide), "Quotas in Amazon DynamoDB" (developer guide), "Amazon Textract endpoints and quotas"
(general reference), "Amazon VPC quotas" (user guide), "Quotas for your Application Load Balancers"
(user guide), "AWS WAF quotas" (developer guide), and the codes of Service Quotas (`aws
service-quotas list-aws-default-service-quotas`). A new account may have less, of Lambda's
concurrency above all: ask the account, with credentials.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

READ_IN = "November 2026"
# The regions where API Gateway's default is a quarter.
SMALL_API_REGIONS = {
    *("af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-west-1"),
    *("eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "mx-central-1"),
}
# The regions where Textract's defaults are high; elsewhere a fifth of AnalyzeExpense's.
LARGE_TEXTRACT_REGIONS = {"ap-south-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"}


class Quota(NamedTuple):
    """One quota of an account in a region; `default` is a new account's, in `unit`."""

    service: str
    code: str
    name: str
    default: float
    unit: str
    adjustable: bool = True

    def default_in(self, region: str) -> float:
        """What a new account has in this region."""
        if self.service == "apigateway" and region in SMALL_API_REGIONS:
            return self.default / 4
        if self.service == "textract" and region not in LARGE_TEXTRACT_REGIONS:
            return self.default / 5
        return self.default

    def command(self, wanted: float, region: str) -> str:
        """The command that asks AWS for more."""
        asked = f"--service-code {self.service} --quota-code {self.code} --desired-value {wanted:g} --region {region}"
        return f"aws service-quotas request-service-quota-increase {asked}"

    def page(self, region: str) -> str:
        """The console's page of it."""
        return f"https://{region}.console.aws.amazon.com/servicequotas/home/services/{self.service}/quotas/{self.code}"


API_RATE = Quota("apigateway", "L-8A5B8E43", "Throttle rate", 10_000, "requests/s")
API_BURST = Quota("apigateway", "L-CDF5615A", "Throttle burst rate", 5_000, "requests", adjustable=False)
LAMBDA_CONCURRENCY = Quota("lambda", "L-B99A9384", "Concurrent executions", 1_000, "executions")
LAMBDA_STORAGE = Quota("lambda", "L-2ACBD22F", "Function and layer storage", 75, "GB")
TABLE_READ = Quota("dynamodb", "L-CF0CBE56", "Table-level read throughput limit", 40_000, "units/s")
TABLE_WRITE = Quota("dynamodb", "L-AB614373", "Table-level write throughput limit", 40_000, "units/s")
PROVISIONED_READ = Quota(
    "dynamodb", "L-34F6A552", "Account-level read throughput limit (Provisioned mode)", 80_000, "units/s"
)
PROVISIONED_WRITE = Quota(
    "dynamodb", "L-34F8CCC8", "Account-level write throughput limit (Provisioned mode)", 80_000, "units/s"
)
TEXTRACT_EXPENSES = Quota(
    "textract", "L-80A81B07", "AnalyzeExpense throttle limit in transactions per second", 5, "pages/s"
)
FUNCTION_INTERFACES = Quota("lambda", "L-9FEE3D26", "Elastic network interfaces per VPC", 500, "interfaces")
INTERFACE_ENDPOINTS = Quota("vpc", "L-29B6F2EB", "Interface VPC endpoints per VPC", 50, "endpoints")
BALANCERS = Quota("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50, "load balancers")
LISTENERS = Quota("elasticloadbalancing", "L-B6DF7632", "Listeners per Application Load Balancer", 50, "listeners")
RULES = Quota("elasticloadbalancing", "L-7EED9B64", "Rules per Application Load Balancer", 100, "rules")
TARGET_GROUPS = Quota("elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3_000, "target groups")
CERTIFICATES = Quota(
    "elasticloadbalancing", "L-9365A611", "Certificates per Application Load Balancer", 25, "certificates"
)
WEB_ACLS = Quota("wafv2", "L-2EC3DE7B", "Maximum web ACLs per account in WAF for regional", 100, "web ACLs")
# what a pipeline asks for by name, as the output `quotas` of its module has it
BY_NAME = {"textract_analyze_expense": TEXTRACT_EXPENSES}

# Not raised on request, so they are no quota to compare with but rules of the service.
LOG_PAGES = 5  # a second, of FilterLogEvents, in an account and region; some regions have more
LEFT_UNRESERVED = 100  # executions of an account that no function can reserve
REQUESTS_AN_ENVIRONMENT = 10  # a second, of one Lambda execution environment called synchronously


def to_ask_for(needed: float) -> int:
    """What to ask of AWS where so much is needed: rounded up, to halves of its first digit."""
    step = max(1, int(10 ** int(math.log10(max(needed, 1)))) // 2)
    return math.ceil(needed / step) * step


def of_account(client: Any, quota: Quota) -> tuple[float, str]:
    """The account's quota, and where that comes from.

    `client` is one of Service Quotas. Raises ClientError.
    """
    named = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    for ask, source in ((client.get_service_quota, "account"), (client.get_aws_default_service_quota, "AWS's default")):
        try:
            return float(ask(**named)["Quota"]["Value"]), source
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchResourceException":
                raise
    return quota.default_in(client.meta.region_name), f"published in {READ_IN}"
