# How our own code is compiled. Generated code is compiled without these warnings.
add_library(steelyard_flags INTERFACE)
target_compile_options(steelyard_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(STEELYARD_WERROR)
  target_compile_options(steelyard_flags INTERFACE -Werror)
endif()

# Baseline instructions only: what is built here runs on any machine of its kind, and the hot loops
# choose wider ones when the program starts. No fused multiply-add behind our back and no fast-math:
# a row decided alone and a block of rows must give equal bits. errno after sqrt() is of no use.
target_compile_options(steelyard_flags INTERFACE -fno-math-errno -ffp-contract=off)

set(CMAKE_C_FLAGS_RELEASE "-O3")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g")

if(STEELYARD_SANITIZE)
  set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
