#include "samara/sandbox/python/watch.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace samara::sandbox {
namespace {

bool g_address_seen = false;
bool g_changed = false;
std::vector<const PyObject*> g_known;  // sorted; all that the garbage collector sees

bool is_known(PyObject* object) {
  if (PyType_Check(object) &&
      !PyType_HasFeature(reinterpret_cast<PyTypeObject*>(object), Py_TPFLAGS_HEAPTYPE)) {
    return true;  // a part of the executable
  }
  return object == Py_None || object == Py_NotImplemented || object == Py_Ellipsis ||
         std::ranges::binary_search(g_known, object);
}

void look_at(PyObject* object) {
  if (!is_known(object)) g_address_seen = true;
}

// The functions that a watched type had before.
struct Original {
  PyTypeObject* type;
  hashfunc hash;
  reprfunc repr;
  setattrofunc setattr;
};
std::vector<Original> g_originals;

const Original& original_of(PyObject* self) {
  for (PyTypeObject* type = Py_TYPE(self);; type = type->tp_base) {
    const auto found = std::ranges::find(g_originals, type, &Original::type);
    if (found != g_originals.end()) return *found;
  }
}

Py_hash_t watched_hash(PyObject* self) {
  look_at(self);
  return original_of(self).hash(self);
}

// Since Python 3.10 the hash of a NaN is its address.
Py_hash_t watched_float_hash(PyObject* self) {
  if (std::isnan(PyFloat_AS_DOUBLE(self))) look_at(self);
  return original_of(self).hash(self);
}

Py_hash_t watched_complex_hash(PyObject* self) {
  const Py_complex value = PyComplex_AsCComplex(self);
  if (std::isnan(value.real) || std::isnan(value.imag)) look_at(self);
  return original_of(self).hash(self);
}

PyObject* watched_repr(PyObject* self) {
  look_at(self);
  return original_of(self).repr(self);
}

int watched_setattr(PyObject* self, PyObject* name, PyObject* value) {
  if (is_known(self)) g_changed = true;
  return original_of(self).setattr(self, name, value);
}

// What most types have from `object`.
Py_hash_t watched_object_hash(PyObject* self) {
  look_at(self);
  return _Py_HashPointer(self);
}

reprfunc g_object_repr = nullptr;

PyObject* watched_object_repr(PyObject* self) {
  look_at(self);
  return g_object_repr(self);
}

Original& remember(PyTypeObject* type) {
  return g_originals.emplace_back(Original{type, type->tp_hash, type->tp_repr, type->tp_setattro});
}

void watch_hash(PyTypeObject* type, hashfunc hash) {
  remember(type);
  type->tp_hash = hash;
}

void watch_repr(PyTypeObject* type) {
  remember(type);
  type->tp_repr = watched_repr;
}

// Attributes of its instances are slots, which guard.h cannot see.
bool has_slots_only(PyTypeObject* type) {
  return PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && Py_SIZE(type) > 0 && type->tp_dictoffset == 0 &&
         !PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT) && type->tp_setattro == PyObject_GenericSetAttr;
}

// Replaces what `type` and its subclasses inherited before the watch began.
void watch_heirs(PyTypeObject* type, setattrofunc type_setattr) {
  if (type->tp_hash == reinterpret_cast<hashfunc>(_Py_HashPointer)) type->tp_hash = watched_object_hash;
  if (type->tp_repr == g_object_repr) type->tp_repr = watched_object_repr;
  if (type->tp_setattro == type_setattr || has_slots_only(type)) type->tp_setattro = watched_setattr;
  PyObject* heirs =
      PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyType_Type), "__subclasses__", "O", type);
  if (heirs == nullptr) {
    PyErr_Clear();
    return;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(heirs); ++i) {
    watch_heirs(reinterpret_cast<PyTypeObject*>(PyList_GET_ITEM(heirs, i)), type_setattr);
  }
  Py_DECREF(heirs);
}

void know_all_objects() {
  PyObject* gc = PyImport_ImportModule("gc");
  PyObject* objects = gc == nullptr ? nullptr : PyObject_CallMethod(gc, "get_objects", nullptr);
  Py_XDECREF(gc);
  if (objects == nullptr) {
    PyErr_Clear();
    return;
  }
  PyObject** const first = PySequence_Fast_ITEMS(objects);
  g_known.assign(first, first + PyList_GET_SIZE(objects));
  std::ranges::sort(g_known);
  Py_DECREF(objects);
}

// The type of a fresh object, which is then dropped.
PyTypeObject* type_of(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  Py_DECREF(object);
  return type;
}

}  // namespace

void start_watching() {
  g_object_repr = PyBaseObject_Type.tp_repr;
  const setattrofunc type_setattr = PyType_Type.tp_setattro;
  watch_hash(&PyFloat_Type, watched_float_hash);
  watch_hash(&PyComplex_Type, watched_complex_hash);
  watch_hash(&PyMethod_Type, watched_hash);
  PyTypeObject* const method_wrapper = type_of(PyObject_GetAttrString(Py_None, "__str__"));
  for (PyTypeObject* type : {&PyCFunction_Type, method_wrapper}) {
    watch_hash(type, watched_hash);
    type->tp_repr = watched_repr;
  }
  for (PyTypeObject* type : {&PyFunction_Type, &PyGen_Type, &PyCoro_Type, &PyAsyncGen_Type, &PyCode_Type,
                             &PyFrame_Type, &PyCell_Type, &PyMemoryView_Type, &_PyWeakref_RefType}) {
    watch_repr(type);
  }
  remember(&PyBaseObject_Type);
  remember(&PyType_Type);
  remember(&PyModule_Type);
  PyModule_Type.tp_setattro = watched_setattr;
  PyFunction_Type.tp_setattro = watched_setattr;
  watch_heirs(&PyBaseObject_Type, type_setattr);
  know_all_objects();
}

void forget_seen() {
  g_address_seen = false;
  g_changed = false;
}

bool address_seen() {
  return g_address_seen;
}

bool known_object_changed() {
  return g_changed;
}

}  // namespace samara::sandbox
