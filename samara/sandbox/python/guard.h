// Guard: notices when a program changed what is inside a container or an instance that outlives it: a list in
// a harness's class, an attribute of a module's constant, a harness's global. It walks once over all that
// plain programs can reach and remembers what it found; watch.h covers the attributes of modules,
// classes and functions. The check afterwards costs less than a microsecond. Single threaded.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace samara::sandbox {

class Guard {
 public:
  /// Adds a dict, its values and all that can be reached from them: attributes of classes, functions and
  /// instances, items of containers, and the types of all of these. Modules inside are not followed.
  void add(PyObject* object);

  /// Nothing that was added has changed.
  bool intact() const;

 private:
  void add_values(PyObject* dict);
  void add_held(PyObject* object);

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
