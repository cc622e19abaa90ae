# Manual pages and completion for bash: the program writes them, from the table of options that its
# --help comes from.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(WARNING "manual pages and completion are left out, since the program that writes them "
                  "cannot run here: set CMAKE_CROSSCOMPILING_EMULATOR, such as qemu-aarch64, to "
                  "have them")
  return()
endif()

set(manual_folder "${PROJECT_BINARY_DIR}/manual")
file(MAKE_DIRECTORY "${manual_folder}")
file(GLOB command_sources CONFIGURE_DEPENDS cli/cmd_*.c)
set(pages "${manual_folder}/steelyard.1")
set(write_pages COMMAND steelyard --man > "${manual_folder}/steelyard.1")
foreach(source ${command_sources})
  string(REGEX REPLACE ".*/cmd_(.*)\\.c" "\\1" command "${source}")
  set(page "${manual_folder}/steelyard-${command}.1")
  list(APPEND pages "${page}")
  list(APPEND write_pages COMMAND steelyard --man ${command} > "${page}")
endforeach()
set(completion "${manual_folder}/steelyard.bash")
add_custom_command(
  OUTPUT ${pages} "${completion}" ${write_pages}
  COMMAND steelyard --completion bash > "${completion}"
  DEPENDS steelyard COMMENT "Writing manual pages and completion")
add_custom_target(manual ALL DEPENDS ${pages} "${completion}")

install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${completion}" RENAME steelyard
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
