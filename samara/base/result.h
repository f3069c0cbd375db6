// Result<T>: a value or an Error, in the shape of C++23's std::expected. Everything that the outside world
// can make fail returns one; a bug is a SAMARA_CHECK (check.h). Errors of libraries (SQLite, Python, the
// kernel) are converted where they enter a module. Values only: thread safety is that of T.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "samara/base/check.h"

namespace samara {

/// What kind of thing went wrong; decides the exit code of the command line (see docs/cli.md). Values are
/// fixed.
enum class ErrorCode {
  kInvalidArgument = 1,  ///< a flag, a spec or a parameter that cannot be right
  kInvalidData = 2,      ///< a file or a message that is malformed or fails its own checks
  kNotFound = 3,
  kAlreadyExists = 4,
  kInUse = 5,        ///< another process holds it
  kUnsupported = 6,  ///< this machine, this kernel or this version cannot do it
  kIo = 7,           ///< reading or writing failed: full disk, permissions, a broken pipe
  kTimeout = 8,
  kCancelled = 9,
  kInternal = 10,  ///< a part of Samara failed in a way that should not happen
};

/// An error's text says what, where and the next step, in that order.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

/// Error with a formatted message: `return make_error(ErrorCode::kIo, "cannot read {}: {}", path, why);`
template <typename... Args>
[[nodiscard]] Error make_error(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return Error{code, fmt::format(format, std::forward<Args>(args)...)};
}

/// Either a T or an Error. `value()` on an error is a bug, so ask `ok()` first or use SAMARA_TRY.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    SAMARA_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    SAMARA_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    SAMARA_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    SAMARA_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    SAMARA_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    SAMARA_CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace samara

#define SAMARA_CONCAT_INNER(a, b) a##b
#define SAMARA_CONCAT(a, b) SAMARA_CONCAT_INNER(a, b)

/// SAMARA_TRY(auto x, may_fail()): x becomes the value, or the enclosing function returns the error.
#define SAMARA_TRY(declaration, expression) \
  SAMARA_TRY_IMPL(SAMARA_CONCAT(samara_result_, __LINE__), declaration, expression)
#define SAMARA_TRY_IMPL(result, declaration, expression) \
  auto result = (expression);                            \
  if (!result.ok()) return std::move(result).error();    \
  declaration = std::move(result).value()

/// SAMARA_TRY_STATUS(may_fail()): the enclosing function returns the error, if there is one.
#define SAMARA_TRY_STATUS(expression)                                    \
  do {                                                                   \
    if (auto status = (expression); !status.ok()) return status.error(); \
  } while (false)
