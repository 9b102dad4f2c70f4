"""Every figure of the model that is AWS's own: how its services scale.

It is documented, or, where this says so, assumed.
Quotas are those of a new account in a large region (us-east-1), read in November 2026; those marked
* can be raised on request.
"""

from tools.operations import quotas

# API Gateway, quotas of HTTP APIs: throttle of all APIs of an account in a region, a token bucket.
API_REQUESTS_A_SECOND = quotas.API_RATE.default  # *
API_BURST = quotas.API_BURST.default

# Lambda, quotas and "scaling behavior": of an account's functions together; of each function; and
# for each environment.
LAMBDA_CONCURRENCY = int(quotas.LAMBDA_CONCURRENCY.default)  # *
LAMBDA_SCALES = 1_000  # environments in LAMBDA_SCALES_IN; what is not used is not saved up
LAMBDA_SCALES_IN = 10.0  # seconds
# a second: so calls of 20 ms need twice the concurrency that Little's law says
REQUESTS_AN_ENVIRONMENT = quotas.REQUESTS_AN_ENVIRONMENT

# Lambda with SQS, standard queues: batches at a time.
FIRST_BATCHES = 5
MORE_BATCHES_A_MINUTE = 300
MOST_BATCHES = 1_250
# documented for provisioned pollers ("up to 1 MB/s"); assumed for the others
POLLER_BYTES_A_SECOND = 1_000_000

# SQS: messages received and not yet deleted; entries of one request; what a request is billed by.
IN_FLIGHT = 120_000
REQUEST_ENTRIES = 10
CHUNK_BYTES = 64 * 1024

# DynamoDB on demand: what a new table bears; then twice the previous peak, where half an hour lies
# between.
NEW_TABLE = {"write": 4_000.0, "read": 12_000.0}
DOUBLES_AFTER = 30 * 60.0  # seconds
# *, units a second of one on-demand table, for reads and for writes
TABLE_QUOTA = quotas.TABLE_WRITE.default
# units a second of one partition, so of one key: a shard's journal, the fold's row
PARTITION = {"write": 1_000.0, "read": 3_000.0}

# DynamoDB provisioned: unused capacity is kept for bursts; target tracking looks at minutes, and
# needs two in a row to scale out.
BURST_SECONDS = 300.0
SCALING_MINUTES = 2
SCALING_TAKES = 60.0  # seconds from the alarm until the new capacity is there: assumed
