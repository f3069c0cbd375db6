#include "samara/corpus/json_lines.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "samara/base/file.h"

namespace samara::corpus {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLargestFile = std::size_t{4} << 30;

std::string dump(const ordered_json& object) {
  return object.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace);
}

std::vector<std::string> strings_of(const json& object, const char* key) {
  std::vector<std::string> strings;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return strings;
  for (const json& item : *found) {
    if (item.is_string()) strings.push_back(item.get<std::string>());
  }
  return strings;
}

std::string string_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::filesystem::path part_of(const std::filesystem::path& path) {
  return path.string() + ".part";
}

}  // namespace

std::string to_json_line(const Function& function) {
  return dump({{"text", function.text},
               {"name", function.name},
               {"source", function.source},
               {"names", function.names},
               {"methods", function.methods}});
}

std::string to_json_line(const Commit& commit) {
  return dump({{"before", commit.before},
               {"message", commit.message},
               {"after", commit.after},
               {"kind", commit.kind}});
}

Result<std::vector<Function>> read_functions(const std::filesystem::path& path) {
  SAMARA_TRY(const std::string bytes, read_file(path, kLargestFile));
  std::vector<Function> functions;
  std::size_t number = 0;
  for (std::size_t start = 0; start < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', start), bytes.size());
    const std::string_view line = std::string_view(bytes).substr(start, end - start);
    start = end + 1;
    ++number;
    if (line.empty()) continue;
    const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object() || string_of(object, "text").empty()) {
      return make_error(ErrorCode::kInvalidData,
                        "{}, line {}: not an object with a \"text\"; expected the output of samara corpus "
                        "python",
                        path.string(), number);
    }
    functions.push_back({.text = string_of(object, "text"),
                         .name = string_of(object, "name"),
                         .source = string_of(object, "source"),
                         .names = strings_of(object, "names"),
                         .methods = strings_of(object, "methods")});
  }
  return functions;
}

LineWriter::LineWriter(std::filesystem::path path, std::ofstream stream)
    : path_(std::move(path)), stream_(std::move(stream)) {}

Result<LineWriter> LineWriter::create(const std::filesystem::path& path) {
  std::ofstream stream(part_of(path), std::ios::binary | std::ios::trunc);
  if (!stream) {
    return make_error(ErrorCode::kIo, "cannot write {}: {}; choose another --out", part_of(path).string(),
                      errno_text());
  }
  return LineWriter(path, std::move(stream));
}

LineWriter::~LineWriter() {
  if (!stream_.is_open()) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(part_of(path_), ignored);
}

Status LineWriter::write(const std::string& line) {
  stream_ << line << '\n';
  if (!stream_) return make_error(ErrorCode::kIo, "cannot write {}: {}", path_.string(), errno_text());
  return {};
}

Status LineWriter::finish() {
  stream_.close();
  std::error_code failure;
  if (stream_) std::filesystem::rename(part_of(path_), path_, failure);
  if (!stream_ || failure) {
    return make_error(ErrorCode::kIo, "cannot write {}: {}", path_.string(),
                      failure ? failure.message() : errno_text());
  }
  return {};
}

}  // namespace samara::corpus
