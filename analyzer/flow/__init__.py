"""The abstract interpreter: from the IR of a program to the AWS API calls it can make."""

from analyzer.flow.entries import interpret
from analyzer.flow.machine import Sources

__all__ = ["Sources", "interpret"]
