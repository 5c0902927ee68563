package dev.fid.cli.bench.peer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Every relay that can be measured, Fid first.
public final class Peers {
  private Peers() {}

  /// In the order of reports.
  ///
  /// @param nettyJar of Fid's `bench` module
  public static List<Peer> all(Path nettyJar) {
    List<Peer> all = new ArrayList<>(List.of(FidPeer.values()));
    all.addAll(
        List.of(
            HaProxy.AUTO,
            HaProxy.SPLICE,
            new Nginx(),
            new Socat(),
            new SystemdProxy(),
            new NettyPeer(nettyJar),
            new Direct()));
    return List.copyOf(all);
  }
}
