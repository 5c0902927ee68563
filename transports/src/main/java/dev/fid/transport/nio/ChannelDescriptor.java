package dev.fid.transport.nio;

import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Finds the descriptor of a JDK channel.
///
/// With `--add-exports java.base/sun.nio.ch=ALL-UNNAMED` (in the manifest of an executable jar:
/// `Add-Exports: java.base/sun.nio.ch`) the channel is asked. Without, the socket is marked: the
/// channel sets a random SO_LINGER, which no other socket of the process has, and the descriptor
/// that shows it is duplicated. Then the channel sets another, and the duplicate must show that one
/// too. That proves, whatever other threads open and close meanwhile, that it is the same socket.
/// It takes a look at each descriptor of the process: about a microsecond each.
final class ChannelDescriptor {
  private static final Path MINE = Path.of("/proc/self/fd");
  private static final @Nullable MethodHandle ASK = ask();

  /// Seconds of SO_LINGER: what nobody would ask for, and the JDK allows.
  private static final int LEAST_MARK = 20_000;

  private static final int MOST_MARK = 65_535;

  private ChannelDescriptor() {}

  private static @Nullable MethodHandle ask() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(
              Class.forName("sun.nio.ch.SelChImpl"), "getFDVal", MethodType.methodType(int.class));
    } catch (ReflectiveOperationException notExported) {
      return null;
    }
  }

  /// Whether channels are asked, and not searched for.
  static boolean isAsked() {
    return ASK != null;
  }

  /// A duplicate of the channel's descriptor. The caller owns it.
  static int duplicate(SocketChannel channel) throws IOException {
    int own = ASK == null ? search(channel) : duplicate(channel, ASK);
    if (!channel.isOpen()) {
      Fds.close(own); // its number may have been somebody else's
      throw new IOException("it was closed meanwhile");
    }
    return own;
  }

  private static int duplicate(SocketChannel channel, MethodHandle ask) throws IOException {
    try {
      return Fds.duplicate((int) ask.invoke(channel));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static int search(SocketChannel channel) throws IOException {
    int before = channel.getOption(StandardSocketOptions.SO_LINGER);
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(MINE)) {
      int mark = mark(channel);
      for (Path descriptor : descriptors) {
        int fd = Integer.parseInt(descriptor.getFileName().toString());
        if (Sockets.linger(fd) == mark) {
          int own = proven(channel, fd);
          if (own >= 0) {
            return own;
          }
          mark = mark(channel);
        }
      }
    } finally {
      channel.setOption(StandardSocketOptions.SO_LINGER, before);
    }
    throw new IOException(
        "its descriptor was not found: is /proc mounted? Or run with --add-exports"
            + " java.base/sun.nio.ch=ALL-UNNAMED");
  }

  /// A duplicate that shows the next mark too, or -1.
  private static int proven(SocketChannel channel, int fd) throws IOException {
    int own;
    try {
      own = Fds.duplicate(fd);
    } catch (OsException closedMeanwhile) {
      return -1;
    }
    try {
      int next = mark(channel);
      if (Sockets.linger(own) == next) {
        return own;
      }
    } catch (Throwable e) {
      Fds.close(own);
      throw e;
    }
    Fds.close(own);
    return -1;
  }

  private static int mark(SocketChannel channel) throws IOException {
    int mark = ThreadLocalRandom.current().nextInt(LEAST_MARK, MOST_MARK);
    channel.setOption(StandardSocketOptions.SO_LINGER, mark);
    return mark;
  }
}
