# samara_embed(<target> <file> <symbol>)
#
# Compiles a text file, named from the calling folder, into the target as
#   namespace samara { extern const std::string_view <symbol>; }
# which the code that uses it declares itself. The text is read when it is built, so editing the file rebuilds it.

if(CMAKE_SCRIPT_MODE_FILE)
  # The build step: cmake -DINPUT=... -DOUTPUT=... -DSYMBOL=... -P SamaraEmbed.cmake
  file(READ ${INPUT} text)
  string(FIND "${text}" ")samara_embed\"" terminator)
  if(NOT terminator EQUAL -1)
    message(FATAL_ERROR "${INPUT} cannot be embedded: it contains the end of a raw string, )samara_embed\"")
  endif()
  file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace samara {\n"
       "extern const std::string_view ${SYMBOL};\n"
       "const std::string_view ${SYMBOL} = R\"samara_embed(${text})samara_embed\";\n"
       "}  // namespace samara\n")
  return()
endif()

set(SAMARA_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(samara_embed target file symbol)
  set(input ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  string(REPLACE "../" "" name ${file})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embed/${name}.cc)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DSYMBOL=${symbol} -P ${SAMARA_EMBED_SCRIPT}
    DEPENDS ${input} ${SAMARA_EMBED_SCRIPT}
    COMMENT "Embedding ${file} as ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
