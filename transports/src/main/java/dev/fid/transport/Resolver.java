package dev.fid.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Finds the addresses of a name; may block.
@FunctionalInterface
public interface Resolver {
  InetAddress[] resolve(String host) throws UnknownHostException;
}
