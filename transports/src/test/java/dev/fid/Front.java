package dev.fid;

import dev.fid.pipe.Address;
import dev.fid.pipe.Pipe;
import dev.fid.pipe.PipeSpec;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Pipes of 127.0.0.1 for tests, and where clients reach them.
public final class Front {
  private Front() {}

  /// Listens on a free port.
  public static PipeSpec.Builder to(String name, SocketAddress back) {
    return PipeSpec.builder(name).listen("tcp://127.0.0.1:0").connect(uri(back));
  }

  public static String uri(SocketAddress address) {
    return "tcp://127.0.0.1:" + ((InetSocketAddress) address).getPort();
  }

  public static SocketAddress of(Pipe pipe) {
    Address.Tcp address = (Address.Tcp) pipe.listenAddress();
    return new InetSocketAddress(address.host(), address.port());
  }
}
