# How our own code is compiled. Generated code is compiled without these warnings.
add_library(steelyard_flags INTERFACE)
target_compile_options(steelyard_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(STEELYARD_WERROR)
  target_compile_options(steelyard_flags INTERFACE -Werror)
endif()

# Baseline instructions only: what is built here runs on any machine of its kind, and the hot loops
# choose wider ones when the program starts. No fused multiply-add behind our back and no fast-math:
# a row decided alone and a block of rows must give equal bits. errno after sqrt() and the flags of
# floating-point exceptions are of no use to us, and would keep loops that choose between two values
# from becoming vectors.
target_compile_options(steelyard_flags INTERFACE -fno-math-errno -fno-trapping-math
                                                 -ffp-contract=off)

set(CMAKE_C_FLAGS_RELEASE "-O3")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g")

if(STEELYARD_SANITIZE)
  set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# Races. clang alone: gcc's OpenMP has no words for the sanitizer, and every barrier would be one.
if(STEELYARD_SANITIZE_THREADS)
  set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()

# Their many test programs, each with debug information, are linked faster by gold.
if(STEELYARD_SANITIZE OR STEELYARD_SANITIZE_THREADS)
  include(CheckLinkerFlag)
  check_linker_flag(C -fuse-ld=gold HAS_GOLD)
  if(HAS_GOLD)
    add_link_options(-fuse-ld=gold)
  endif()
endif()

# Debug information and checks as above, at a speed worth fuzzing; libFuzzer itself is linked by the
# fuzz targets alone.
if(STEELYARD_FUZZ)
  set(CMAKE_C_FLAGS_DEBUG "-O2 -g -fno-omit-frame-pointer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
