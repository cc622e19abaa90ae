# Run when the wheel is installed into its tree: copies beside libsteelyard the shared libraries
# that it needs, but for those of every Linux (the C library's, and libgcc_s as manylinux has it).
#
# Each gets a name of its own. Two libraries of one name are one to the loader: another package's
# copy, loaded before or after, would be taken for ours, or ours for it.
#
#   LIBRARY   libsteelyard.so.0 as built
#   FOLDER    where it has been installed
#   PATCHELF  the program that renames
file(GET_RUNTIME_DEPENDENCIES
  LIBRARIES "${LIBRARY}"
  RESOLVED_DEPENDENCIES_VAR found
  PRE_EXCLUDE_REGEXES "^lib(c|m|dl|rt|pthread|gcc_s)\\.so" "^ld-")

cmake_path(GET LIBRARY FILENAME library_name)
set(carried "${FOLDER}/${library_name}")
set(renames "")
foreach(file ${found})
  cmake_path(GET file FILENAME name)
  string(REPLACE ".so" "-steelyard.so" own_name "${name}")
  file(REAL_PATH "${file}" content) # not the link to it
  file(COPY_FILE "${content}" "${FOLDER}/${own_name}")
  execute_process(COMMAND "${PATCHELF}" --set-soname "${own_name}" --set-rpath "$ORIGIN"
                          "${FOLDER}/${own_name}" COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND carried "${FOLDER}/${own_name}")
  list(APPEND renames --replace-needed "${name}" "${own_name}")
endforeach()
if(renames)
  execute_process(COMMAND "${PATCHELF}" ${renames} ${carried} COMMAND_ERROR_IS_FATAL ANY)
endif()
