"""Simulated SQS, DynamoDB, S3 and Secrets Manager, in virtual time: what AWS promises and no more.

Contract tests hold them to moto and the emulator.
"""
