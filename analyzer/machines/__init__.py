"""State machines of AWS Step Functions: from a definition to the API calls that its role is used for."""

from __future__ import annotations

from analyzer.machines.states import MachineCalls, machine_calls

__all__ = ["MachineCalls", "machine_calls"]
