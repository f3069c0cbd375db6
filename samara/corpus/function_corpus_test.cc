#include "samara/corpus/function_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samara/base/file.h"
#include "samara/corpus/corpus_harness.h"
#include "samara/corpus/json_lines.h"
#include "samara/corpus/test_folder.h"

namespace samara::corpus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kFunction = "def f(a, b):\n    c = a + b\n    d = c.copy()\n    return d\n";

std::vector<Function> collect(const TestFolder& folder, const HeldOut& held_out = {}) {
  std::vector<Function> functions;
  const std::vector<std::filesystem::path> paths = {folder.path()};
  const auto files = find_sources(paths);
  EXPECT_TRUE(files.ok());
  auto runner = start_runner({}, held_out);
  EXPECT_TRUE(runner.ok()) << runner.error().message;
  const auto counts = collect_functions(
      *files, **runner,
      [&](const Function& function) -> Status {
        functions.push_back(function);
        return {};
      },
      nullptr);
  EXPECT_TRUE(counts.ok());
  EXPECT_EQ(counts->functions, functions.size());
  return functions;
}

TEST(FunctionCorpusTest, FunctionsComeInOrderOfFilesAndOnce) {
  const TestFolder folder;
  folder.write("b/two.py", kFunction);
  folder.write("a.py",
               std::string("class C:\n    def g(self, x):\n        y = x\n        return y\n\n") + kFunction);
  folder.write("broken.py", "def f(:\n");
  folder.write("binary.py", std::string("\xff\xfe\0x", 4));
  folder.write("notes.txt", kFunction);
  const std::vector<Function> functions = collect(folder);
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_THAT((std::vector<std::string>{functions[0].name, functions[1].name}),
              ::testing::UnorderedElementsAre("f", "g"));
  const Function& f = functions[functions[0].name == "f" ? 0 : 1];
  EXPECT_EQ(f.text + "\n", kFunction);
  EXPECT_EQ(f.source, (folder.path() / "a.py").string());
  EXPECT_THAT(f.names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(f.methods, ElementsAre("copy"));
}

TEST(FunctionCorpusTest, HeldOutFunctionsAreLeftOut) {
  const TestFolder folder;
  folder.write("a.py", kFunction);
  EXPECT_EQ(collect(folder).size(), 1U);
  EXPECT_EQ(collect(folder, {"def other(x, y):\n    z = x + y\n    w = z.copy()\n    return w\n"}).size(),
            0U);
}

TEST(FunctionCorpusTest, APathThatIsNotThereIsNamed) {
  const std::vector<std::filesystem::path> paths = {"/no/such/folder"};
  const auto files = find_sources(paths);
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files.error().message, HasSubstr("/no/such/folder"));
}

TEST(JsonLinesTest, FunctionsSurviveTheFile) {
  const TestFolder folder;
  const Function function{.text = "def f():\n    return \"\\\"\"",
                          .name = "f",
                          .source = "x.py",
                          .names = {"a"},
                          .methods = {"b", "c"}};
  auto writer = LineWriter::create(folder.path() / "out.jsonl");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->write(to_json_line(function)).ok());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.jsonl"));
  ASSERT_TRUE(writer->finish().ok());
  const auto read = read_functions(folder.path() / "out.jsonl");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(to_json_line(read->front()), to_json_line(function));
}

TEST(JsonLinesTest, AFileThatIsNotFinishedLeavesNothing) {
  const TestFolder folder;
  {
    auto writer = LineWriter::create(folder.path() / "out.jsonl");
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->write("{}").ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(LineWriter::create(folder.path() / "no" / "out.jsonl").ok());
}

TEST(JsonLinesTest, AMalformedLineIsNamed) {
  const TestFolder folder;
  for (const char* line : {"{\"text\": 3}", "[]", "{", "nonsense", "{\"name\": \"f\"}"}) {
    folder.write("in.jsonl", std::string("{\"text\": \"x = 1\"}\n") + line + "\n");
    const auto read = read_functions(folder.path() / "in.jsonl");
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(read.error().message, HasSubstr("line 2"));
  }
}

}  // namespace
}  // namespace samara::corpus
