"""The command `lpa`: arguments in, exit code out. The only place where errors become messages."""

from __future__ import annotations

import gc
import os
import sys

from analyzer.cli import output
from analyzer.errors import EXIT_INTERNAL, LpaError, UsageError

# What a shell reports for a process that SIGINT or SIGPIPE ended.
_EXIT_INTERRUPTED = 130
_EXIT_BROKEN_PIPE = 141
_STDOUT, _STDERR = 1, 2


def main() -> None:
    """Run the command line of this process and exit with its code; no exception gets out."""
    # What an analysis makes it keeps, so that looking for garbage as often as Python does by default finds little and
    # takes a third of the time (1,000 files: 7.4 s, and 4.8 s like this, in the same memory).
    gc.set_threshold(100_000, 50, 1000)
    _take_standard_streams()
    sys.exit(run(sys.argv[1:]))


def _take_standard_streams() -> None:
    """Take the numbers of streams that are closed, so that no file which is written gets one of them."""
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= _STDERR:
        pass
    os.close(descriptor)
    if sys.stdout is None:
        # Whatever is printed fails, since this may only be read.
        sys.stdout = open(_STDOUT, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        # What is said to nobody must not get into the results.
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def run(arguments: list[str]) -> int:
    """Run `lpa` with `arguments` and return the exit code: results on standard output, everything else on error."""
    try:
        code = _run(arguments)
        output.flush()
        return code
    except LpaError as error:
        _tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _tell("interrupted")
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        output.abandon()
        return _EXIT_BROKEN_PIPE
    except Exception as error:
        if os.environ.get("LPA_DEBUG"):
            raise
        _tell(f"internal error: {type(error).__name__}: {error}; set LPA_DEBUG=1 for a traceback and report it")
        return EXIT_INTERNAL


def _run(arguments: list[str]) -> int:
    import typer

    from analyzer.cli.arguments import parse
    from analyzer.cli.listening import listening

    try:
        job = parse(arguments)
    except typer.TyperException as error:
        raise UsageError(error.format_message().rstrip("."), "see lpa --help, or --help after a command") from error
    if isinstance(job, int):
        return job
    with listening():
        return job()


def _tell(message: str) -> None:
    line = " ".join(message.split())
    print(f"lpa: error: {output.escaped(line)}", file=sys.stderr)
