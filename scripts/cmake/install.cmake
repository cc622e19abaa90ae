# What `make install` puts where: the program, both libraries, the public headers, a file for
# pkg-config, and DuckDB's library in a folder of our own, so that it meets no other copy.
install(TARGETS steelyard steelyard_static steelyard_shared)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/steelyard" TYPE INCLUDE)

set(duckdb_folder "${CMAKE_INSTALL_LIBDIR}/steelyard")
file(RELATIVE_PATH rpath "${CMAKE_INSTALL_FULL_BINDIR}"
     "${CMAKE_INSTALL_FULL_LIBDIR}/steelyard")
set_target_properties(steelyard PROPERTIES INSTALL_RPATH "$ORIGIN/${rpath}")
install(PROGRAMS "${DUCKDB_LIBRARY}" DESTINATION "${duckdb_folder}")

# Paths relative to the file itself: the installed tree may be moved.
file(RELATIVE_PATH includes "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
     "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/steelyard.pc" @ONLY CONTENT [[
Name: steelyard
Description: Classification with unequal classes and priced mistakes
Version: @PROJECT_VERSION@
Cflags: -I${pcfiledir}/@includes@
Libs: -L${pcfiledir}/.. -lsteelyard
Libs.private: -fopenmp -llapacke -lblas -lprotobuf-c -lm
]])
install(FILES "${PROJECT_BINARY_DIR}/steelyard.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
