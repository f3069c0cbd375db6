#include "samara/mutation/region_text.h"

#include <algorithm>
#include <optional>

namespace samara {
namespace {

template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    visit(text.substr(begin, end - begin));
    begin = end;
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string shared_indentation(std::string_view text) {
  std::optional<std::string> shared;
  for_each_line(text, [&](std::string_view line) {
    if (is_blank(line)) return;
    const std::string_view own = line.substr(0, line.find_first_not_of(" \t"));
    if (!shared) shared = std::string(own);
    const auto same = std::mismatch(shared->begin(), shared->end(), own.begin(), own.end());
    shared->erase(same.first, shared->end());
  });
  return shared.value_or("");
}

/// The text without this indentation; none when a line has not got it.
std::optional<std::string> without(std::string_view text, std::string_view indentation) {
  std::string result;
  bool possible = true;
  for_each_line(text, [&](std::string_view line) {
    if (is_blank(line) && line.size() <= indentation.size()) {
      result += '\n';
    } else if (is_blank(line) || line.starts_with(indentation)) {
      result += line.substr(indentation.size());
    } else {
      possible = false;
    }
  });
  return possible ? std::optional(std::move(result)) : std::nullopt;
}

std::string_view text_of(std::string_view program, const Region& region) {
  return program.substr(region.begin, region.end - region.begin);
}

}  // namespace

std::vector<Region> editable_regions(std::string_view program, std::string_view suffix) {
  Result<Regions> regions = find_regions(program);
  if (!regions.ok()) return {};
  std::erase_if(regions->open, [&](const Region& r) { return !r.path.empty() && !r.path.ends_with(suffix); });
  return std::move(regions->open);
}

RegionText cut_out(std::string_view program, Region region) {
  const std::string_view text = text_of(program, region);
  RegionText cut{std::move(region), shared_indentation(text), {}};
  cut.text = *without(text, cut.indentation);
  return cut;
}

std::string put_back(std::string_view program, const RegionText& cut, std::string_view text) {
  std::string result(program.substr(0, cut.region.begin));
  for_each_line(text, [&](std::string_view line) {
    if (!is_blank(line)) result += cut.indentation;
    result += line;
  });
  const std::string_view rest = program.substr(cut.region.end);
  if (!text.empty() && !text.ends_with('\n') && !rest.empty())
    result += '\n';  // the marker behind it needs a line
  return result.append(rest);
}

std::vector<RegionEdit> region_edits(std::string_view parent, std::string_view child,
                                     std::string_view suffix) {
  const std::vector<Region> before = editable_regions(parent, suffix),
                            after = editable_regions(child, suffix);
  const bool same = std::equal(before.begin(), before.end(), after.begin(), after.end(),
                               [](const Region& a, const Region& b) { return a.path == b.path; });
  std::vector<RegionEdit> edits;
  for (std::size_t i = 0; same && i < before.size(); ++i) {
    if (text_of(parent, before[i]) == text_of(child, after[i])) continue;
    RegionText cut = cut_out(parent, before[i]);
    std::optional<std::string> changed = without(text_of(child, after[i]), cut.indentation);
    if (changed) edits.push_back({std::move(cut.text), std::move(*changed)});
  }
  return edits;
}

}  // namespace samara
