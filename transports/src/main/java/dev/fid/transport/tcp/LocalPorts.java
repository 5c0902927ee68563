package dev.fid.transport.tcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ports that the kernel picks from for the local end of a connect.
record LocalPorts(int first, int last) {
  private static final Logger log = LoggerFactory.getLogger(LocalPorts.class);
  private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  /// What the kernel says, for IPv4 and IPv6; every port where it does not say.
  static LocalPorts read() {
    try {
      // By lines, whose reader asks for a whole buffer: /proc/sys answers the first read and no
      // other, and readString first asks for one byte of a file whose size is 0.
      return parse(Files.readAllLines(RANGE).getFirst());
    } catch (IOException | NumberFormatException e) {
      log.debug("read {}: {}", RANGE, e.toString());
      return new LocalPorts(0, 65535);
    }
  }

  static LocalPorts parse(String range) {
    List<String> ends = List.of(range.strip().split("\\s+"));
    return new LocalPorts(Integer.parseInt(ends.getFirst()), Integer.parseInt(ends.getLast()));
  }

  boolean contains(int port) {
    return first <= port && port <= last;
  }
}
