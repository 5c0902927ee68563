package dev.fid.config;

import dev.fid.pipe.PipeSpec;
import java.util.List;
import java.util.Optional;

/// What one or more pipe files declare together.
///
/// @param metrics where to serve `/metrics` and `/healthz`
public record FidFile(Optional<HostPort> metrics, List<PipeSpec> pipes) {
  public FidFile {
    pipes = List.copyOf(pipes);
  }
}
