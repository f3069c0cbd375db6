#include "samara/sandbox/python/identity.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace samara::sandbox {
namespace {

bool g_seen = false;
std::vector<const PyObject*> g_known;  // sorted; objects that exist since the start

// Every object that the garbage collector can see, and every type.
bool is_known(PyObject* object) {
  if (PyType_Check(object) &&
      !PyType_HasFeature(reinterpret_cast<PyTypeObject*>(object), Py_TPFLAGS_HEAPTYPE)) {
    return true;
  }
  return object == Py_None || object == Py_NotImplemented || object == Py_Ellipsis ||
         std::binary_search(g_known.begin(), g_known.end(), object);
}

void look_at(PyObject* object) {
  if (!is_known(object)) g_seen = true;
}

Py_hash_t hash_address(PyObject* self) {
  look_at(self);
  return _Py_HashPointer(self);
}

// A type with its own function that uses an address: bound methods, functions of C, and NaN (since 3.10 the
// hash of a NaN is its address).
struct Original {
  PyTypeObject* type;
  hashfunc hash;
  reprfunc repr;
};
std::vector<Original> g_originals;

const Original& original_of(PyObject* self) {
  for (PyTypeObject* type = Py_TYPE(self);; type = type->tp_base) {
    const auto found =
        std::ranges::find_if(g_originals, [type](const Original& original) { return original.type == type; });
    if (found != g_originals.end()) return *found;
  }
}

Py_hash_t hash_watched(PyObject* self) {
  look_at(self);
  return original_of(self).hash(self);
}

Py_hash_t hash_float(PyObject* self) {
  if (std::isnan(PyFloat_AS_DOUBLE(self))) look_at(self);
  return original_of(self).hash(self);
}

Py_hash_t hash_complex(PyObject* self) {
  const Py_complex value = PyComplex_AsCComplex(self);
  if (std::isnan(value.real) || std::isnan(value.imag)) look_at(self);
  return original_of(self).hash(self);
}

PyObject* repr_watched(PyObject* self) {
  look_at(self);
  return original_of(self).repr(self);
}

reprfunc g_object_repr = nullptr;

PyObject* repr_object(PyObject* self) {
  look_at(self);
  return g_object_repr(self);
}

void watch_type(PyTypeObject* type, hashfunc hash, reprfunc repr) {
  g_originals.push_back({type, type->tp_hash, type->tp_repr});
  if (hash != nullptr) type->tp_hash = hash;
  if (repr != nullptr) type->tp_repr = repr;
}

// The type of a fresh object, which is then dropped.
PyTypeObject* type_of(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  Py_DECREF(object);
  return type;
}

// Hands the address functions that `type` inherited from object on to the watching ones, and so for all its
// subclasses.
void watch_inherited(PyTypeObject* type) {
  if (type->tp_hash == reinterpret_cast<hashfunc>(_Py_HashPointer)) type->tp_hash = hash_address;
  if (type->tp_repr == g_object_repr) type->tp_repr = repr_object;
  PyObject* subclasses =
      PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyType_Type), "__subclasses__", "O", type);
  if (subclasses == nullptr) {
    PyErr_Clear();
    return;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(subclasses); ++i) {
    watch_inherited(reinterpret_cast<PyTypeObject*>(PyList_GET_ITEM(subclasses, i)));
  }
  Py_DECREF(subclasses);
}

void know_all_objects() {
  PyObject* gc = PyImport_ImportModule("gc");
  PyObject* objects = gc == nullptr ? nullptr : PyObject_CallMethod(gc, "get_objects", nullptr);
  Py_XDECREF(gc);
  if (objects == nullptr) {
    PyErr_Clear();
    return;
  }
  const std::size_t size = static_cast<std::size_t>(PyList_GET_SIZE(objects));
  g_known.assign(PySequence_Fast_ITEMS(objects), PySequence_Fast_ITEMS(objects) + size);
  std::ranges::sort(g_known);
  Py_DECREF(objects);
}

}  // namespace

void watch_identity() {
  watch_type(&PyFloat_Type, hash_float, nullptr);
  watch_type(&PyComplex_Type, hash_complex, nullptr);
  watch_type(&PyMethod_Type, hash_watched, nullptr);
  watch_type(&PyCFunction_Type, hash_watched, repr_watched);
  watch_type(type_of(PyObject_GetAttrString(Py_None, "__str__")), hash_watched,
             repr_watched);  // method-wrapper
  for (PyTypeObject* type : {&PyFunction_Type, &PyGen_Type, &PyCoro_Type, &PyAsyncGen_Type, &PyCode_Type,
                             &PyFrame_Type, &PyCell_Type, &PyMemoryView_Type, &_PyWeakref_RefType}) {
    watch_type(type, nullptr, repr_watched);
  }
  g_object_repr = PyBaseObject_Type.tp_repr;
  watch_inherited(&PyBaseObject_Type);
  know_all_objects();
}

bool identity_seen() {
  return g_seen;
}

void forget_identity() {
  g_seen = false;
}

}  // namespace samara::sandbox
