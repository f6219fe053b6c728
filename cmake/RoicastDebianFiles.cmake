# Runs between the installation into CPack's folder and the making of the package: the files that have their own places
# on Debian.
set(root ${CPACK_TEMPORARY_DIRECTORY})
file(MAKE_DIRECTORY ${root}/etc/roicast)
file(COPY_FILE ${root}/usr/share/roicast/server.conf ${root}/etc/roicast/server.conf)
file(COPY_FILE ${CPACK_ROICAST_DEBIAN_FOLDER}/copyright ${root}/usr/share/doc/roicast/copyright)
# The licence is part of Debian: `copyright` says where.
file(REMOVE ${root}/usr/share/doc/roicast/LICENSE)
