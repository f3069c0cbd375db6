#include "samara/sandbox/python/interpreter.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "samara/sandbox/python/bootstrap.h"
#include "samara/sandbox/python/encode.h"
#include "samara/sandbox/python/gate.h"
#include "samara/sandbox/python/getrandom.h"
#include "samara/sandbox/python/guard.h"
#include "samara/sandbox/python/random_state.h"
#include "samara/sandbox/python/watch.h"

namespace samara::sandbox {
namespace {

constexpr char kCandidateFile[] = "<candidate>";

// Set when an allocation has failed since the start of the program: how much memory is left depends on what
// ran before in the same child.
bool g_allocation_failed = false;
PyMemAllocatorEx g_raw;
PyObjectArenaAllocator g_arenas;

void* noted(void* memory) {
  if (memory == nullptr) g_allocation_failed = true;
  return memory;
}

void watch_allocations() {
  PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &g_raw);
  PyMemAllocatorEx raw = g_raw;
  raw.malloc = [](void* context, std::size_t size) { return noted(g_raw.malloc(context, size)); };
  raw.calloc = [](void* context, std::size_t n, std::size_t size) {
    return noted(g_raw.calloc(context, n, size));
  };
  raw.realloc = [](void* context, void* old, std::size_t size) {
    return noted(g_raw.realloc(context, old, size));
  };
  PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &raw);
  PyObject_GetArenaAllocator(&g_arenas);
  PyObjectArenaAllocator arenas = g_arenas;
  arenas.alloc = [](void* context, std::size_t size) { return noted(g_arenas.alloc(context, size)); };
  PyObject_SetArenaAllocator(&arenas);
}

// The exception that is set, taken out of the interpreter. Its objects are never released: that could run
// code of the program.
struct Raised {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;

  static Raised take() {
    Raised raised;
    PyErr_Fetch(&raised.type, &raised.value, &raised.traceback);
    PyErr_NormalizeException(&raised.type, &raised.value, &raised.traceback);
    return raised;
  }

  bool is(PyObject* exception) const { return PyErr_GivenExceptionMatches(type, exception) != 0; }

  // The line of the program where it was raised, or of the last call that led there; 0 if unknown.
  int line() const {
    int line = 0;
    for (PyObject* at = traceback; at != nullptr && PyTraceBack_Check(at);) {
      auto* entry = reinterpret_cast<PyTracebackObject*>(at);
      PyCodeObject* code = PyFrame_GetCode(entry->tb_frame);
      const char* file = PyUnicode_AsUTF8(code->co_filename);
      if (file != nullptr && std::strcmp(file, kCandidateFile) == 0) {
        line = entry->tb_lineno > 0 ? entry->tb_lineno : PyCode_Addr2Line(code, entry->tb_lasti);
      }
      at = reinterpret_cast<PyObject*>(entry->tb_next);
    }
    return line;
  }

  // "NameError: name 'x' is not defined (line 3)". The text may come from the program's own __str__, so this
  // belongs into the program's time.
  std::string describe(PyObject* forbidden) const {
    const std::string type_name =
        type == forbidden ? "ImportError" : reinterpret_cast<PyTypeObject*>(type)->tp_name;
    std::string text;
    int at = line();
    if (is(PyExc_SyntaxError) &&
        Py_TYPE(value)->tp_str == reinterpret_cast<PyTypeObject*>(PyExc_SyntaxError)->tp_str) {
      auto* error = reinterpret_cast<PySyntaxErrorObject*>(value);
      text = to_text(error->msg);
      if (error->lineno != nullptr && PyLong_CheckExact(error->lineno)) {
        at = static_cast<int>(PyLong_AsLong(error->lineno));
        PyErr_Clear();
      }
    } else {
      text = to_text(value);
    }
    return (text.empty() ? type_name : fmt::format("{}: {}", type_name, text)) +
           (at > 0 ? fmt::format(" (line {})", at) : std::string());
  }

 private:
  static std::string to_text(PyObject* object) {
    PyObject* text = object == nullptr ? nullptr : PyObject_Str(object);
    const char* utf8 = text == nullptr ? nullptr : PyUnicode_AsUTF8(text);
    if (utf8 == nullptr) PyErr_Clear();
    return utf8 == nullptr ? std::string()
                           : std::string(utf8, std::min(std::strlen(utf8), std::size_t{1000}));
  }
};

struct LoadedHarness {
  bool candidate = true;
  std::string entry_name;
  PyObject* entry_key = nullptr;  // interned entry_name
  PyObject* entry = nullptr;      // kFunction: the function
  PyObject* exports = nullptr;    // kCandidate: the names that programs start with
};

