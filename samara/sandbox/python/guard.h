// Guard: notices when a program changed an object that outlives it: a module that it may import, a class or a
// function of a harness. It walks once over all that plain programs can reach and remembers the state; the
// check afterwards compares version tags and pointers, about a microsecond. Single threaded.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace samara::sandbox {

class Guard {
 public:
  /// Adds an object and all that can be reached from it: attributes of modules, classes, functions and
  /// instances, items of containers, and the types of all of these. Modules are followed only when they are
  /// roots themselves.
  void add_root(PyObject* object);

  /// Nothing that was added has changed.
  bool intact() const;

 private:
  void add(PyObject* object);
  void add_dict(PyObject* dict);
  void add_attributes(PyObject* object);

  struct Dict {
    PyDictObject* dict;
    std::uint64_t version;
  };
  // A list or a set with what it held.
  struct Container {
    PyObject* container;
    std::vector<PyObject*> items;
  };

  std::vector<Dict> dicts_;
  std::vector<Container> containers_;
  std::unordered_set<PyObject*> seen_;
};

}  // namespace samara::sandbox
