"""The one error base of the project: every failure a user can cause or meet carries a remedy and an exit code.

Only the command line catches `LpaError`; everything else lets it pass through.
"""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_INTERNAL = 70


class LpaError(Exception):
    """A failure told to the user in one line: what and where in `message`, what to do in `hint`."""

    exit_code = EXIT_INTERNAL

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class UsageError(LpaError):
    """The command line or the configuration asks for something that does not exist or contradicts itself."""

    exit_code = EXIT_USAGE


class InputError(LpaError):
    """A file or folder is missing, unreadable, or not what it has to be."""

    exit_code = EXIT_INPUT


class RuleError(LpaError):
    """A file under rules/ is wrong: a defect of the installation, never of the user's input."""

    exit_code = EXIT_INTERNAL
