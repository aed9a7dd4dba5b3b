"""Runs a program under moto and records which AWS requests it makes, from which of its instructions.

A request is taken from botocore's `before-call` event. Its place is the innermost instruction of the program on the
stack; a thread that holds none stands at the instruction that handed the work over (`executor.submit`, `Thread`, ...).
"""

from __future__ import annotations

import ast
import asyncio
import concurrent.futures
import contextlib
import functools
import importlib
import importlib.util
import json
import multiprocessing.pool
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Span = tuple[int, int, int, int]
"""First line, first column, last line, column after the last character; 1-based, as in `Location`."""

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An instruction of the program: the expression or statement that it belongs to.

    A loop stands at what it iterates over and a `with` statement at its context managers, which is where the program
    text says what is called.
    """

    path: str
    span: Span
    within: tuple[Span, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.span[0]}"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to AWS; `texts` are those of the parameters that the program gave as strings."""

    place: Place
    service: str
    operation: str
    texts: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Run:
    """What one execution of a program did."""

    requests: list[Request] = field(default_factory=list)
    executed: set[Place] = field(default_factory=set)


def run_program(folder: Path) -> Run:
    """Run `setup.py` of a program, then its `app.handler` with `event.json`, and return what the latter did."""
    import boto3
    from moto import mock_aws

    with (
        _restored_interpreter(folder),
        warnings.catch_warnings(action="ignore"),
        mock_aws(config={"lambda": {"use_docker": False}}),
    ):
        _set_up(folder)
        # A new default session, which takes up the recorder's handlers.
        boto3.DEFAULT_SESSION = None
        event_file = folder / "event.json"
        event = json.loads(event_file.read_text()) if event_file.exists() else {}
        recorder = _Recorder(folder)
        with recorder.recording():
            importlib.import_module("app").handler(event, None)
        return recorder.result()


def _set_up(folder: Path) -> None:
    file = folder / "setup.py"
    if file.exists():
        spec = importlib.util.spec_from_file_location("oracle_setup", file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.setup()


@contextlib.contextmanager
def _restored_interpreter(folder: Path) -> Iterator[None]:
    """Let the program be imported, with its layers, and leave nothing of it behind."""
    import boto3
    import botocore.session

    environment, search_path = dict(os.environ), list(sys.path)
    os.environ.update(_ENVIRONMENT)
    os.environ.pop("AWS_PROFILE", None)
    sys.path[:0] = [str(folder), *(str(layer) for layer in sorted(folder.glob("*/python")))]
    sys.dont_write_bytecode, wrote_bytecode = True, sys.dont_write_bytecode
    boto3.DEFAULT_SESSION = None
    importlib.invalidate_caches()
    # Sessions of all programs share what they read of botocore's models, which takes most of a client's making.
    create_loader, botocore.session.create_loader = botocore.session.create_loader, _shared_loader
    try:
        yield
    finally:
        botocore.session.create_loader = create_loader
        sys.dont_write_bytecode = wrote_bytecode
        sys.path[:] = search_path
        os.environ.clear()
        os.environ.update(environment)
        boto3.DEFAULT_SESSION = None
        for name, module in list(sys.modules.items()):
            origins = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
            if any(origin and Path(origin).is_relative_to(folder) for origin in origins):
                del sys.modules[name]


@functools.cache
def _shared_loader(search_path: str | None = None) -> Any:
    from botocore.loaders import create_loader

    return create_loader(search_path)


@functools.cache
def _implied_calls(file: str) -> dict[Span, tuple[Span, ...]]:
    """Return, for the statements and expressions that call without saying so, the expressions that are called upon."""
    result: dict[Span, tuple[Span, ...]] = {}
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.For | ast.AsyncFor):
            result[_span_of(node)] = (_span_of(node.iter),)
        elif isinstance(node, ast.With | ast.AsyncWith):
            result[_span_of(node)] = tuple(_span_of(item.context_expr) for item in node.items)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            result[_span_of(node)] = tuple(_span_of(clause.iter) for clause in node.generators)
    return result


def _span_of(node: ast.expr | ast.stmt) -> Span:
    return node.lineno, node.col_offset + 1, node.end_lineno or 0, (node.end_col_offset or 0) + 1


