"""AWS on this machine: the emulator, the fault proxy before it, the deployed stack."""
