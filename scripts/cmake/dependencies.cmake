# What steelyard stands on; scripts/setup.sh installs it on Debian and Ubuntu.
#
# For a wheel, archives are looked for first: what is inside libsteelyard, and seen by nobody else,
# meets no other copy in the process (NumPy and PyTorch bring their own) and no other version on
# another machine. Where there are none, the shared libraries are carried beside it
# (python/carry.cmake).
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

add_library(protobuf_c INTERFACE)
add_library(jansson INTERFACE)
if(STEELYARD_WHEEL)
  find_library(BLAS_LIBRARY NAMES libopenblas.a openblas blas PATH_SUFFIXES openblas-openmp REQUIRED)
  find_library(LAPACKE_LIBRARY NAMES liblapacke.a lapacke REQUIRED)
  find_library(PROTOBUF_C_LIBRARY NAMES libprotobuf-c.a protobuf-c
               HINTS ${PROTOBUF_C_LIBRARY_DIRS} REQUIRED)
  target_include_directories(protobuf_c SYSTEM INTERFACE ${PROTOBUF_C_INCLUDE_DIRS})
  target_link_libraries(protobuf_c INTERFACE ${PROTOBUF_C_LIBRARY})
  # Debian's archive of jansson is not for shared libraries: it is carried.
  find_library(JANSSON_LIBRARY NAMES jansson HINTS ${JANSSON_LIBRARY_DIRS} REQUIRED)
  target_include_directories(jansson SYSTEM INTERFACE ${JANSSON_INCLUDE_DIRS})
  target_link_libraries(jansson INTERFACE ${JANSSON_LIBRARY})
else()
  # -lblas rather than -lopenblas, so that BLIS or MKL drops in where the system prefers it.
  find_library(BLAS_LIBRARY NAMES blas openblas REQUIRED)
  find_library(LAPACKE_LIBRARY NAMES lapacke REQUIRED)
  target_link_libraries(protobuf_c INTERFACE PkgConfig::PROTOBUF_C)
  target_link_libraries(jansson INTERFACE PkgConfig::JANSSON)
endif()
find_path(CBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas REQUIRED)
find_path(LAPACKE_INCLUDE lapacke.h PATH_SUFFIXES openblas REQUIRED)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)

add_library(steelyard_needs INTERFACE)
target_include_directories(steelyard_needs SYSTEM INTERFACE ${CBLAS_INCLUDE} ${LAPACKE_INCLUDE}
                                                            ${RANDOM123_INCLUDE})
target_link_libraries(steelyard_needs INTERFACE OpenMP::OpenMP_C protobuf_c
                                                ${LAPACKE_LIBRARY} ${BLAS_LIBRARY}
                                                jansson ${CMAKE_DL_LIBS} m)

# XGBoost grows trees. Its header is needed here and its library when trees are first grown
# (src/fit/boosted/xgboost_library.h): nothing links it, and a wheel does not carry it. Without it
# all but the training of boosted trees is there, and that says so.
option(STEELYARD_XGBOOST "Train boosted trees with XGBoost, where it is installed" ON)
find_library(XGBOOST_LIBRARY xgboost)
find_path(XGBOOST_INCLUDE xgboost/c_api.h)
if(STEELYARD_XGBOOST AND XGBOOST_INCLUDE)
  target_include_directories(steelyard_needs SYSTEM INTERFACE ${XGBOOST_INCLUDE})
  target_compile_definitions(steelyard_needs INTERFACE SY_XGBOOST)
  if(XGBOOST_LIBRARY AND NOT STEELYARD_WHEEL)
    target_compile_definitions(steelyard_needs INTERFACE SY_XGBOOST_PATH="${XGBOOST_LIBRARY}")
  endif()
else()
  message(STATUS "XGBoost is not used: boosted trees are read and scored, not trained "
                 "(Debian: libxgboost-dev)")
endif()

# libsteelyard-score needs these alone, beside libc.
add_library(steelyard_score_needs INTERFACE)
target_link_libraries(steelyard_score_needs INTERFACE protobuf_c m)

# --- the messages of an ONNX file, generated: #include "onnx.pb-c.h" ---

find_program(PROTOC_C protoc-c REQUIRED)
find_file(ONNX_PROTO onnx/onnx.proto REQUIRED)
cmake_path(GET ONNX_PROTO PARENT_PATH onnx_folder)
set(generated "${PROJECT_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${generated}")
add_custom_command(
  OUTPUT "${generated}/onnx.pb-c.c" "${generated}/onnx.pb-c.h"
  COMMAND "${PROTOC_C}" "--proto_path=${onnx_folder}" "--c_out=${generated}" onnx.proto
  DEPENDS "${ONNX_PROTO}"
  VERBATIM)
add_library(onnx_messages OBJECT "${generated}/onnx.pb-c.c" "${generated}/onnx.pb-c.h")
target_include_directories(onnx_messages SYSTEM PUBLIC "${generated}")
target_link_libraries(onnx_messages PRIVATE protobuf_c)
target_compile_options(onnx_messages PRIVATE -w)

# --- the command line's own: DuckDB, of which DUCKDB_ROOT wins over the copy that set-up fetched ---

if(NOT STEELYARD_PROGRAM)
  return()
endif()

set(duckdb_folders "${PROJECT_SOURCE_DIR}/.cache/duckdb")
if(DEFINED ENV{DUCKDB_ROOT})
  set(duckdb_folders "$ENV{DUCKDB_ROOT}")
endif()
if(DUCKDB_ROOT)
  set(duckdb_folders "${DUCKDB_ROOT}")
endif()
find_library(DUCKDB_LIBRARY duckdb PATHS ${duckdb_folders} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_path(DUCKDB_INCLUDE duckdb.h PATHS ${duckdb_folders} PATH_SUFFIXES include NO_DEFAULT_PATH)
if(NOT DUCKDB_LIBRARY OR NOT DUCKDB_INCLUDE)
  message(FATAL_ERROR "no libduckdb and duckdb.h in ${duckdb_folders}: run scripts/setup.sh, or "
                      "set DUCKDB_ROOT to a folder that has them")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES IMPORTED_LOCATION "${DUCKDB_LIBRARY}")
target_include_directories(duckdb SYSTEM INTERFACE "${DUCKDB_INCLUDE}")
