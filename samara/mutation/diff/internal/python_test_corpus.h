// For tests and benchmarks of the guard: functions of the standard library, and CPython's own judgement. Both
// ask /usr/bin/python3.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "samara/base/file.h"

namespace samara::diff {

/// What a Python program prints.
inline std::string run_python(const std::string& script, const std::string& argument) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / fmt::format("samara_guard_{}.py", ::getpid());
  EXPECT_TRUE(write_file(path, script).ok());
  std::FILE* const pipe =
      ::popen(fmt::format("/usr/bin/python3 -W ignore {} {}", path.string(), argument).c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string out;
  char buffer[1 << 16];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(path);
  return out;
}

inline std::vector<std::string> split_nul(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// `count` functions of 3 to 60 lines, without the indentation of what was around them, spread over the
/// library's modules.
inline std::vector<std::string> library_functions(std::size_t count) {
  static const std::string kScript = R"(
import ast, glob, random, sys, sysconfig, textwrap
files = sorted(glob.glob(sysconfig.get_path("stdlib") + "/**/*.py", recursive=True))
files = [f for f in files if "/test" not in f and "-packages/" not in f]
random.Random(1).shuffle(files)
wanted, seen = int(sys.argv[1]), set()
for file in files:
    if len(seen) >= wanted: break
    text = open(file, encoding="utf-8", errors="replace").read()
    try: tree = ast.parse(text)
    except (SyntaxError, ValueError): continue
    lines = text.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)): continue
        first = min([node.lineno] + [d.lineno for d in node.decorator_list])
        body = textwrap.dedent("\n".join(lines[first - 1:node.end_lineno])) + "\n"
        if not 3 <= body.count("\n") <= 60 or body in seen: continue
        try: compile(body, "f", "exec")
        except (SyntaxError, ValueError): continue
        if len(seen) >= wanted: break
        seen.add(body)
        sys.stdout.write(body + "\0")
)";
  return split_nul(run_python(kScript, std::to_string(count)));
}

/// What the body of a Python loop over `texts` makes of each: it sets `answer`, a string.
inline std::vector<std::string> ask_python(std::span<const std::string> texts, const std::string& loop_body) {
  const std::string script =
      "import symtable, builtins, sys\n"
      "texts = open(sys.argv[1], encoding='utf-8', errors='surrogateescape', "
      "newline='').read().split('\\0')[:-1]\n"
      "for text in texts:\n" +
      loop_body + "    sys.stdout.write('[' + answer.replace('\\0', ' ') + ']\\0')\n";
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / fmt::format("samara_guard_{}.texts", ::getpid());
  std::string joined;
  for (const std::string& text : texts) joined += text + std::string(1, '\0');
  EXPECT_TRUE(write_file(path, joined).ok());
  std::vector<std::string> answers = split_nul(run_python(script, path.string()));
  std::filesystem::remove(path);
  EXPECT_EQ(answers.size(), texts.size());
  for (std::string& answer : answers) answer = answer.substr(1, answer.size() - 2);
  return answers;
}

/// Per text: empty if CPython compiles it, or what it says.
inline std::vector<std::string> compile_errors(std::span<const std::string> texts) {
  return ask_python(texts, R"(
    try:
        compile(text.encode("utf-8", "surrogateescape"), "program", "exec")
        answer = ""
    except (SyntaxError, ValueError) as error:
        answer = f"{type(error).__name__}: {error}"
)");
}

/// Per text: the names that CPython takes for global ones, which the text binds nowhere at its top level and
/// which are not builtin; sorted, each with a space behind it.
inline std::vector<std::string> unbound_names(std::span<const std::string> texts) {
  return ask_python(texts, R"(
    found, tables = set(), [symtable.symtable(text, "program", "exec")]
    bound = {s.get_name() for s in tables[0].get_symbols() if s.is_assigned() or s.is_imported()}
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    answer = "".join(name + " " for name in sorted(found - bound - set(dir(builtins))))
)");
}

}  // namespace samara::diff
