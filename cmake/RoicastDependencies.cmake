# All dependencies come from Debian packages: see scripts/install_deps.sh.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Boost 1.74 CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
if(ROICAST_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
if(ROICAST_BUILD_BENCH)
  find_package(benchmark CONFIG REQUIRED)
endif()

# Debian's libnghttp2 comes without a CMake file.
find_path(NGHTTP2_INCLUDE_DIR nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(nghttp2::nghttp2 UNKNOWN IMPORTED)
set_target_properties(nghttp2::nghttp2 PROPERTIES IMPORTED_LOCATION ${NGHTTP2_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${NGHTTP2_INCLUDE_DIR})

# Debian's libzstd comes without a CMake file.
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(zstd::zstd UNKNOWN IMPORTED)
set_target_properties(zstd::zstd PROPERTIES IMPORTED_LOCATION ${ZSTD_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${ZSTD_INCLUDE_DIR})

# Debian 12's utfcpp has another target name than Debian 13's, and another folder.
find_path(UTFCPP_INCLUDE_DIR utf8.h PATH_SUFFIXES utf8cpp REQUIRED)
add_library(utfcpp::utfcpp INTERFACE IMPORTED)
set_target_properties(utfcpp::utfcpp PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${UTFCPP_INCLUDE_DIR})
