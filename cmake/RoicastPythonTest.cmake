# Debian's Python: another one on the PATH would not find the modules from Debian's packages. Only tests need it, so a
# build continues without it; its tests then fail and name it.
find_program(ROICAST_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)

# roicast_python_test(deploy.Manifests manifests_test [TIMEOUT 60] [LABELS slow] [ENVIRONMENT NAME=value…])
# runs a unittest module of the current directory as one ctest, which is skipped if all its tests are.
function(roicast_python_test name module)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_test(NAME ${name} COMMAND ${ROICAST_PYTHON} -B ${PROJECT_SOURCE_DIR}/tests/testing/run_unittest.py ${module}
           WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77 LABELS "${ARG_LABELS}"
                       ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
