"""Terraform's plugin protocol: HashiCorp's `.proto`, and the stubs generated of it."""
