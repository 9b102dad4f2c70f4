"""Simulated SQS, DynamoDB and S3, in virtual time: what AWS promises and no more. Contract tests hold them to moto and the emulator."""
