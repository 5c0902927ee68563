package dev.fid.cli.bench.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// nginx's stream module, keeping half-closed connections as Fid does.
public final class Nginx implements Peer {
  private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

  private final Program program = Program.named("nginx", "nginx-light libnginx-mod-stream");

  @Override
  public String id() {
    return "nginx";
  }

  @Override
  public String description() {
    return "nginx stream, a worker a processor; proxy_half_close on, or udp reuseport";
  }

  @Override
  public Optional<String> missing() {
    if (program.find().isPresent() && !hasStream()) {
      return Optional.of("nginx has no stream module: apt-get install libnginx-mod-stream");
    }
    return program.missing();
  }

  private boolean hasStream() {
    return Files.exists(MODULE) || !program.versionLine("-V", "--with-stream ").startsWith("of an");
  }

  @Override
  public String version() {
    return program.versionLine("-v", "nginx");
  }

  @Override
  public Launch launch(Ends ends) {
    boolean datagrams = ends.pair().datagrams();
    return new Launch(
        List.of(program.path(), "-e", "stderr", "-c", ends.file(".conf").toString()),
        ends.file(".conf"),
        """
        %sdaemon off;
        user root;
        pid %s;
        error_log stderr error;
        worker_processes auto;
        worker_rlimit_nofile 65536;
        events { worker_connections 32768; }
        stream {
          server {
            listen %s;
            proxy_pass %s;
            %s
          }
        }
        """
            .formatted(
                Files.exists(MODULE) ? "load_module " + MODULE + ";\n" : "",
                ends.file(".pid"),
                ends.front("unix:") + (datagrams ? " udp reuseport" : " backlog=4096"),
                ends.back("unix:"),
                datagrams ? "proxy_timeout 1m;" : "proxy_half_close on; proxy_timeout 1h;"));
  }
}
