// VideoEncoder: frames to a video file by the ffmpeg program, which gets them through a pipe; no shell is
// involved. Read animation.h first. The file appears whole, when finish() succeeds. One thread at a time. Not
// for other modules.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "samara/base/result.h"
#include "samara/base/unique_fd.h"
#include "samara/picture/image.h"

namespace samara::picture::internal {

class VideoEncoder {
 public:
  enum class Format { kMp4, kGif };

  /// Frames of `width` x `height` pixels, both even. Errors: kUnsupported when ffmpeg is not installed; kIo.
  static Result<VideoEncoder> start(const std::filesystem::path& path, Format format, int width, int height,
                                    int frames_per_second);
  VideoEncoder(VideoEncoder&& other) noexcept;
  VideoEncoder& operator=(VideoEncoder&&) = delete;
  /// Without finish(): ends ffmpeg and removes what it wrote.
  ~VideoEncoder();

  /// Errors: kIo, with what ffmpeg said.
  Status write(const Pixels& frame);
  /// Waits for ffmpeg and moves the file into place. Errors: kIo, with what ffmpeg said.
  Status finish();

 private:
  VideoEncoder(std::filesystem::path path, pid_t process, UniqueFd frames, UniqueFd messages);

  std::filesystem::path partial() const { return path_.string() + ".partial"; }
  /// Waits for ffmpeg; its exit status as waitpid() gives it.
  int wait();
  Error failure();

  std::filesystem::path path_;
  pid_t process_ = -1;  // -1 once waited for
  UniqueFd frames_;     // our end of ffmpeg's standard input
  UniqueFd messages_;   // file in memory with ffmpeg's standard error
};

}  // namespace samara::picture::internal
