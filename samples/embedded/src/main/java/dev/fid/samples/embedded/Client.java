package dev.fid.samples.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fid.pipe.Address;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

/// A client that knows nothing of pipes: says a name, reads the greeting.
final class Client {
  private Client() {}

  static String ask(Address pipe, String name) throws IOException {
    Address.Tcp address = (Address.Tcp) pipe;
    try (Socket socket = new Socket(address.host(), address.port())) {
      socket.getOutputStream().write((name + "\n").getBytes(UTF_8));
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
    }
  }
}
