"""Simulated SQS, DynamoDB and S3: what AWS promises and no more, in memory, in virtual time. Held to moto and the emulator by contract tests."""
