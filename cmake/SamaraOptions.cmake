# Language level, warnings, sanitizers: what every target shares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(SAMARA_WERROR "Treat warnings as errors (CI does)" OFF)
option(SAMARA_TESTS "Build the unit tests" ON)
option(SAMARA_BENCH "Build the micro benchmarks" ON)
option(SAMARA_LIBFUZZER "Build fuzz targets with libFuzzer instead of their replay main (needs clang)" OFF)
set(SAMARA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(SAMARA_CCACHE ccache)
if(SAMARA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SAMARA_CCACHE})
endif()

# No fused multiply-add: the simulators promise the same bits on every machine.
add_compile_options(-Wall -Wextra -Wpedantic -Wno-psabi -ffp-contract=off -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict)  # GCC 12 sees overlaps in std::string's operator+ that cannot be (its bug 105651)
endif()
if(SAMARA_WERROR)
  add_compile_options(-Werror)
endif()
if(SAMARA_SANITIZE)
  add_compile_options(-fsanitize=${SAMARA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${SAMARA_SANITIZE})
endif()
if(SAMARA_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)  # every part reports its branches to libFuzzer
endif()
