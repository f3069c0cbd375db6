# samara_module(<name> [DEPENDS <module>...] [LIBS <target>...] [PRIVATE_LIBS <target>...])
#
# Declares the module that lives in the calling folder. The suffix of a file decides its role, so adding
# a file edits no list:
#   x.h x.cc      the library samara_<name>
#   x_test.cc     part of the test program <name>_test, which ctest runs
#   x_bench.cc    part of the benchmark program <name>_bench
#   x_main.cc     an executable samara-<x> (underscores become dashes) linked with the module; samara_main.cc: samara
# DEPENDS are Samara modules and the only ones whose headers the module may include (tools/check_layers.py).
# A '/' in a module's name stands for its folder: mutation/gp lives in samara/mutation/gp.

function(samara_target_name out module)
  string(REPLACE "/" "_" flat ${module})
  set(${out} samara_${flat} PARENT_SCOPE)
endfunction()

function(samara_module module)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBS;PRIVATE_LIBS" ${ARGN})
  string(REPLACE "/" "_" flat ${module})
  set(target samara_${flat})

  file(GLOB all CONFIGURE_DEPENDS *.cc internal/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cc internal/*_test.cc)
  file(GLOB benches CONFIGURE_DEPENDS *_bench.cc internal/*_bench.cc)
  file(GLOB mains CONFIGURE_DEPENDS *_main.cc)
  set(sources ${all})
  list(REMOVE_ITEM sources ${tests} ${benches} ${mains})

  set(depends)
  foreach(dependency ${ARG_DEPENDS})
    samara_target_name(name ${dependency})
    list(APPEND depends ${name})
  endforeach()

  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${depends} ${ARG_LIBS} PRIVATE ${ARG_PRIVATE_LIBS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${depends} ${ARG_LIBS})
  endif()

  foreach(main ${mains})
    get_filename_component(stem ${main} NAME_WE)
    string(REGEX REPLACE "_main$" "" stem ${stem})
    string(REPLACE "_" "-" program samara-${stem})
    string(REGEX REPLACE "^samara-samara$" "samara" program ${program})
    add_executable(${program} ${main})
    target_link_libraries(${program} PRIVATE ${target})
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  endforeach()

  if(tests AND SAMARA_TESTS)
    add_executable(${flat}_test ${tests})
    target_link_libraries(${flat}_test PRIVATE ${target} samara_test_main)
    samara_add_test(${flat}_test)
  endif()
  if(benches AND SAMARA_BENCH)
    add_executable(${flat}_bench ${benches})
    target_link_libraries(${flat}_bench PRIVATE ${target} benchmark::benchmark benchmark::benchmark_main)
    set_target_properties(${flat}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  endif()
endfunction()

# samara_add_test(<target>): every TEST of a GoogleTest program becomes one ctest entry.
function(samara_add_test target)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES PROPERTIES TIMEOUT 300)
endfunction()
