"""Compiled kernels and where they are kept: `njit` as numba's own, but with files that many
processes can share.

numba's cache has an index for each function and writes it without a lock: of two processes that
compile at the same time one can name the other's code in it. It does not notice that a function
which a kernel calls has changed, and a file that was cut short ends in a traceback. Here each
kernel and signature is one file, named for everything that its code depends on, put in its place
whole, and checked when it is read: what is not as it was written is compiled again. Of processes
that need the same kernel at the same time one compiles it, and the others wait for its file.

What another kernel calls becomes a part of that one's code. So it is compiled for other kernels
without what Python would call it by, is neither made machine code nor kept by itself, and is
optimised in earnest where it ends up: numba would do all of that again at each level of calls,
which took more than half of a first build.

numba takes most of a second to load, which `mc-city info` need not wait for: it is loaded when a
kernel is called for the first time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

PROGRAM = Path(__file__).resolve().parent.parent
IMPORTED = re.compile(r"^(?:from|import) ((?:terrain|buildings|worlds)(?:\.\w+)*)", re.MULTILINE)
SUFFIX = ".kernel"
PATIENCE_S = 120.0
"""That a process waits for another one to compile a kernel, before it does so itself."""


@lru_cache(maxsize=1)
def kernel_folder() -> Path | None:
    """Where kernels are kept: in the program's own folder, or if that cannot be written in the
    user's; None when nothing can."""
    home = (
        os.environ.get("LOCALAPPDATA")
        or os.environ.get("XDG_CACHE_HOME")
        or Path("~/.cache").expanduser()
    )
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    places = (
        [Path(chosen)]
        if chosen
        else [Path(__file__).parent / "__pycache__" / "kernels", Path(home) / "mc-city"]
    )
    for folder in places:
        trial = folder / f"{uuid.uuid4().hex}.tmp"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            trial.touch()
            trial.unlink()
            return folder
    return None


@cache
def _source(module: str) -> tuple[bytes, tuple[str, ...]]:
    """(source of a module of the program, the modules that it imports)."""
    stem = PROGRAM.joinpath(*module.split("."))
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    text = path.read_bytes() if path.exists() else b""
    return text, tuple(IMPORTED.findall(text.decode("utf-8")))


@cache
def program_digest(module: str) -> str:
    """Of a module and all that it imports: kernels are compiled together with the functions that
    they call and the constants of others."""
    seen, waiting = {module}, [module]
    while waiting:
        for name in _source(waiting.pop())[1]:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    digest = hashlib.sha256()
    for name in sorted(seen):
        digest.update(hashlib.sha256(name.encode() + b"\0" + _source(name)[0]).digest())
    return digest.hexdigest()


