# Functions to declare targets: one library per directory, one test executable per directory of tests.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness: without it, ccache caches nothing that uses a precompiled header. Depend mode: it takes the headers
  # from the compiler's dependency file and does not preprocess each file a second time. The base directory, and what
  # it needs: another checkout, or the same one on a bare machine of the same Debian, finds what this one has compiled.
  set(ccache_command env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_COMPILERCHECK=content
                         CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache_command})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_command})
endif()

# Compile options of all our targets. A switch that forgets an enumerator is an error in every preset.
add_library(roicast_compile_options INTERFACE)
target_compile_features(roicast_compile_options INTERFACE cxx_std_20)
target_compile_options(roicast_compile_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                       $<IF:$<BOOL:${ROICAST_WERROR}>,-Werror,-Werror=switch>)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(ROICAST_SANITIZE)
  add_compile_options(-fsanitize=${ROICAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROICAST_SANITIZE})
endif()
# ThreadSanitizer does not see the mutexes of the packaged Abseil: base/tsan_mutex.cc wraps these functions.
if(ROICAST_SANITIZE MATCHES "thread")
  foreach(symbol 4LockEv 6UnlockEv 10ReaderLockEv 12ReaderUnlockEv 5AwaitERKNS0_9ConditionE
          16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE 17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE)
    # -u links base even if only a shared library refers to the wrappers.
    add_link_options(-Wl,--wrap=_ZN4absl7debian35Mutex${symbol} -Wl,-u,__wrap__ZN4absl7debian35Mutex${symbol})
  endforeach()
endif()

set(CMAKE_UNITY_BUILD OFF)
# Sets RESULT to files that include SOURCES of the current directory, ROICAST_UNITY_BUILD of them each. By paths within the
# tree: CMake's own unity files have absolute ones, and ccache would find them in no other checkout.
function(roicast_unity_files result name)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
  set(files "")
  set(sources ${ARGN})
  while(sources)
    list(SUBLIST sources 0 ${ROICAST_UNITY_BUILD} together)
    list(REMOVE_ITEM sources ${together})
    list(TRANSFORM together REPLACE "(.+)" "#include \"${folder}/\\1\"\n")
    list(JOIN together "" text)
    list(LENGTH files number)
    set(file ${CMAKE_CURRENT_BINARY_DIR}/unity/${name}_${number}.cc)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}")
    list(APPEND files ${file})
  endwhile()
  set(${result} ${files} PARENT_SCOPE)
endfunction()

# roicast_library(base SOURCES status.cc DEPS absl::status [PRIVATE_DEPS OpenSSL::Crypto])
# defines roicast_base with the alias roicast::base. DEPS are needed by its headers, PRIVATE_DEPS only by its sources.
# Most presets compile a target's sources together (ROICAST_UNITY_BUILD), except where FILE_BY_FILE is given: on hot paths,
# where the compiler's choice of what to inline is not to depend on neighbours, or where files have options of their own.
function(roicast_library name)
  cmake_parse_arguments(ARG "FILE_BY_FILE" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SOURCES)
    if(ROICAST_UNITY_BUILD AND NOT ARG_FILE_BY_FILE)
      roicast_unity_files(ARG_SOURCES ${name} ${ARG_SOURCES})
    endif()
    add_library(roicast_${name} STATIC ${ARG_SOURCES})
    target_include_directories(roicast_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(roicast_${name} PUBLIC ${ARG_DEPS} PRIVATE roicast_compile_options ${ARG_PRIVATE_DEPS})
    target_compile_features(roicast_${name} PUBLIC cxx_std_20)
  else()
    add_library(roicast_${name} INTERFACE)
    target_include_directories(roicast_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(roicast_${name} INTERFACE ${ARG_DEPS})
    target_compile_features(roicast_${name} INTERFACE cxx_std_20)
  endif()
  add_library(roicast::${name} ALIAS roicast_${name})
endfunction()

# Tests spend their compile time in headers and templates of GoogleTest and gRPC, and hardly any run time in their own
# code. So they share one precompiled header and are compiled without optimisation; the code under test is compiled as the
# preset says.
# -pthread: a precompiled header is used only by files that are compiled with the same flag.
# NOMINMAX for the same reason: on Debian 13 gRPC's dependencies define it for those who link them.
set(test_options -O0 -fpch-preprocess -pthread -DNOMINMAX)
if(ROICAST_BUILD_TESTS)
  add_library(roicast_test_headers OBJECT ${PROJECT_SOURCE_DIR}/tests/testing/precompiled.cc)
  target_link_libraries(roicast_test_headers PRIVATE roicast_compile_options gRPC::grpc++ GTest::gmock GTest::gtest)
  # In angle brackets CMake writes no path of this tree into it, so that ccache finds it again in another one.
  target_include_directories(roicast_test_headers PRIVATE ${PROJECT_SOURCE_DIR})
  target_precompile_headers(roicast_test_headers PRIVATE <tests/testing/precompiled.h>)
  # As executables are compiled: a precompiled header serves no other mode.
  set_target_properties(roicast_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(roicast_test_headers PRIVATE ${test_options} -fPIE)
endif()

# roicast_test(model_data SOURCES table_test.cc DEPS roicast::model_data [LABELS integration] [TIMEOUT 120])
# defines one GoogleTest executable; each TEST is a separate ctest.
function(roicast_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name}_test PRIVATE ${test_options})
  target_precompile_headers(${name}_test REUSE_FROM roicast_test_headers)
  target_link_libraries(${name}_test PRIVATE roicast_compile_options ${ARG_DEPS} GTest::gmock GTest::gtest
                        GTest::gtest_main)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
include(GoogleTest)
