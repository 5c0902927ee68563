package dev.fid.bpf;

import dev.fid.bpf.ffi.LibBpf;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.regex.Pattern;

/// Loads without a verifier log, and once more with one after a failure.
final class ObjectLoader {
  private static final Pattern REFUSED = Pattern.compile("prog '([^']+)': BPF program load failed");
  private static final Pattern NO_MAP = Pattern.compile("map '([^']+)': failed to create");

  /// A log that does not fit fails the load by itself with ENOSPC before Linux 6.4.
  private static final long LOG_BYTES = 16L << 20;

  private ObjectLoader() {}

  static BpfObject load(BpfSpec spec) throws BpfException {
    var opened = OpenObject.open(spec);
    var heard = new StringBuilder();
    int failure = LibBpf.objectLoad(opened.pointer(), heard);
    if (failure == 0) {
      return new BpfObject(opened);
    }
    opened.close();
    throw explained(spec, -failure, heard.toString());
  }

  private static BpfException explained(BpfSpec spec, int errno, String heard) throws BpfException {
    var map = first(NO_MAP, heard);
    if (map.isPresent()) {
      return LoadFailure.of("create map " + map.get(), errno, heard, Kernel.running());
    }
    var program = first(REFUSED, heard);
    if (program.isEmpty()) {
      return LoadFailure.of("load " + spec.name(), errno, heard, Kernel.running());
    }
    String what = "load " + program.get();
    String log = verifierLog(spec, program.get());
    // Without CAP_PERFMON the verifier refuses what it takes from others, and speaks of pointers.
    return log.isBlank() || !Kernel.running().missingCapabilities().isEmpty()
        ? LoadFailure.of(what, errno, heard, Kernel.running())
        : new VerifierException(what, errno, log);
  }

  private static String verifierLog(BpfSpec spec, String program) throws BpfException {
    try (var arena = Arena.ofConfined();
        var opened = OpenObject.open(spec)) {
      var log = arena.allocate(LOG_BYTES);
      var refused = opened.program(program);
      LibBpf.programSetLogBuf(refused, log);
      LibBpf.programSetLogLevel(refused, 1);
      LibBpf.objectLoad(opened.pointer(), new StringBuilder());
      return log.getString(0);
    }
  }

  private static Optional<String> first(Pattern pattern, String text) {
    var matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
