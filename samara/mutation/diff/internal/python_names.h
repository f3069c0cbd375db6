// PythonNames: the names that a program's new lines may use, and for what: sorted, so that a name that is
// being spelled narrows a range. Made once per program; const is safe to call concurrently.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samara::diff::internal {

/// What a name may be used for; a name's uses are their sum.
namespace use {
inline constexpr std::uint8_t kAlways = 1;     ///< read: a builtin, or given by the environment
inline constexpr std::uint8_t kBound = 2;      ///< read, while a line that binds it is left
inline constexpr std::uint8_t kAttribute = 4;  ///< behind a dot
inline constexpr std::uint8_t kArgument = 8;   ///< a keyword argument's name
inline constexpr std::uint8_t kModule = 16;    ///< imported
inline constexpr std::uint8_t kMember = 32;    ///< imported from a module
inline constexpr std::uint8_t kRead =
    64;  ///< read, or else an assignment's target or a keyword argument's name
}  // namespace use

class PythonNames {
 public:
  struct Entry {
    std::string text;
    std::uint8_t uses = 0;
  };

  /// Adds uses to a name; after the last of them comes seal().
  void add(std::string_view name, std::uint8_t uses);
  void seal();

  std::size_t size() const { return entries_.size(); }  ///< at most 65,535; further names are left out
  const Entry& operator[](std::size_t i) const { return entries_[i]; }
  /// The index of a name, or size().
  std::size_t find(std::string_view name) const;
  /// Narrows [low, high), the names that share `length` bytes, to those that go on with `byte`.
  void narrow(std::uint16_t& low, std::uint16_t& high, std::size_t length, char byte) const;

 private:
  std::vector<Entry> entries_;
};

/// Builtin functions and exceptions of Python 3.11 but for those that only interpreters need.
std::span<const std::string_view> python_builtins();
/// Methods of str, list, dict, set and tuple.
std::span<const std::string_view> python_methods();
std::span<const std::string_view> python_math_members();

}  // namespace samara::diff::internal
