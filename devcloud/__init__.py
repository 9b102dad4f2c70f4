"""AWS on this machine: emulator, offline Terraform provider, stack, load and demonstration."""
