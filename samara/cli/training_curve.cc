#include "samara/cli/training_curve.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "samara/base/file.h"
#include "samara/lm/train/training_job.h"
#include "samara/patch/line_diff.h"
#include "samara/picture/chart.h"
#include "samara/picture/image.h"

namespace samara::cli {
namespace {

/// Columns of curve.csv; see lm/train/curve_log.h.
enum Column : std::size_t { kTokens = 1, kLoss = 2, kValidationLoss = 3, kValidationAccuracy = 4 };

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace

Status keep_training_curve(const std::filesystem::path& job, const std::filesystem::path& model) {
  SAMARA_TRY(const std::string csv, read_file(lm::job_curve(job)));
  picture::Chart loss, accuracy;
  loss.title = "Loss";
  loss.y_title = "nats per token";
  loss.y_from_zero = false;
  loss.series = {{"training", {}, true, false}, {"held back", {}, true, true}};
  accuracy.title = "Tokens right";
  accuracy.y_title = "% of held-back tokens";
  accuracy.x_title = "training tokens, millions";
  accuracy.y_from_zero = false;
  accuracy.series = {{"held back", {}, true, true}};
  bool header = true;
  for (const std::string_view line : split_lines(csv)) {
    const std::vector<std::string> cells = cells_of(line);
    if (std::exchange(header, false) || cells.size() <= kValidationAccuracy) continue;
    const auto number = [&](Column column) { return std::strtod(cells[column].c_str(), nullptr); };
    const double tokens = number(kTokens) * 1e-6;
    loss.series[0].points.push_back({.x = tokens, .y = number(kLoss)});
    if (cells[kValidationLoss].empty()) continue;
    loss.series[1].points.push_back({.x = tokens, .y = number(kValidationLoss)});
    accuracy.series[0].points.push_back({.x = tokens, .y = 100.0 * number(kValidationAccuracy)});
  }
  SAMARA_TRY_STATUS(write_file(model / "curve.csv", csv));
  return picture::save(picture::draw_charts({loss, accuracy}), model / "curve.png");
}

}  // namespace samara::cli
