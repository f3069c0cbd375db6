// TEMPORARY (from the lead): ExampleSet and the options/progress types moved to samara/lm/train (a module
// without torch), because the main binary must not link libtorch: training runs in its own process,
// samara-train. Include samara/lm/train/examples.h and samara/lm/train/training.h instead, then delete this
// file. lm/torch now DEPENDS lm/train.
#pragma once
#include "samara/lm/train/examples.h"
