"""The process that evaluates programs: it loads the evaluator once and forks a child for every candidate.

It runs contained, as the first process of its own namespace: nothing that a candidate does can end it, and killing
everything else there is one call. Read ../evaluator_process.h for the other end and docs/sandbox.md for what is
promised. A message is four bytes of length and JSON; a request is followed by the program's files. What a child
sends back is untrusted: it is checked here for form and in the other process for sense.
"""

import ctypes
import errno
import fcntl
import gc
import importlib.util
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import time
import traceback

PR_SET_DUMPABLE = 4
NEARLY_ALL_MEMORY = 0.9  # of the limit: who dies of a signal beyond it had run into it
OUT_OF_MEMORY = 77  # exit status of a child that has not even memory to say so
TAIL_BYTES = 8 << 10  # of what a child prints
ARTIFACT_BYTES = 64 << 10  # of one artifact
ARTIFACTS_BYTES = 256 << 10  # of all artifacts of an evaluation
MESSAGE_CHARACTERS = 2000
RESULT_BYTES = 2 << 20  # of all that a child sends back, in which a byte of an artifact may take six


# Messages ----------------------------------------------------------------------------------------------------------


def read_exactly(fd, size):
    data = bytearray()
    while len(data) < size:
        piece = os.read(fd, min(size - len(data), 1 << 20))
        if not piece:
            os._exit(0)  # whoever started this has gone
        data += piece
    return bytes(data)


def receive(fd):
    (size,) = struct.unpack("<I", read_exactly(fd, 4))
    return json.loads(read_exactly(fd, size))


def encoded(message):
    """As JSON in valid UTF-8, whatever half characters a candidate has put in."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")


def send(fd, message):
    data = encoded(message)
    data = memoryview(struct.pack("<I", len(data)) + data)
    while data:
        data = data[os.write(fd, data):]


def text_of(data):
    return data.decode("utf-8", "replace")


# What evaluators return --------------------------------------------------------------------------------------------


def number_of(value):
    """A metric as JSON takes it: a bool, a number, its name where it is not finite; None for what is no number."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, (int, float)):
        if isinstance(value, (str, bytes, list, tuple, dict)) or value is None:
            return None
        try:
            value = value.item() if hasattr(value, "item") else float(value)  # numpy's numbers
        except (TypeError, ValueError):
            return None
        if isinstance(value, bool):
            return value
        if not isinstance(value, (int, float)):
            return None
    try:
        value = float(value)
    except OverflowError:
        return "inf"
    return value if abs(value) < float("inf") else repr(value)


def artifact_data(value):
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        try:
            value = json.dumps(value, default=repr)
        except (TypeError, ValueError, RecursionError):
            value = repr(value)
    return value.encode("utf-8", "replace")


def artifact_texts(artifacts):
    """Artifacts as text by name, cut where one or all together are too long."""
    texts, left = {}, ARTIFACTS_BYTES
    for name, value in artifacts.items():
        if left <= 0:
            break
        name, data = str(name)[:200], artifact_data(value)
        most = min(left, ARTIFACT_BYTES)
        texts[name] = text_of(data) if len(data) <= most else data[:most].decode("utf-8", "ignore") + "\n[cut]"
        left -= len(name) + min(len(data), most)
    return texts


def result_of(value):
    """What an evaluator returned, as {"metrics", "artifacts"}; a string says what is wrong with it."""
    metrics, artifacts = value, {}
    if hasattr(value, "metrics"):  # an EvaluationResult
        metrics, artifacts = value.metrics, getattr(value, "artifacts", None)
    elif isinstance(value, dict) and isinstance(value.get("metrics"), dict):
        metrics, artifacts = value["metrics"], value.get("artifacts")
    elif isinstance(value, dict) and isinstance(value.get("artifacts"), dict):
        metrics, artifacts = {k: v for k, v in value.items() if k != "artifacts"}, value["artifacts"]
    if not isinstance(metrics, dict):
        return f"the evaluator returned {type(value).__name__}, not a dict of metrics"
    if not isinstance(artifacts or {}, dict):
        return f"the evaluator returned artifacts that are {type(artifacts).__name__} and not a dict"
    numbers, texts = {}, dict(artifacts or {})
    for name, entry in metrics.items():
        number = number_of(entry)
        if number is not None:
            numbers[str(name)] = number
        elif name == "combined_score":
            numbers[name] = "nan"  # the score itself: what is no number must not be passed over
        elif entry is not None:  # text among the metrics says something to people
            texts[name] = entry
    result = {"metrics": numbers, "artifacts": artifact_texts(texts)}
    if isinstance(metrics.get("error"), str) and metrics["error"]:
        result["error"] = metrics["error"][:MESSAGE_CHARACTERS]
    return result


