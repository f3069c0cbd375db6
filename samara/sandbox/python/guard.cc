#include "samara/sandbox/python/guard.h"

namespace samara::sandbox {
namespace {

std::vector<PyObject*> items_of(PyObject* container) {
  std::vector<PyObject*> items;
  if (PyList_Check(container)) {
    PyObject** const first = PySequence_Fast_ITEMS(container);
    items.assign(first, first + PyList_GET_SIZE(container));
  } else {
    Py_ssize_t position = 0;
    PyObject* item = nullptr;
    Py_hash_t hash = 0;
    while (_PySet_NextEntry(container, &position, &item, &hash) != 0) items.push_back(item);
  }
  return items;
}

}  // namespace

void Guard::add_root(PyObject* object) {
  if (PyModule_Check(object)) {
    seen_.insert(object);
    add_dict(PyModule_GetDict(object));
    return;
  }
  add(object);
}

void Guard::add(PyObject* object) {
  if (PyModule_Check(object) || !seen_.insert(object).second) return;
  add(reinterpret_cast<PyObject*>(Py_TYPE(object)));
  if (PyDict_Check(object)) {
    seen_.erase(object);
    add_dict(object);
    return;
  }
  if (PyType_Check(object)) {
    auto* type = reinterpret_cast<PyTypeObject*>(object);
    // Types made in C cannot be changed, nor do they hold anything that can.
    if (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) return;
    add_dict(type->tp_dict);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_mro); ++i) add(PyTuple_GET_ITEM(type->tp_mro, i));
    return;
  }
  if (PyTuple_Check(object)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i) add(PyTuple_GET_ITEM(object, i));
    return;
  }
  if (PyList_Check(object) || PyAnySet_Check(object)) {
    containers_.push_back({object, items_of(object)});
    const std::vector<PyObject*> items = containers_.back().items;
    for (PyObject* item : items) add(item);
    return;
  }
  add_attributes(object);
}

void Guard::add_dict(PyObject* object) {
  if (!seen_.insert(object).second) return;
  auto* dict = reinterpret_cast<PyDictObject*>(object);
  Py_ssize_t position = 0;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  // Looking at a value may create its own dictionary, but never changes this one.
  while (PyDict_Next(object, &position, &key, &value) != 0) add(value);
  dicts_.push_back({dict, dict->ma_version_tag});
}

void Guard::add_attributes(PyObject* object) {
  // A dictionary that does not exist yet is made, so that its version can be watched.
  PyTypeObject* const type = Py_TYPE(object);
  if (type->tp_dictoffset != 0 || PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
    PyObject* dict = PyObject_GenericGetDict(object, nullptr);
    if (dict == nullptr) {
      PyErr_Clear();
    } else {
      add_dict(dict);
      Py_DECREF(dict);  // the object keeps it
    }
  }
  // What functions, static methods, class methods and partials hold.
  for (const char* name : {"__annotations__", "__func__", "func"}) {
    PyObject* held = PyObject_GetAttrString(object, name);
    if (held == nullptr) {
      PyErr_Clear();
    } else {
      add(held);  // and keep it: its address is remembered
    }
  }
}

bool Guard::intact() const {
  for (const Dict& entry : dicts_) {
    if (entry.dict->ma_version_tag != entry.version) return false;
  }
  for (const Container& entry : containers_) {
    if (items_of(entry.container) != entry.items) return false;
  }
  return true;
}

}  // namespace samara::sandbox
