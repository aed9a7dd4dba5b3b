"""From the paths a user names to the files of the program, their text and how they import each other."""

from analyzer.collect.files import collect, read_source

__all__ = ["collect", "read_source"]
