// TextStream: the text of a completion while its tokens come: says what is certain to be part of it and holds
// back what is not yet, the beginning of a stop string or of a UTF-8 sequence. What it has given out never
// depends on how the bytes were cut. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace samara::lm {

class TextStream {
 public:
  /// @param stops none of them empty; the text ends in front of the one that is complete first
  explicit TextStream(std::vector<std::string> stops = {}) : stops_(std::move(stops)) {}

  /// Takes the next bytes. Returns the text that is certain by now, valid UTF-8 (malformed bytes become
  /// U+FFFD).
  std::string push(std::string_view bytes);
  /// What was held back, as no more will come.
  std::string finish();
  /// A stop string came: nothing follows.
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string pending_;
  bool stopped_ = false;
};

}  // namespace samara::lm
