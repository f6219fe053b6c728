# The server and the command, on debian:bookworm-slim. Built from the same scripts as everywhere else.
#   docker build -t roicast .
#   docker run -p 127.0.0.1:8500:8500 -p 127.0.0.1:8501:8501 -v roicast:/var/lib/roicast roicast
#
# Tags move. Pin the base of a release to a digest:
#   docker pull debian:bookworm-slim && docker image inspect --format '{{index .RepoDigests 0}}' debian:bookworm-slim
#   docker build --build-arg BASE=docker.io/library/debian@sha256:… \
#     --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) -t roicast:0.1.0 .
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY scripts/install_deps.sh scripts/
RUN scripts/install_deps.sh build
COPY . .
RUN cmake --preset release -DROICAST_BUILD_TESTS=OFF -DROICAST_BUILD_BENCH=OFF \
 && cmake --build --preset release --parallel "$(nproc)" \
 && DESTDIR=/out cmake --install build/release --prefix /usr --strip

# Only what the binaries load, and nothing that a running server never reads. The licences of Debian's packages stay.
FROM ${BASE} AS runtime
COPY scripts/install_deps.sh /tmp/
RUN /tmp/install_deps.sh runtime \
 && groupadd --gid 10001 roicast \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/roicast --shell /usr/sbin/nologin roicast \
 && install -d -o roicast -g roicast -m 0750 /var/lib/roicast \
 && find /usr/share/doc -type f ! -name copyright -delete \
 && find /usr/share/doc -type d -empty -delete \
 && rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
           /usr/share/man/* /usr/share/info/* /usr/share/lintian /usr/share/locale/* /usr/lib/*/gconv
COPY --from=build /out/ /

# One layer, so that files deleted above take no space in the image.
FROM scratch
ARG BASE
ARG VERSION=unknown
ARG REVISION=unknown
COPY --from=runtime / /
LABEL org.opencontainers.image.title="roicast" \
      org.opencontainers.image.description="Predicts the return on investment of marketing campaigns" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}"
ENV PATH=/usr/local/bin:/usr/bin:/bin
USER 10001:10001
VOLUME /var/lib/roicast
EXPOSE 8500 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["/usr/bin/roicast", "health", "--server", "127.0.0.1:8500"]
ENTRYPOINT ["/usr/bin/roicast-server"]
CMD ["--store", "/var/lib/roicast"]