class KernelFiles:
    """The files of one kernel, in the place of numba's cache of it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._module, self.name = (
            function.__module__,
            f"{function.__module__}.{function.__qualname__}",
        )
        self._claims: dict[Path, Any] = {}

    @property
    def cache_path(self) -> str | None:
        return str(kernel_folder()) if kernel_folder() else None

    def _path(self, sig: Any, codegen: Any) -> Path | None:
        folder = kernel_folder()
        if folder is None:
            return None
        import numba
        from numba.core import config as settings

        config: Any = settings
        kind = hashlib.sha256(repr((str(sig), codegen.magic_tuple())).encode()).hexdigest()[:12]
        program = (
            program_digest(self._module),
            numba.__version__,
            sys.version,
            config.BOUNDSCHECK,
            config.OPT,
            config.DEBUGINFO_DEFAULT,
        )
        digest = hashlib.sha256(repr(program).encode()).hexdigest()[:16]
        return folder / f"{self.name}.{kind}.{digest}{SUFFIX}"

    def is_there(self) -> bool:
        """Whether the kernel was compiled on this machine for any signature, by any version of the
        program."""
        folder = kernel_folder()
        return folder is not None and any(folder.glob(f"{self.name}.*{SUFFIX}"))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        _make_ready(target_context)
        path = self._path(sig, target_context.codegen())
        if path is None:
            return None
        found = self._read(path, target_context)
        if found is None and self._claim(path):
            # Another process may have written it meanwhile.
            found = self._read(path, target_context)
            if found is not None:
                self._release(path)
        return found

    def _claim(self, path: Path) -> bool:
        """Waits until no other process compiles this kernel; whether it is this one's turn now. A
        process that ends lets go of it."""
        from filelock import FileLock, Timeout

        if path in self._claims:
            return True
        lock = FileLock(path.with_suffix(".lock"), thread_local=False)
        try:
            lock.acquire(timeout=PATIENCE_S)
        except (Timeout, OSError, NotImplementedError):
            return False
        self._claims[path] = lock
        return True

    def _release(self, path: Path) -> None:
        lock = self._claims.pop(path, None)
        if lock is not None:
            with contextlib.suppress(OSError):
                lock.release()
                Path(lock.lock_file).unlink(missing_ok=True)

    def _read(self, path: Path, target_context: Any) -> Any:
        try:
            data = path.read_bytes()
        except OSError:
            return None
        # Only what this program wrote whole is unpacked.
        if len(data) <= 32 or hashlib.sha256(data[32:]).digest() != data[:32]:
            return None
        from numba.core import compiler

        rebuilt: Any = compiler.CompileResult
        return rebuilt._rebuild(target_context, *pickle.loads(data[32:]))

    def save_overload(self, sig: Any, data: Any) -> None:
        # As numba does it when it reads a kernel from its file: those of the kernels inside it.
        for environment in data._find_referenced_environments():
            data.codegen.set_env(environment.env_name, environment)
        path = self._path(sig, data.codegen)
        if path is None:
            return
        try:
            self._save(path, data)
        finally:
            self._release(path)

    def _save(self, path: Path, data: Any) -> None:
        if data.library.has_dynamic_globals or any(not lifted.can_cache for lifted in data.lifted):
            return
        from numba.core import serialize

        dumps: Any = serialize.dumps
        part = path.with_name(f"{uuid.uuid4().hex}.tmp")
        try:
            body = dumps(_for_running(data._reduce()))
            part.write_bytes(hashlib.sha256(body).digest() + body)
            os.replace(part, path)
            self._forget_older(path)
        except (OSError, MemoryError):
            # A full disk or a file that another process holds: the kernel serves this time, and is
            # compiled again the next.
            with contextlib.suppress(OSError):
                part.unlink()

    def _forget_older(self, path: Path) -> None:
        """Removes what earlier versions of the program kept for the same signature."""
        kind = path.name.rsplit(".", 2)[0]
        for older in path.parent.glob(f"{kind}.*{SUFFIX}"):
            if older != path:
                with contextlib.suppress(OSError):
                    older.unlink()

    def enable(self) -> None:
        """Always on."""

    def disable(self) -> None:
        """Always on."""

    def flush(self) -> None:
        """Nothing to write later."""


PROVEN = ("0.68.",)
"""Versions of numba whose compiler `_inner_compiler` was tried with: it reaches into numba. With
others, what kernels call is compiled as numba does by itself, which takes longer."""


def _for_running(reduced: tuple[Any, ...]) -> tuple[Any, ...]:
    """A compiled kernel as numba keeps it, without the form in which others take it in: none of
    ours do, and two fifths of the time to read it went there. What is left of that are the
    names."""
    import numba

    if not numba.__version__.startswith(PROVEN):
        return reduced
    from llvmlite import binding

    (name, kind, (code, bitcode)), *rest = reduced
    llvm: Any = binding
    module = llvm.parse_bitcode(bitcode)
    lines = [f'target triple = "{module.triple}"', f'target datalayout = "{module.data_layout}"']
    for function in module.functions:
        if not function.is_declaration:
            lines.append(f'define void @"{function.name}"() {{ ret void }}')
    for variable in module.global_variables:
        if not variable.is_declaration:
            lines.append(f'@"{variable.name}" = global i8 0')
    names = llvm.parse_assembly("\n".join(lines)).as_bitcode()
    return (name, kind, (code, names)), *rest


def _make_ready(target_context: Any) -> None:
    """Prepares numba to run code that is read from a file. All that it knows of types and functions
    is for compiling, before which it loads that by itself: half a second that most programs need
    not spend."""
    import numba

    if not numba.__version__.startswith(PROVEN):
        target_context.refresh()
        return
    from numba.core import runtime as numba_runtime

    # Kernels that hash call what it brings.
    from numba.cpython import hashing  # noqa: F401

    runtime: Any = numba_runtime
    runtime.rtsys.initialize(target_context)


@cache
def _inner_compiler() -> Any:
    """numba's compiler for what only other kernels call."""
    from numba.core import codegen, compiler

    class InnerLibrary(codegen.JITCodeLibrary):
        """Code that stays as LLVM has it, to be linked into that of a kernel."""

        def _optimize_final_module(self) -> None:
            """What makes it smaller. Loops are unrolled and vectorised once, in the kernel."""
            own: Any = self._codegen
            manager, builder = own._module_pass_manager(
                cost="cheap", opt=own._opt_level, loop_vectorize=False, slp_vectorize=False
            )
            manager.run(self._final_module, builder)

        def _finalize_final_module(self) -> None:
            own: Any = self
            own._finalize_dynamic_globals()
            own._verify_declare_only_symbols()
            own._finalized = True

    class InnerCompiler(compiler.Compiler):
        def compile_extra(self, func: Callable[..., Any]) -> Any:
            state: Any = self.state
            library: Any = InnerLibrary
            state.library = library(state.targetctx.codegen(), func.__qualname__)
            flags = state.flags
            flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
            compiler_of_numba: Any = super()
            made = compiler_of_numba.compile_extra(func)
            # numba tells kernels apart by their entry points, which must be built-in functions.
            # Nobody enters here.
            made = made._replace(entry_point=[].clear)
            state.targetctx.insert_user_function(made.entry_point, made.fndesc, [made.library])
            return made

    return InnerCompiler