# Failures ----------------------------------------------------------------------------------------------------------


def failure(outcome, message, **artifacts):
    return {"outcome": outcome, "message": message[:MESSAGE_CHARACTERS],
            "artifacts": {k: v for k, v in artifacts.items() if v}}


def failure_of(exception):
    trace = exception.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next  # what is ours says nothing
    text = "".join(traceback.format_exception(type(exception), exception, trace))
    kind = type(exception).__name__
    try:
        message = f"{kind}: {exception}"
    except Exception:  # of a candidate's own class
        message = kind
    if isinstance(exception, SyntaxError):
        outcome = "syntax_error"
    elif isinstance(exception, MemoryError):
        outcome = "memory_limit"
    elif isinstance(exception, PermissionError) or (isinstance(exception, OSError) and exception.errno == errno.EROFS):
        outcome = "forbidden"
    elif isinstance(exception, TimeoutError) or kind == "TimeoutExpired":  # subprocess's own
        outcome = "time_limit"
    else:
        outcome = "runtime_error"
    return failure(outcome, message, traceback=text[-TAIL_BYTES:])


# A child -----------------------------------------------------------------------------------------------------------


def seed_everything(seed):
    """A result depends on the program alone: what asks for chance gets the same every time."""
    stream = random.Random(seed)
    random._urandom = os.urandom = stream.randbytes  # secrets, SystemRandom and numpy's default_rng() come here
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)


class Limits:
    def __init__(self, spec):
        self.cpu = spec["cpu_seconds"]
        self.wall = spec["wall_seconds"]
        self.memory = spec["memory_mb"] << 20
        self.address_space = spec["address_space_mb"] << 20
        self.processes = spec["processes"]
        self.file = spec["file_mb"] << 20

    def enter(self):
        def limit(what, soft, hard=None):
            most = resource.getrlimit(what)[1]  # whoever started Samara may have set less
            wanted = (soft, hard or soft)
            resource.setrlimit(what, wanted if most == resource.RLIM_INFINITY else tuple(min(w, most) for w in wanted))

        seconds = int(self.cpu) + 1
        limit(resource.RLIMIT_CPU, seconds, seconds + 1)
        limit(resource.RLIMIT_AS, self.address_space)
        limit(resource.RLIMIT_FSIZE, self.file)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_NOFILE, 256)
        if contained:  # the user has no other processes there than these and the server
            limit(resource.RLIMIT_NPROC, self.processes + 1)


