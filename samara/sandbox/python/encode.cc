#include "samara/sandbox/python/encode.h"

#include <fmt/format.h>

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace samara::sandbox {
namespace {

// MessagePack (github.com/msgpack/msgpack/blob/master/spec.md), always the shortest form.
class Encoder {
 public:
  explicit Encoder(std::span<char> out) : out_(out) {}

  bool value(PyObject* object) {
    if (object == Py_None) return byte(0xc0);
    if (object == Py_False) return byte(0xc2);
    if (object == Py_True) return byte(0xc3);
    if (PyFloat_CheckExact(object))
      return tagged(0xcb, std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(object)));
    if (PyLong_CheckExact(object)) return integer(object);
    if (PyUnicode_CheckExact(object)) return text(object);
    if (PyBytes_CheckExact(object)) {
      return bytes({PyBytes_AS_STRING(object), static_cast<std::size_t>(PyBytes_GET_SIZE(object))});
    }
    if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) return sequence(object);
    if (PyDict_CheckExact(object)) return mapping(object);
    return fail(fmt::format("an object of type '{}'", Py_TYPE(object)->tp_name));
  }

  std::size_t size() const { return size_; }

  std::string error() const {
    std::string where;
    for (const Step& step : path_) where += step.describe();
    return fmt::format("the result holds {}{}{}", error_, where.empty() ? "" : " at ", where);
  }

 private:
  // One level of nesting: the index into a sequence, or the key in a dict.
  struct Step {
    Py_ssize_t index = 0;
    PyObject* key = nullptr;

    std::string describe() const {
      if (key == nullptr) return fmt::format("[{}]", index);
      if (PyLong_CheckExact(key)) return fmt::format("[{}]", PyLong_AsLongLong(key));
      if (!PyUnicode_CheckExact(key)) return "[...]";
      const char* name = PyUnicode_AsUTF8(key);
      return fmt::format("['{:.40}']", name == nullptr ? "?" : name);
    }
  };

  bool fail(std::string error) {
    error_ = std::move(error);
    return false;
  }

  bool put(const void* data, std::size_t size) {
    if (size > out_.size() - size_) return fail(fmt::format("more than {} bytes", out_.size()));
    std::memcpy(out_.data() + size_, data, size);
    size_ += size;
    return true;
  }
  bool byte(unsigned value) {
    const auto narrow = static_cast<std::uint8_t>(value);
    return put(&narrow, 1);
  }
  template <std::unsigned_integral T>
  bool tagged(unsigned tag, T value) {
    std::uint8_t big_endian[1 + sizeof(T)];
    big_endian[0] = static_cast<std::uint8_t>(tag);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      big_endian[1 + i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
    }
    return put(big_endian, sizeof big_endian);
  }

  bool integer(PyObject* object) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0) return fail("an int of more than 64 bits");
    if (value >= -32 && value < 128) return byte(static_cast<unsigned>(value) & 0xff);
    if (value == static_cast<std::int8_t>(value)) return tagged(0xd0, static_cast<std::uint8_t>(value));
    if (value == static_cast<std::int16_t>(value)) return tagged(0xd1, static_cast<std::uint16_t>(value));
    if (value == static_cast<std::int32_t>(value)) return tagged(0xd2, static_cast<std::uint32_t>(value));
    return tagged(0xd3, static_cast<std::uint64_t>(value));
  }

  bool text(PyObject* object) {
    Py_ssize_t length = 0;
    const char* utf8 = PyUnicode_AsUTF8AndSize(object, &length);
    if (utf8 == nullptr) {
      PyErr_Clear();
      return fail("a str that is not valid Unicode (a lone surrogate)");
    }
    const auto size = static_cast<std::size_t>(length);
    const bool header = size < 32      ? byte(0xa0 | static_cast<unsigned>(size))
                        : size < 256   ? tagged(0xd9, static_cast<std::uint8_t>(size))
                        : size < 65536 ? tagged(0xda, static_cast<std::uint16_t>(size))
                                       : tagged(0xdb, static_cast<std::uint32_t>(size));
    return header && put(utf8, size);
  }

  bool bytes(std::string_view data) {
    const std::size_t size = data.size();
    const bool header = size < 256     ? tagged(0xc4, static_cast<std::uint8_t>(size))
                        : size < 65536 ? tagged(0xc5, static_cast<std::uint16_t>(size))
                                       : tagged(0xc6, static_cast<std::uint32_t>(size));
    return header && put(data.data(), size);
  }

  // The header of an array (0x90, 0xdc, 0xdd) or a map (0x80, 0xde, 0xdf).
  bool container(unsigned fix, unsigned tag16, Py_ssize_t length) {
    const auto size = static_cast<std::size_t>(length);
    if (size > out_.size()) return fail(fmt::format("more than {} bytes", out_.size()));
    return size < 16      ? byte(fix | static_cast<unsigned>(size))
           : size < 65536 ? tagged(tag16, static_cast<std::uint16_t>(size))
                          : tagged(tag16 + 1, static_cast<std::uint32_t>(size));
  }

  bool enter() {
    if (path_.size() == kMaxResultDepth) {
      path_.resize(4);  // enough to say where
      return fail(fmt::format("more than {} nested levels (or itself)", kMaxResultDepth));
    }
    path_.emplace_back();
    return true;
  }

  bool sequence(PyObject* object) {
    PyObject** const items = PySequence_Fast_ITEMS(object);
    const Py_ssize_t size = PySequence_Fast_GET_SIZE(object);
    if (!container(0x90, 0xdc, size) || !enter()) return false;
    for (Py_ssize_t i = 0; i < size; ++i) {
      path_.back().index = i;
      if (!value(items[i])) return false;
    }
    path_.pop_back();
    return true;
  }

  bool mapping(PyObject* object) {
    if (!container(0x80, 0xde, PyDict_GET_SIZE(object)) || !enter()) return false;
    Py_ssize_t position = 0;
    PyObject* key = nullptr;
    PyObject* item = nullptr;
    while (PyDict_Next(object, &position, &key, &item) != 0) {
      path_.back().key = key;
      if (!value(key) || !value(item)) return false;
    }
    path_.pop_back();
    return true;
  }

  std::span<char> out_;
  std::size_t size_ = 0;
  std::string error_;
  std::vector<Step> path_;
};

}  // namespace

std::variant<std::size_t, std::string> encode(PyObject* value, std::span<char> out) {
  Encoder encoder(out);
  if (encoder.value(value)) return encoder.size();
  return encoder.error();
}

}  // namespace samara::sandbox
