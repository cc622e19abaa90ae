# For pip: what is missing is installed and fetched, or else the one line that says what to install
# is all that is seen.
set(ENV{PYTHON} "${Python3_EXECUTABLE}")
execute_process(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/../setup.sh" wheel
                RESULT_VARIABLE failed ERROR_VARIABLE said ERROR_STRIP_TRAILING_WHITESPACE)
if(failed)
  # Indented, so that CMake breaks no line.
  message(FATAL_ERROR "  ${said}\n  (pip install -C cmake.define.STEELYARD_SETUP=OFF goes on with "
                      "libraries from elsewhere)")
elseif(said)
  message(STATUS "${said}")
endif()
