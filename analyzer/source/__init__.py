"""From source text to the IR. The only package that uses ast-grep."""

from analyzer.source.lower import find_problems, lower

__all__ = ["find_problems", "lower"]
