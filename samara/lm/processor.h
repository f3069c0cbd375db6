// What this processor offers to models.
#pragma once

namespace samara::lm {

/// Whether it computes in bf16: AVX-512 with its bf16 instructions. Without them bf16 is emulated, at a tenth
/// of the speed.
bool cpu_has_bf16();

}  // namespace samara::lm