class _Recorder:
    """Collects the requests and the executed instructions of the program in a folder."""

    def __init__(self, folder: Path) -> None:
        self._prefix = str(folder) + os.sep
        self._requests: list[Request] = []
        self._executed: set[tuple[CodeType, int]] = set()
        self._thread = threading.local()
        self._origins: dict[threading.Thread, Place | None] = {}

    def result(self) -> Run:
        return Run(self._requests, {self._place_of(code, offset) for code, offset in self._executed})

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        from botocore import handlers

        events: list[tuple[str, Any]] = [("provide-client-params", self._on_parameters), ("before-call", self._on_call)]
        handlers.BUILTIN_HANDLERS.extend(events)
        tracer = sys.gettrace()
        try:
            with self._followed_into_threads():
                threading.settrace(self._trace)
                sys.settrace(self._trace)
                yield
        finally:
            sys.settrace(tracer)
            threading.settrace(None)
            for event in events:
                handlers.BUILTIN_HANDLERS.remove(event)

    # Requests

    def _on_parameters(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        texts = tuple((name, value) for name, value in params.items() if isinstance(value, str))
        context["oracle_texts"] = context.get("oracle_texts", texts)

    def _on_call(self, model: Any, context: dict[str, Any], **_: object) -> None:
        place = self._current_place(sys._getframe(1))
        assert place is not None, f"no instruction of the program stands behind {model.name}"
        self._requests.append(
            Request(place, model.service_model.service_name, model.name, context.get("oracle_texts", ()))
        )

    # Places

    def _current_place(self, frame: FrameType | None) -> Place | None:
        while frame is not None:
            if self._is_own(frame.f_code):
                return self._place_of(frame.f_code, frame.f_lasti)
            frame = frame.f_back
        origin: Place | None = getattr(self._thread, "origin", None)
        return origin or self._origins.get(threading.current_thread())

    def _is_own(self, code: CodeType) -> bool:
        return code.co_filename.startswith(self._prefix)

    def _place_of(self, code: CodeType, offset: int) -> Place:
        line, end_line, column, end_column = list(code.co_positions())[offset // 2]
        path = code.co_filename.removeprefix(self._prefix).replace(os.sep, "/")
        span = (line or 0, (column or 0) + 1, end_line or 0, (end_column or 0) + 1)
        return Place(path, span, _implied_calls(code.co_filename).get(span, ()))

    def _trace(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        if not self._is_own(frame.f_code):
            return None
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        return self._trace_instruction

    def _trace_instruction(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if event == "opcode":
            self._executed.add((frame.f_code, frame.f_lasti))
        return self._trace_instruction

    # Threads

    def _run_from(self, origin: Place | None, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        outer = getattr(self._thread, "origin", None)
        self._thread.origin = origin
        try:
            return function(*args, **kwargs)
        finally:
            self._thread.origin = outer

    @contextlib.contextmanager
    def _followed_into_threads(self) -> Iterator[None]:
        """Let work that is handed to another thread remember where the program handed it over."""
        executor, thread, pool_type = concurrent.futures.ThreadPoolExecutor, threading.Thread, multiprocessing.pool.Pool
        submit, to_thread, initialize = executor.submit, asyncio.to_thread, thread.__init__
        apply_async = pool_type.apply_async

        def submit_from_here(pool: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            origin = self._current_place(sys._getframe(1))
            return submit(pool, self._run_from, origin, function, *args, **kwargs)

        def to_thread_from_here(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            origin = self._current_place(sys._getframe(1))
            return to_thread(self._run_from, origin, function, *args, **kwargs)

        def initialize_here(new: Any, *args: Any, **kwargs: Any) -> None:
            initialize(new, *args, **kwargs)
            self._origins[new] = self._current_place(sys._getframe(1))

        def apply_from_here(pool: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            origin = self._current_place(sys._getframe(1))
            return apply_async(pool, functools.partial(self._run_from, origin, function), *args, **kwargs)

        replaced: list[tuple[Any, str, Any, Any]] = [
            (executor, "submit", submit_from_here, submit),
            (pool_type, "apply_async", apply_from_here, apply_async),
            (asyncio, "to_thread", to_thread_from_here, to_thread),
            (thread, "__init__", initialize_here, initialize),
        ]
        for owner, name, replacement, _ in replaced:
            setattr(owner, name, replacement)
        try:
            yield
        finally:
            for owner, name, _, original in replaced:
                setattr(owner, name, original)
