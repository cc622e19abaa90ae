# What `make install` puts where. All paths within are relative: the installed tree may be moved.
#
#   bin            the program
#   lib            the libraries, shared and static, with files for pkg-config and CMake
#   lib/steelyard  DuckDB's library, in a folder of our own so that it meets no other copy
#   include        the public headers
#   share          manual pages and completion, see manual.cmake
include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/steelyard")

install(TARGETS steelyard)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/steelyard" TYPE INCLUDE
        FILES_MATCHING PATTERN "*.h")

file(RELATIVE_PATH rpath "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}/steelyard")
set_target_properties(steelyard PROPERTIES INSTALL_RPATH "$ORIGIN/${rpath}")
install(PROGRAMS "${DUCKDB_LIBRARY}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/steelyard")

# install_library(NAME EXPORTED DESCRIPTION [LINK...]): targets NAME_shared and NAME_static, with
# NAME.pc and the targets steelyard::EXPORTED and steelyard::EXPORTED_static for others' CMake.
# LINK... is what a program links besides the static library: names, never paths of this machine.
function(install_library name exported description)
  string(MAKE_C_IDENTIFIER "${name}" target)
  foreach(kind shared static)
    string(REPLACE "_shared" "" exported_kind "${exported}_${kind}")
    set_target_properties(${target}_${kind} PROPERTIES EXPORT_NAME ${exported_kind})
  endforeach()
  target_link_libraries(${target}_static INTERFACE "$<INSTALL_INTERFACE:${ARGN}>")
  install(TARGETS ${target}_shared ${target}_static EXPORT steelyard)

  list(JOIN ARGN " " private_links)
  file(RELATIVE_PATH includes "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
       "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/scripts/cmake/library.pc.in" ${name}.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# The libraries that were found, by name: "-llapacke", "-lblas".
foreach(file LAPACKE_LIBRARY BLAS_LIBRARY)
  cmake_path(GET ${file} STEM name)
  string(REGEX REPLACE "^lib" "-l" name "${name}")
  list(APPEND algebra "${name}")
endforeach()
install_library(steelyard steelyard "Classification with unequal classes and priced mistakes"
                ${OpenMP_C_FLAGS} ${algebra} -lprotobuf-c -ljansson -ldl -lm)
install_library(steelyard-score score "Decisions of steelyard's models, for services"
                -lprotobuf-c -lm)

# The targets refer to nothing but each other, so their file is the whole package.
install(EXPORT steelyard NAMESPACE steelyard:: FILE steelyard-config.cmake
        DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/steelyard-config-version.cmake"
                                 COMPATIBILITY SameMajorVersion) # as the soname
install(FILES "${PROJECT_BINARY_DIR}/steelyard-config-version.cmake"
        DESTINATION "${package_folder}")
