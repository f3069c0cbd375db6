#include "samara/sandbox/python/random_state.h"

#include <cstring>

namespace samara::sandbox {

bool RandomState::remember() {
  PyObject* module = PyImport_ImportModule("random");
  generator_ = module == nullptr ? nullptr : PyObject_GetAttrString(module, "_inst");
  if (generator_ == nullptr || PyObject_CallMethod(generator_, "seed", "i", 0) == nullptr) return false;
  // The base type, _random.Random, is the object's header and the numbers of a Mersenne twister after it.
  const PyTypeObject* base = Py_TYPE(generator_)->tp_base;
  state_ = reinterpret_cast<char*>(generator_) + sizeof(PyObject);
  first_.assign(state_, static_cast<std::size_t>(base->tp_basicsize) - sizeof(PyObject));
  gauss_key_ = PyUnicode_InternFromString("gauss_next");
  return true;
}

void RandomState::restore() {
  std::memcpy(state_, first_.data(), first_.size());
  PyObject_SetAttr(generator_, gauss_key_, Py_None);
}

}  // namespace samara::sandbox
