#include "samara/lm/train/curve_log.h"

#include <cstdlib>

#include "samara/base/file.h"

namespace samara::lm {
namespace {

constexpr std::string_view kHeader =
    "step,tokens,loss,validation_loss,validation_accuracy,learning_rate,gradient_norm,seconds\n";

}  // namespace

Result<CurveLog> CurveLog::open(const std::filesystem::path& file) {
  Result<std::string> text = read_file(file);
  if (!text.ok()) {
    if (text.error().code != ErrorCode::kNotFound) return text.error();
    return CurveLog(file, std::string(kHeader));
  }
  if (!text->starts_with(kHeader)) {
    return make_error(ErrorCode::kInvalidData, "{} is no curve of a training; move it away", file.string());
  }
  return CurveLog(file, std::move(text).value());
}

Status CurveLog::add(const TrainingProgress& p) {
  if (fresh_) {  // what was reported after the checkpoint that this training goes on from
    fresh_ = false;
    for (std::size_t at = kHeader.size(); at < text_.size(); at = text_.find('\n', at) + 1) {
      const bool whole = text_.find('\n', at) != std::string::npos;
      if (whole && std::strtoull(text_.c_str() + at, nullptr, 10) < p.step) continue;
      text_.resize(at);
      break;
    }
  }
  const std::string validation =
      p.validation ? fmt::format("{:.6f},{:.6f}", p.validation->loss, p.validation->accuracy) : ",";
  text_ += fmt::format("{},{},{:.6f},{},{:.6g},{:.6g},{:.3f}\n", p.step, p.tokens, p.loss, validation,
                       p.learning_rate, p.gradient_norm, p.seconds);
  return write_file(file_, text_);
}

}  // namespace samara::lm
