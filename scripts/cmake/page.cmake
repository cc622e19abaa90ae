# The report page's style and script as C strings: our own assets, and uPlot, which scripts/setup.sh
# fetches. UPLOT_ROOT names a folder with another copy of it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(uplot_folder "${PROJECT_SOURCE_DIR}/.cache/uplot")
if(DEFINED ENV{UPLOT_ROOT})
  set(uplot_folder "$ENV{UPLOT_ROOT}")
endif()
if(UPLOT_ROOT)
  set(uplot_folder "${UPLOT_ROOT}")
endif()
foreach(file uPlot.iife.min.js uPlot.min.css LICENSE)
  if(NOT EXISTS "${uplot_folder}/${file}")
    message(FATAL_ERROR "no ${file} of uPlot in ${uplot_folder}: run scripts/setup.sh, or set "
                        "UPLOT_ROOT to a folder that has uPlot.iife.min.js, uPlot.min.css and "
                        "LICENSE")
  endif()
  list(APPEND uplot_files "${uplot_folder}/${file}")
endforeach()

set(page_assets_folder "${PROJECT_SOURCE_DIR}/src/report/assets")
set(page_assets_script "${PROJECT_SOURCE_DIR}/scripts/cmake/page_assets.py")
set(page_assets "${PROJECT_BINARY_DIR}/generated/page_assets.c")
file(GLOB page_asset_files CONFIGURE_DEPENDS "${page_assets_folder}/*")
add_custom_command(
  OUTPUT "${page_assets}"
  COMMAND Python3::Interpreter "${page_assets_script}" "${page_assets_folder}" "${uplot_folder}"
          "${page_assets}"
  DEPENDS "${page_assets_script}" ${page_asset_files} ${uplot_files}
  COMMENT "Writing the assets of the report page"
  VERBATIM)
