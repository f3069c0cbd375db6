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

void Guard::add(PyObject* object) {
  if (PyModule_Check(object) || !seen_.insert(object).second) return;
  add(reinterpret_cast<PyObject*>(Py_TYPE(object)));
  if (PyDict_Check(object)) {
    add_values(object);
    dicts_.push_back(
        {reinterpret_cast<PyDictObject*>(object), reinterpret_cast<PyDictObject*>(object)->ma_version_tag});
  } else if (PyType_Check(object)) {
    auto* type = reinterpret_cast<PyTypeObject*>(object);
    // Types made in C hold nothing that can be changed.
    if (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) return;
    add_values(type->tp_dict);
    add(type->tp_mro);
  } else if (PyTuple_Check(object)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i) add(PyTuple_GET_ITEM(object, i));
  } else if (PyList_Check(object) || PyAnySet_Check(object)) {
    const std::vector<PyObject*> items = items_of(object);
    for (PyObject* item : items) add(item);
    containers_.push_back({object, items});
  } else {
    add_held(object);
  }
}

void Guard::add_values(PyObject* dict) {
  Py_ssize_t position = 0;
  PyObject* value = nullptr;
  while (PyDict_Next(dict, &position, nullptr, &value) != 0) add(value);
}

void Guard::add_held(PyObject* object) {
  const auto has_dict = [object] {
    PyTypeObject* const type = Py_TYPE(object);
    return type->tp_dictoffset != 0 || PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT);
  };
  const auto add_new = [this](PyObject* held) {
    if (held == nullptr) {
      PyErr_Clear();
    } else {
      add(held);  // and keep it: its address is remembered
    }
  };
  if (PyFunction_Check(object)) {
    for (const char* name : {"__annotations__", "__defaults__", "__kwdefaults__"}) {
      add_new(PyObject_GetAttrString(object, name));
    }
    return;
  }
  // An instance's dictionary that does not exist yet is made, so that its version can be watched.
  if (has_dict()) add_new(PyObject_GenericGetDict(object, nullptr));
  // What static methods, class methods and partials hold.
  for (const char* name : {"__func__", "func"}) add_new(PyObject_GetAttrString(object, name));
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
