#include "samara/picture/internal/video_encoder.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "samara/base/check.h"
#include "samara/base/file.h"
#include "samara/base/text.h"

extern char** environ;

namespace samara::picture::internal {
namespace {

std::vector<std::string> ffmpeg_arguments(const std::string& file, VideoEncoder::Format format, int width,
                                          int height, int frames_per_second) {
  std::vector<std::string> arguments{"ffmpeg",      "-nostdin",
                                     "-loglevel",   "error",
                                     "-f",          "rawvideo",
                                     "-pix_fmt",    "bgr0",
                                     "-video_size", fmt::format("{}x{}", width, height),
                                     "-framerate",  fmt::format("{}", frames_per_second),
                                     "-i",          "pipe:0"};
  const auto add = [&](std::initializer_list<const char*> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  if (format == VideoEncoder::Format::kGif) {
    // One palette for all frames, made of what moves; no dithering, which would flicker on the flat colors.
    add({"-filter_complex",
         "[0:v]split[a][b];[a]palettegen=max_colors=64:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_"
         "mode=rectangle",
         "-loop", "0", "-f", "gif"});
  } else {
    add({"-c:v", "libx264", "-preset", "medium", "-crf", "20", "-pix_fmt", "yuv420p", "-movflags",
         "+faststart", "-f", "mp4"});
  }
  // "file:" keeps a name with a colon or a dash in front from meaning something else.
  add({"-y"});
  arguments.push_back("file:" + file);
  return arguments;
}

// The file actions of posix_spawn, freed with their owner.
struct SpawnActions {
  SpawnActions() { posix_spawn_file_actions_init(&value); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&value); }
  SpawnActions(const SpawnActions&) = delete;
  posix_spawn_file_actions_t value;
};

}  // namespace

Result<VideoEncoder> VideoEncoder::start(const std::filesystem::path& path, Format format, int width,
                                         int height, int frames_per_second) {
  SAMARA_CHECK(width % 2 == 0 && height % 2 == 0);
  // A socket instead of a pipe, because writing to one can be told not to raise SIGPIPE.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return make_error(ErrorCode::kIo, "cannot make a pipe to ffmpeg: {}", errno_text());
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  UniqueFd messages(::memfd_create("ffmpeg", MFD_CLOEXEC));
  if (!messages.valid()) return make_error(ErrorCode::kIo, "cannot make a file in memory: {}", errno_text());

  SpawnActions actions;
  posix_spawn_file_actions_adddup2(&actions.value, theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions.value, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions.value, messages.get(), STDERR_FILENO);
  const std::vector<std::string> arguments =
      ffmpeg_arguments(path.string() + ".partial", format, width, height, frames_per_second);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t process = -1;
  if (const int error = posix_spawnp(&process, "ffmpeg", &actions.value, nullptr, argv.data(), environ);
      error != 0) {
    return make_error(
        ErrorCode::kUnsupported,
        "cannot start ffmpeg to write {}: {}; install the package ffmpeg, or write a .svg instead",
        path.string(), std::strerror(error));
  }
  return VideoEncoder(path, process, std::move(ours), std::move(messages));
}

VideoEncoder::VideoEncoder(std::filesystem::path path, pid_t process, UniqueFd frames, UniqueFd messages)
    : path_(std::move(path)), process_(process), frames_(std::move(frames)), messages_(std::move(messages)) {}

namespace {

/// ffmpeg reports success on a disk that filled up; a whole GIF ends in its trailer byte.
bool ends_as_gif(int file) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  char last = 0;
  return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last == ';';
}

}  // namespace

VideoEncoder::VideoEncoder(VideoEncoder&& other) noexcept
    : path_(std::move(other.path_)),
      process_(std::exchange(other.process_, -1)),
      frames_(std::move(other.frames_)),
      messages_(std::move(other.messages_)) {}

VideoEncoder::~VideoEncoder() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  wait();
  ::unlink(partial().c_str());
}

int VideoEncoder::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

Error VideoEncoder::failure() {
  char buffer[400];
  const ssize_t size = ::pread(messages_.get(), buffer, sizeof buffer, 0);
  const std::string said = one_line({buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
  ::unlink(partial().c_str());
  return make_error(ErrorCode::kIo, "ffmpeg cannot write {}: {}", path_.string(),
                    said.empty() ? "it ended" : said);
}

Status VideoEncoder::write(const Pixels& frame) {
  const char* bytes = reinterpret_cast<const char*>(frame.bgrx.data());
  std::size_t left = frame.bgrx.size();
  while (left > 0) {
    const ssize_t n = ::send(frames_.get(), bytes, left, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      wait();
      return failure();
    }
    bytes += n;
    left -= static_cast<std::size_t>(n);
  }
  return {};
}

Status VideoEncoder::finish() {
  frames_.reset();
  const int status = wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failure();
  const UniqueFd file(::open(partial().c_str(), O_RDONLY | O_CLOEXEC));
  if (path_.extension() == ".gif" && !ends_as_gif(file.get())) return failure();
  const bool moved =
      file.valid() && ::fsync(file.get()) == 0 && ::rename(partial().c_str(), path_.c_str()) == 0;
  if (moved) return {};
  const std::string why = errno_text();
  ::unlink(partial().c_str());
  return make_error(ErrorCode::kIo, "cannot write {}: {}", path_.string(), why);
}

}  // namespace samara::picture::internal
