package dev.fid.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/// Waits for SIGTERM or SIGINT. A second one ends the process at once, with 1.
final class StopSignal {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final Runnable endAtOnce;

  StopSignal(Runnable endAtOnce) {
    this.endAtOnce = endAtOnce;
  }

  /// Takes over both signals of this process.
  static StopSignal install() {
    StopSignal stop = new StopSignal(() -> Runtime.getRuntime().halt(1));
    stop.handle("TERM");
    stop.handle("INT");
    return stop;
  }

  void received() {
    if (asked.getCount() == 0) {
      endAtOnce.run();
    }
    asked.countDown();
  }

  void await() throws InterruptedException {
    asked.await();
  }

  /// By reflection: a shutdown hook cannot see a second signal nor choose the exit code, and javac
  /// warns of every mention of sun.misc.Signal, which module jdk.unsupported exports.
  private void handle(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object toReceived =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, _, _) -> {
                received();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), toReceived);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("jdk.unsupported lacks sun.misc.Signal", e);
    }
  }
}