def _widened(given: Any) -> Any:
    """The type that an inner kernel is compiled for when it is called with another one: numbers
    with a sign are int64, as in what numba reckons with them, be they written out in the call or
    from an array of int32. So they are no variants of their own."""
    from numba.core import types as numba_types

    types: Any = numba_types
    if isinstance(given, types.IntegerLiteral):
        given = types.unliteral(given)
    if isinstance(given, types.Integer):
        return types.int64 if given.signed else given
    if isinstance(given, types.Tuple | types.UniTuple):
        return types.Tuple.from_types([_widened(one) for one in given])
    return given


class Kernel:
    """A function that numba compiles when it is called for the first time, by Python or by another
    kernel. Everything else that is asked of it, its dispatcher answers."""

    def __init__(self, function: Callable[..., Any], *, kept: bool, nogil: bool) -> None:
        self.py_func = function
        self.__doc__, self.__module__ = function.__doc__, function.__module__
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__wrapped__ = function
        self._nogil = nogil
        self._cache = KernelFiles(function) if kept else None
        self._made: dict[str, Any] = {}

    @property
    def dispatcher(self) -> Any:
        """numba's own form of the kernel, which Python calls."""
        if "outer" not in self._made:
            import numba

            compiled: Any = numba.njit
            made = compiled(nogil=self._nogil, no_cfunc_wrapper=True)(self.py_func)
            if self._cache is not None:
                made._cache = self._cache
            # Of threads that call it for the first time, all take the form that was there first.
            # No lock: numba holds one of its own while it asks for the kernels inside another.
            self._made.setdefault("outer", made)
        return self._made["outer"]

    @property
    def called(self) -> Any:
        """The form that other kernels call."""
        if "called" not in self._made:
            import numba

            if not numba.__version__.startswith(PROVEN):
                return self.dispatcher
            compiled: Any = numba.njit
            made = compiled(pipeline_class=_inner_compiler())(self.py_func)
            template = made.get_call_template

            def get_call_template(args: Sequence[Any], kws: Mapping[str, Any]) -> Any:
                named = {name: _widened(given) for name, given in kws.items()}
                return template(tuple(_widened(given) for given in args), named)

            made.get_call_template = get_call_template
            self._made.setdefault("called", made)
        return self._made["called"]

    @cached_property
    def plain(self) -> Callable[..., Any]:
        """The same function run by Python, and with it the kernels that it calls: for a few bytes,
        which are read sooner than numba is loaded."""
        names = self.py_func.__globals__
        inner = {
            name: value.plain
            for name in self.py_func.__code__.co_names
            if isinstance(value := names.get(name), Kernel)
        }
        return FunctionType(self.py_func.__code__, names | inner, self.__name__)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes the name of a kernel for inside another one."""
        return self.called._numba_type_

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.dispatcher(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)

    def __repr__(self) -> str:
        return f"<kernel {self.__module__}.{self.__qualname__}>"


if TYPE_CHECKING:
    from numba import njit as njit
else:

    def njit(*, cache: bool, nogil: bool) -> Callable[[Callable[..., Any]], Any]:
        """numba's `njit`, loaded when it is needed, and kept in KernelFiles when `cache` is set."""
        return lambda function: Kernel(function, kept=cache, nogil=nogil)


def is_cold(kernel: Any) -> bool:
    """Whether a kernel was never compiled on this machine."""
    return not kernel._cache.is_there()