class EmbeddedInterpreter final : public Interpreter {
 public:
  Status initialize(std::span<const HarnessSource> harnesses, bool with_numpy) {
    SAMARA_TRY_STATUS(start_python());
    SAMARA_TRY_STATUS(bootstrap(with_numpy));
    for (const HarnessSource& harness : harnesses) SAMARA_TRY_STATUS(load(harness));
    return settle();
  }

  Ended run(std::size_t harness, std::string_view text, bool alone, std::span<char> out) override {
    g_allocation_failed = false;
    restart_getrandom();
    random_.restore();
    forget_seen();
    const LoadedHarness& loaded = harnesses_[harness];
    Ended ended =
        loaded.candidate ? run_candidate(loaded, text, alone, out) : call_function(loaded, text, out);
    if (alone || ended.kind == Ended::Kind::kNeedsOwnChild) return ended;
    if (g_allocation_failed || (loaded.candidate && address_seen())) {
      ended.kind = Ended::Kind::kNeedsOwnChild;
      ended.child_is_spent = true;
    } else if (loaded.candidate) {
      ended.child_is_spent = known_object_changed() || !guard_.intact();
    }
    return ended;
  }

 private:
  static Status start_python() {
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&before);
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    config.site_import = 0;
    config.install_signal_handlers = 0;
    config.write_bytecode = 0;
    config.pathconfig_warnings = 0;
    if (PyStatus_Exception(status) == 0) {
      status = PyConfig_SetString(&config, &config.program_name, L"/usr/bin/python3.11");
    }
    if (PyStatus_Exception(status) == 0) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status) != 0) {
      return make_error(ErrorCode::kInternal, "cannot start the embedded Python: {}; is python3.11 complete?",
                        status.err_msg == nullptr ? "no reason given" : status.err_msg);
    }
    watch_allocations();
    return {};
  }

  Status bootstrap(bool with_numpy) {
    PyObject* names = PyDict_New();
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
    PyDict_SetItemString(names, "WITH_NUMPY", with_numpy ? Py_True : Py_False);
    if (PyRun_String(kBootstrap, Py_file_input, names, names) == nullptr) {
      return make_error(ErrorCode::kInternal, "the embedded Python does not start: {}{}", describe_error(),
                        with_numpy ? "; is python3-numpy installed?" : "");
    }
    builtins_ = PyDict_GetItemString(names, "BUILTINS");
    modules_ = PyDict_GetItemString(names, "MODULES");
    forbidden_ = PyDict_GetItemString(names, "Forbidden");
    close_doors_ = PyDict_GetItemString(names, "close_doors");
    builtins_key_ = PyUnicode_InternFromString("__builtins__");
    name_key_ = PyUnicode_InternFromString("__name__");
    candidate_name_ = PyUnicode_InternFromString("candidate");
    return {};
  }

  std::string describe_error() const { return Raised::take().describe(forbidden_); }

  Status load(const HarnessSource& harness) {
    const std::string name(harness.name);
    const auto failed = [&](std::string_view why) {
      return make_error(ErrorCode::kInvalidArgument, "harness {} does not load: {}", name, why);
    };
    const std::string source(harness.source);
    PyObject* code = Py_CompileString(source.c_str(), ("<" + name + ">").c_str(), Py_file_input);
    if (code == nullptr) return failed(describe_error());
    PyObject* module = PyImport_ExecCodeModule(name.c_str(), code);
    if (module == nullptr) return failed(describe_error());

    LoadedHarness loaded;
    loaded.candidate = harness.candidate;
    loaded.entry_name = std::string(harness.entry);
    loaded.entry_key = PyUnicode_InternFromString(loaded.entry_name.c_str());
    if (harness.candidate) {
      loaded.exports = PyObject_GetAttrString(module, "EXPORTS");
      if (loaded.exports == nullptr || !PyDict_CheckExact(loaded.exports)) {
        return failed("it defines no dict EXPORTS");
      }
    } else {
      loaded.entry = PyObject_GetAttrString(module, loaded.entry_name.c_str());
      if (loaded.entry == nullptr) return failed("it defines no function " + loaded.entry_name);
    }
    harness_modules_.push_back(module);
    harnesses_.push_back(std::move(loaded));
    return {};
  }

  // All is loaded: what exists now is what every child starts with.
  Status settle() {
    gate_.emplace();
    if (PyObject_CallNoArgs(close_doors_) == nullptr || !random_.remember()) {
      return make_error(ErrorCode::kInternal, "the embedded Python does not start: {}", describe_error());
    }
    guard_.add(builtins_);
    Py_ssize_t position = 0;
    PyObject* module = nullptr;
    while (PyDict_Next(modules_, &position, nullptr, &module) != 0) {
      // Programs that name numpy never share a child.
      if (std::strncmp(PyModule_GetName(module), "numpy", 5) != 0) guard_.add(PyModule_GetDict(module));
    }
    for (PyObject* harness : harness_modules_) guard_.add(PyModule_GetDict(harness));
    start_watching();
    PyGC_Collect();
    PyGC_Disable();
    PyObject* gc = PyImport_ImportModule("gc");
    Py_XDECREF(PyObject_CallMethod(gc, "freeze", nullptr));
    Py_DECREF(gc);
    return {};
  }

  Ended run_candidate(const LoadedHarness& harness, std::string_view text, bool alone, std::span<char> out) {
    auto* code = reinterpret_cast<PyCodeObject*>(compile(text));
    if (code == nullptr) {
      const bool memory = g_allocation_failed;
      return failure(memory ? Outcome::kMemoryLimit : Outcome::kSyntaxError, describe_error(), out);
    }
    if (!alone && !gate_->is_plain(code)) {
      Ended ended;
      ended.kind = Ended::Kind::kNeedsOwnChild;
      return ended;
    }
    forget_seen();  // the compiler hashes types
    PyObject* names = PyDict_New();
    PyDict_SetItem(names, builtins_key_, builtins_);
    PyDict_SetItem(names, name_key_, candidate_name_);
    PyDict_Update(names, harness.exports);
    if (PyEval_EvalCode(reinterpret_cast<PyObject*>(code), names, names) == nullptr) return raised(out);
    PyObject* entry = PyDict_GetItemWithError(names, harness.entry_key);
    if (entry == nullptr) {
      return failure(Outcome::kRuntimeError, "the program defines no function " + harness.entry_name, out);
    }
    PyObject* result = PyObject_CallNoArgs(entry);
    const Ended ended = finish(result, out);
    // Objects are leaked rather than released, as that may run code of the program. Where it cannot, fresh
    // memory would cost more than the release.
    if (!alone && result != nullptr && gate_->is_quiet(code)) {
      Py_DECREF(result);
      PyDict_Clear(names);
      Py_DECREF(names);
      Py_DECREF(code);
    }
    return ended;
  }

  Ended call_function(const LoadedHarness& harness, std::string_view text, std::span<char> out) {
    PyObject* argument = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    if (argument == nullptr) return failure(Outcome::kSyntaxError, describe_error(), out);
    return finish(PyObject_CallOneArg(harness.entry, argument), out);
  }

  static PyObject* compile(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
      PyErr_SetString(PyExc_SyntaxError, "source code cannot contain null bytes");
      return nullptr;
    }
    PyObject* decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    if (decoded == nullptr) return nullptr;
    Py_DECREF(decoded);
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8 | PyCF_IGNORE_COOKIE;
    return Py_CompileStringExFlags(text.data(), kCandidateFile, Py_file_input, &flags, 0);
  }

  Ended finish(PyObject* result, std::span<char> out) {
    if (result == nullptr) return raised(out);
    const auto encoded = encode(result, out);
    if (const auto* why = std::get_if<std::string>(&encoded))
      return failure(Outcome::kInvalidPhenotype, *why, out);
    Ended ended;
    ended.size = std::get<std::size_t>(encoded);
    return ended;
  }

  Ended raised(std::span<char> out) {
    const Raised raised = Raised::take();
    const Outcome outcome = raised.is(PyExc_MemoryError) ? Outcome::kMemoryLimit
                            : raised.is(PyExc_PermissionError) || raised.is(forbidden_)
                                ? Outcome::kForbidden
                                : Outcome::kRuntimeError;
    return failure(outcome, raised.describe(forbidden_), out);
  }

  static Ended failure(Outcome outcome, std::string_view message, std::span<char> out) {
    Ended ended;
    ended.kind = Ended::Kind::kFailure;
    ended.outcome = outcome;
    ended.size = std::min(message.size(), out.size());
    std::memcpy(out.data(), message.data(), ended.size);
    return ended;
  }

  std::vector<LoadedHarness> harnesses_;
  std::vector<PyObject*> harness_modules_;
  std::optional<Gate> gate_;
  Guard guard_;
  RandomState random_;
  PyObject* builtins_ = nullptr;
  PyObject* modules_ = nullptr;
  PyObject* forbidden_ = nullptr;
  PyObject* close_doors_ = nullptr;
  PyObject* builtins_key_ = nullptr;
  PyObject* name_key_ = nullptr;
  PyObject* candidate_name_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Interpreter>> Interpreter::start(std::span<const HarnessSource> harnesses,
                                                        bool with_numpy) {
  auto interpreter = std::make_unique<EmbeddedInterpreter>();
  SAMARA_TRY_STATUS(interpreter->initialize(harnesses, with_numpy));
  return std::unique_ptr<Interpreter>(std::move(interpreter));
}

}  // namespace samara::sandbox
