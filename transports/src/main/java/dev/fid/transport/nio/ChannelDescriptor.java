package dev.fid.transport.nio;

import dev.fid.os.Fds;
import dev.fid.os.OsException;
import dev.fid.os.Sockets;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Finds the descriptor of a JDK channel.
///
/// With `--add-exports java.base/sun.nio.ch=ALL-UNNAMED` (in the manifest of an executable jar:
/// `Add-Exports: java.base/sun.nio.ch`) the channel is asked. Without, the socket is marked: the
/// channel sets a random SO_LINGER, which no other socket of the process has, and the descriptor
/// that shows it is duplicated. Then the channel sets another, and the duplicate must show that one
/// too. That proves, whatever other threads open and close meanwhile, that it is the same socket.
/// It takes a look at each descriptor of the process: about a microsecond each. A channel of
/// datagrams has no SO_LINGER, and is marked by its SO_SNDBUF.
final class ChannelDescriptor {
  private static final Path MINE = Path.of("/proc/self/fd");
  private static final @Nullable MethodHandle ASK = ask();

  /// Seconds of SO_LINGER: what nobody would ask for, and the JDK allows. Or bytes.
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
  static int duplicate(SelectableChannel channel) throws IOException {
    int own = ASK == null ? search(channel) : duplicate(channel, ASK);
    if (!channel.isOpen()) {
      Fds.close(own); // its number may have been somebody else's
      throw new IOException("it was closed meanwhile");
    }
    return own;
  }

  private static int duplicate(SelectableChannel channel, MethodHandle ask) throws IOException {
    try {
      return Fds.duplicate((int) ask.invoke(channel));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static int search(SelectableChannel channel) throws IOException {
    return channel instanceof SocketChannel stream
        ? search(stream, StandardSocketOptions.SO_LINGER, Sockets::linger)
        : search(
            (NetworkChannel) channel,
            StandardSocketOptions.SO_SNDBUF,
            Sockets::payloadOfSendBuffer);
  }

  private static int search(
      NetworkChannel channel, SocketOption<Integer> option, IntUnaryOperator shown)
      throws IOException {
    int before = channel.getOption(option);
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(MINE)) {
      int mark = mark(channel, option);
      for (Path descriptor : descriptors) {
        int fd = Integer.parseInt(descriptor.getFileName().toString());
        if (shown.applyAsInt(fd) == mark) {
          int own = proven(channel, option, shown, fd);
          if (own >= 0) {
            return own;
          }
          mark = mark(channel, option);
        }
      }
    } finally {
      channel.setOption(option, before);
    }
    throw new IOException(
        "its descriptor was not found: is /proc mounted? Or run with --add-exports"
            + " java.base/sun.nio.ch=ALL-UNNAMED");
  }

  /// A duplicate that shows the next mark too, or -1.
  private static int proven(
      NetworkChannel channel, SocketOption<Integer> option, IntUnaryOperator shown, int fd)
      throws IOException {
    int own;
    try {
      own = Fds.duplicate(fd);
    } catch (OsException closedMeanwhile) {
      return -1;
    }
    try {
      int next = mark(channel, option);
      if (shown.applyAsInt(own) == next) {
        return own;
      }
    } catch (Throwable e) {
      Fds.close(own);
      throw e;
    }
    Fds.close(own);
    return -1;
  }

  private static int mark(NetworkChannel channel, SocketOption<Integer> option) throws IOException {
    int mark = ThreadLocalRandom.current().nextInt(LEAST_MARK, MOST_MARK);
    channel.setOption(option, mark);
    return mark;
  }
}
