# The build step that packs the files below tasks/ into one C++ source:
#   cmake -DFOLDER=<tasks> -DOUTPUT=<file.cc> -P embed_tasks.cmake

file(GLOB_RECURSE paths RELATIVE ${FOLDER} ${FOLDER}/*.py ${FOLDER}/*.toml ${FOLDER}/*.json)
list(SORT paths)
set(entries "")
set(count 0)
foreach(path IN LISTS paths)
  file(READ ${FOLDER}/${path} text)
  string(APPEND entries "    {\"${path}\", R\"samara_embed(${text})samara_embed\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include <span>\n#include <string_view>\n#include <utility>\n\nnamespace samara::bugfix {\n"
  "namespace {\n\nconstexpr std::pair<std::string_view, std::string_view> kFiles[${count}] = {\n${entries}};\n\n}  // namespace\n\n"
  "extern const std::span<const std::pair<std::string_view, std::string_view>> kBundledFiles;\n"
  "const std::span<const std::pair<std::string_view, std::string_view>> kBundledFiles = kFiles;\n\n"
  "}  // namespace samara::bugfix\n")