class Evaluator:
    """What a task evaluates with; `run` is called in the child and returns a result or a failure."""

    def __init__(self, spec):
        self.kind = spec["kind"]
        self.path = spec.get("path")
        self.command = spec.get("command")
        self.module = None
        if self.command and shutil.which(self.command[0]) is None:
            raise FileNotFoundError(f"there is no program '{self.command[0]}' that can be run")
        if self.path and spec["warm"]:
            self.load()

    def load(self):
        folder = os.path.dirname(self.path)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        specification = importlib.util.spec_from_file_location("evaluation_module", self.path)
        module = importlib.util.module_from_spec(specification)
        sys.modules["evaluation_module"] = module
        specification.loader.exec_module(module)
        self.module = module

    def functions(self):
        names = vars(self.module) if self.module else {}
        return [name for name, value in names.items() if callable(value) and not name.startswith("__")]

    def run(self, request, program):
        if self.kind == "shinka":
            return self.run_shinka(program)
        if self.module is None:
            self.load()
        function = getattr(self.module, request["function"], None)
        if function is None:
            return failure("evaluation_failed", f"the evaluator has no function '{request['function']}'")
        value = function(program)
        if hasattr(value, "__await__"):
            import asyncio

            async def wait():
                return await value

            value = asyncio.run(wait())
        result = result_of(value)
        return failure("evaluation_failed", result) if isinstance(result, str) else result

    def run_shinka(self, program):
        import runpy

        results = os.path.join(temporary, "results")
        os.makedirs(results)
        sys.argv = [self.path, "--program_path", program, "--results_dir", results]
        sys.path.insert(0, os.path.dirname(self.path))
        try:
            runpy.run_path(self.path, run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise

        def load(name):
            with open(os.path.join(results, name), encoding="utf-8") as file:
                return json.load(file)

        correct, metrics = load("correct.json"), load("metrics.json")
        if not correct.get("correct"):
            return failure("invalid_phenotype", str(correct.get("error") or "the evaluator calls it incorrect"))
        flat = {"combined_score": metrics.get("combined_score")}
        flat.update(metrics.get("public") or {})
        artifacts = {"text_feedback": metrics.get("text_feedback"), "private": metrics.get("private")}
        return result_of({"metrics": flat, "artifacts": {k: v for k, v in artifacts.items() if v}})


def run_child(request, program, result_fd, output_fd, error_fd, nonce):
    """Never returns."""
    status = 1
    try:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for fd, target in ((null, 0), (output_fd, 1), (error_fd, 2)):
            os.dup2(fd, target)
        os.dup2(result_fd, 3)
        os.closerange(4, 1024)
        limits.enter()
        if evaluator.kind == "command":
            os.closerange(3, 4)
            words = [word.replace("{program}", program) for word in evaluator.command]
            os.execvp(words[0], words if any("{program}" in w for w in evaluator.command) else words + [program])
        os.set_inheritable(3, False)
        seed_everything(request["seed"])
        try:
            answer = evaluator.run(request, program)
        except BaseException as exception:  # SystemExit too: whatever a candidate raises is its own
            answer = failure_of(exception)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # closed, or something else by now
                pass
        data = memoryview(nonce + encoded(answer))
        while data:
            data = data[os.write(3, data):]
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except BaseException as exception:
        try:
            os.write(2, f"{type(exception).__name__}: {exception}\n".encode())
        except OSError:
            pass
    finally:
        os._exit(status)


# The server --------------------------------------------------------------------------------------------------------


class Usage:
    """CPU time and memory of all processes but this one; contained, these are the candidate's.

    What a process used passes to its parent when that waits for it, and an orphan is kept for this process, so that
    all adds up. But a parent can have its children vanish (SIGCHLD ignored, or SA_NOCLDWAIT). That shows: page faults
    and ticks of one that was seen before have arrived nowhere. From then on CPU time is sampled: at every look, the
    time since the last one for each process that runs then. On a busy machine, where it may wait for a processor, that
    is more than it used, so this is only for candidates that hide something.
    """

    def __init__(self):
        self.known = {}  # number and start of a process -> what it and its children used, what these did
        self.lost = False
        self.sampled = 0.0
        self.processors = len(os.sched_getaffinity(0))
        self.last_look = time.monotonic()

    def look(self):
        """(CPU seconds so far, bytes of memory now)"""
        processes, unread = {}, set()
        ticks, pages, running = 0, 0, 0
        for name in os.listdir("/proc"):
            if not name.isdigit() or name == "1":
                continue
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    state, *fields = file.read().rpartition(b")")[2].split()
            except OSError:
                unread.add(name)
                continue
            fields = list(map(int, fields))  # from the fourth of proc(5) on
            faults, childrens_faults = fields[6:8]
            its_ticks = sum(fields[10:14])  # with its children's
            threads = fields[16]
            processes[name, fields[18]] = (faults + childrens_faults + its_ticks,
                                           childrens_faults + sum(fields[12:14]))
            ticks += its_ticks
            pages += fields[20]
            running += threads if threads > 1 else state == b"R"
        now = time.monotonic()
        self.sampled += min(running, self.processors) * (now - self.last_look)
        self.last_look = now
        if not any(name in unread for name, _ in self.known):  # else their parents were read too early; the next look
            gone = sum(used for key, (used, _) in self.known.items() if key not in processes)
            arrived = sum(of_children - self.known.get(key, (0, 0))[1] for key, (_, of_children) in processes.items())
            self.lost = self.lost or gone > arrived
            self.known = processes
        cpu = ticks / os.sysconf("SC_CLK_TCK")
        return max(cpu, self.sampled) if self.lost else cpu, pages * os.sysconf("SC_PAGE_SIZE")


def empty(folder):
    """Removes all in the folder, whatever rights a candidate has left there, but what the task shows there."""
    for entry in os.scandir(folder):
        if any(f"{path}/".startswith(f"{entry.path}/") for path in shown):
            if entry.path not in shown:  # on the way to it
                empty(entry.path)
            continue
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
            continue
        os.chmod(entry.path, 0o700)
        empty(entry.path)
        os.rmdir(entry.path)


def empty_all():
    """An error (of folders too deep to walk) ends this process, and the next one has folders of its own."""
    empty(temporary)
    if contained and os.path.isdir("/dev/shm"):
        empty("/dev/shm")


def kill_all(child):
    """Ends the candidate and everything that it started, and waits for all of it."""
    while True:
        try:
            if contained:
                os.kill(-1, signal.SIGKILL)  # all but the first process, which is this one
            else:
                os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Streams:
    """What comes out of a child: the pipes, and what was read of them."""

    def __init__(self):
        self.poller = select.poll()
        self.limit = {}
        self.data = {}

    def add(self, fd, limit):
        os.set_blocking(fd, False)
        self.poller.register(fd, select.POLLIN)
        self.limit[fd], self.data[fd] = limit, bytearray()

    def read(self, fd):
        """True when it has ended. Of more than twice the limit, the end is kept."""
        while True:
            try:
                piece = os.read(fd, 1 << 16)
            except BlockingIOError:
                return False
            if not piece:
                return True
            self.data[fd] += piece
            if len(self.data[fd]) > 2 * self.limit[fd]:
                del self.data[fd][:-self.limit[fd]]
                return False  # others have their turn


def watch(child, result_fd, streams):
    """Waits for the child's end or for what must end it.

    (exit status or None, failure or None, its own CPU seconds or 0, most bytes of memory of all)
    """
    started = time.monotonic()
    poller = streams.poller
    pidfd = os.pidfd_open(child)
    poller.register(pidfd, select.POLLIN)
    poller.register(request_fd, 0)  # only its end: a process that has changed its user is not killed with its parent
    usage = Usage()
    chance = random.SystemRandom()  # of looks, so that nobody can hide from them
    pause, ended, verdict, spent, most = 0.02, None, None, 0.0, 0
    next_look = started + pause
    try:
        while ended is None and verdict is None:
            now = time.monotonic()
            left = limits.wall - (now - started)
            events = dict(poller.poll(max(0.0, min(next_look - now, left)) * 1000))
            if request_fd in events:
                kill_all(child)
                os._exit(0)
            for fd in events:
                if fd != pidfd and streams.read(fd):
                    poller.unregister(fd)
            if evaluator.kind != "command" and len(streams.data[result_fd]) > RESULT_BYTES:
                verdict = failure("invalid_phenotype", f"its result is longer than {RESULT_BYTES} bytes")
            if pidfd in events:
                _, ended, its_own = os.wait4(child, 0)
                spent = its_own.ru_utime + its_own.ru_stime
                break
            if left <= 0:
                verdict = failure("time_limit", f"took more than {limits.wall:g} s")
            elif time.monotonic() >= next_look:
                cpu, memory = usage.look() if contained else (0.0, 0)
                most = max(most, memory)
                if cpu > limits.cpu:
                    verdict = failure("time_limit", f"used more than {limits.cpu:g} s of CPU time")
                elif memory > limits.memory:
                    verdict = failure("memory_limit", f"used more than {limits.memory >> 20} MiB of memory")
                pause = min(0.1, pause * 1.5)
                next_look = time.monotonic() + pause * chance.uniform(0.5, 1.0)
    finally:
        os.close(pidfd)
        kill_all(child)
    for fd in streams.data:
        streams.read(fd)
    return ended, verdict, spent, most


def ended_without_result(status, spent, most):
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU or (number == signal.SIGKILL and spent > limits.cpu):
            return failure("time_limit", f"used more than {limits.cpu:g} s of CPU time")
        if number == signal.SIGXFSZ:
            return failure("forbidden", f"wrote a file of more than {limits.file >> 20} MiB")
        if most > NEARLY_ALL_MEMORY * limits.memory:
            return failure("memory_limit", f"ended by signal {number} at {most >> 20} MiB of memory")
        return failure("crashed", f"ended by signal {number} ({signal.strsignal(number)})")
    if os.WEXITSTATUS(status) == OUT_OF_MEMORY:
        return failure("memory_limit", "ran out of memory")
    return failure("crashed", f"ended with exit status {os.WEXITSTATUS(status)} and without a result")


def command_result(status, output):
    """What a command said: JSON, as all that it printed or as its last line."""
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        return failure("runtime_error", f"the evaluator ended with exit status {code}") if code >= 0 else None
    lines = text_of(output).strip().splitlines()
    for text in ("\n".join(lines), lines[-1] if lines else ""):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        result = result_of(value)
        return failure("evaluation_failed", result) if isinstance(result, str) else result
    return failure("evaluation_failed", "the evaluator printed no JSON", stdout=text_of(output[-TAIL_BYTES:]))


def evaluate(request, files):
    program = None
    for name, data in files:
        path = os.path.join(program_folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        program = program or path
    os.makedirs(run_folder, exist_ok=True)
    os.chdir(run_folder)
    for name in task_files:
        os.symlink(os.path.join(task_folder, name), os.path.join(run_folder, name))
    nonce = os.urandom(16)
    command = evaluator.kind == "command"
    result_read, result_write = os.pipe()
    error_read, error_write = os.pipe()
    output_read, output_write = (result_read, result_write) if command else os.pipe()
    streams = Streams()  # before the fork: after it, every page that is touched here is copied
    streams.add(result_read, RESULT_BYTES)
    streams.add(error_read, TAIL_BYTES)
    if not command:
        streams.add(output_read, TAIL_BYTES)
    child = os.fork()
    if child == 0:
        run_child(request, program, result_write, output_write, error_write, nonce)
    for fd in {result_write, error_write, output_write}:
        os.close(fd)
    try:
        status, verdict, spent, most = watch(child, result_read, streams)
    finally:
        for fd in {result_read, error_read, output_read}:
            os.close(fd)
    sent = bytes(streams.data[result_read])
    answer = verdict
    if answer is None and command:
        answer = command_result(status, sent) or ended_without_result(status, spent, most)
    elif answer is None:
        if sent.startswith(nonce):
            try:
                answer = json.loads(sent[len(nonce):])
            except (ValueError, RecursionError):
                pass
        if not isinstance(answer, dict):
            answer = ended_without_result(status, spent, most)
    if "outcome" in answer:
        artifacts = answer.setdefault("artifacts", {})
        for name, fd in (("stderr", error_read), ("stdout", output_read)):
            text = text_of(bytes(streams.data[fd]))[-TAIL_BYTES:]
            if text.strip() and isinstance(artifacts, dict):
                artifacts.setdefault(name, text)
    return answer


# The start ---------------------------------------------------------------------------------------------------------


def refused_layers(network):
    """The layers of containment that do not hold here, found out by trying."""
    refused = []

    def holds(layer, attempt):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if attempt() else 1
            except OSError:
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1] != 0:
            refused.append(layer)

    def can_fork_on():
        resource.setrlimit(resource.RLIMIT_NPROC, (4, 4))
        for _ in range(8):
            if os.fork() == 0:
                time.sleep(10)
                os._exit(0)
        return False  # an error of fork() is what is wanted

    def can_open(path):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        return False

    status = open("/proc/self/status", encoding="ascii").read().split()
    holds("namespace", lambda: os.getpid() != 1 and os.getppid() == 1)
    holds("privileges", lambda: status[status.index("NoNewPrivs:") + 1] == "1"
          and int(status[status.index("CapEff:") + 1], 16) == 0 and os.getuid() != 0)
    holds("seccomp", lambda: status[status.index("Seccomp:") + 1] == "2" and libc.unshare(0x10000000) != 0)
    for path in ("/samara-probe", "/usr/samara-probe", "/dev/samara-probe", f"{task_folder}/samara-probe"):
        holds("files", lambda path=path: can_open(path))
    if not network:
        holds("network", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM) is None)
    if "namespace" not in refused:
        holds("processes", can_fork_on)
        kill_all(-1)
    return sorted(set(refused))


