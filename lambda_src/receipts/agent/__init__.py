"""The agent: delivers from the premises, where nobody may connect in.

    python -m receipts.agent run --config /etc/sluice-agent/agent.toml
    python -m receipts.agent check --config /etc/sluice-agent/agent.toml

One process is one lane and one connection to the database. It only connects out: to a few hosts of
AWS by HTTPS, through a proxy where there is one, and to the database on its own site. The
database's credentials never leave it (docs/receipts/agent.md).
"""
