# What `cmake --install` lays down beside the binaries, and the Debian package:
#   cmake --build --preset release && cpack -G DEB --config build/release/CPackConfig.cmake -B build/package
set(ROICAST_PACKAGE_MAINTAINER "roicast maintainers <roicast@localhost>" CACHE STRING
    "Maintainer of the Debian package: name <address>")

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY deploy/alertmanager deploy/prometheus deploy/grafana DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
# systemd looks into <prefix>/lib of /usr and /usr/local alike.
install(FILES deploy/systemd/roicast.service DESTINATION lib/systemd/system)
install(FILES deploy/systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME roicast.conf)
# A sample: an installation must not replace a configuration in /etc. The package makes it a conffile there.
install(FILES deploy/systemd/server.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/roicast)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME roicast)
set(CPACK_PACKAGE_CONTACT "${ROICAST_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "predicted return on investment of marketing campaigns over gRPC")
set(CPACK_PACKAGE_DESCRIPTION "roicast trains a neural network on past campaigns and predicts the return on investment of
planned ones. This package has the server with its systemd unit, and the command roicast.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/RoicastDebianFiles.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, sqlite3")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian_folder ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian_folder}/conffiles ${debian_folder}/postinst ${debian_folder}/prerm
    ${debian_folder}/postrm)
set(CPACK_ROICAST_DEBIAN_FOLDER ${debian_folder})
include(CPack)