def become(user):
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("500")  # when memory runs out, it is here that it ran out
    if user:
        os.setgroups([])
        try:
            os.setresgid(user, user, user)
        except OSError:  # a container whose root has few ids to give
            user = 60000 + user % 5000
            os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    libc.prctl(PR_SET_DUMPABLE, 0)  # candidates cannot look into this process, whose user they are


def end_with_input(watched):
    """From now on the end of the input ends this process at once, even in code that never returns; or no longer.

    A process that has changed its user is not killed with its parent. While watched, nothing else may come in: that
    would end it too.
    """
    libc.signal(signal.SIGIO, libc._exit if watched else signal.SIG_DFL)  # Python's own handlers wait for its turn
    fcntl.fcntl(request_fd, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(request_fd, fcntl.F_GETFL)
    fcntl.fcntl(request_fd, fcntl.F_SETFL, (flags | os.O_ASYNC) if watched else flags & ~os.O_ASYNC)
    ended = select.poll()
    ended.register(request_fd, 0)
    if ended.poll(0):
        os._exit(0)  # it had ended before


os.closerange(3, 1 << 16)  # whatever whoever started this had open
libc = ctypes.CDLL(None, use_errno=True)
contained = sys.argv[1] == "contained"
become(int(sys.argv[2]) if contained and os.getuid() == 0 else 0)
request_fd, reply_fd = os.dup(0), os.dup(1)
_null = os.open("/dev/null", os.O_RDWR)
os.dup2(_null, 0)
os.dup2(_null, 1)
os.close(_null)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first process of a namespace ignores what it does not handle
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

setup = receive(request_fd)
limits = Limits(setup["limits"])
task_folder = setup["task_folder"]
task_files = sorted(os.listdir(task_folder))[:200]
shown = setup["shown"]
temporary = setup["temporary"]
program_folder, run_folder = os.path.join(temporary, "program"), os.path.join(temporary, "run")
empty(temporary)  # uncontained, it may be that of a process which was lost
os.makedirs(run_folder)  # which is HOME while the evaluator is loaded
refused = refused_layers(setup["network"]) if contained else ["all"]
send(reply_fd, {"refused": refused})
if refused and not setup["allow_uncontained"]:
    os._exit(0)
exec(compile(setup["stand_ins"], "<samara stand-ins>", "exec"), {"__name__": "samara_stand_ins"})
try:
    end_with_input(True)
    evaluator = Evaluator(setup["evaluator"])
    end_with_input(False)
    send(reply_fd, {"ready": True, "functions": evaluator.functions()})
except BaseException as exception:
    why = failure_of(exception)
    send(reply_fd, {"error": why["message"], "traceback": why["artifacts"]["traceback"]})
    os._exit(0)

gc.collect()
gc.freeze()  # a child that collected garbage would touch, and so copy, all that was loaded
while True:
    empty_all()
    request = receive(request_fd)
    files = [(name, read_exactly(request_fd, size)) for name, size in request["files"]]
    send(reply_fd, evaluate(request, files))
