package dev.fid.splice;

import dev.fid.os.Sockets;
import dev.fid.splice.SpliceStats.Outcome;
import java.nio.ByteBuffer;

/// A connected socket in the hands of a splice, and what becomes of it at the end.
public sealed interface Custody {
  /// Its descriptor belongs to the splice for as long as that lasts.
  Endpoint endpoint();

  /// Bytes that were received on the socket before the splice: they go to the other side first.
  ByteBuffer head();

  /// There will be no splice.
  void decline();

  /// A socket that is the splice's own: closed at its end, and handed over when it is undone.
  record Given(Endpoint endpoint) implements Custody {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    @Override
    public ByteBuffer head() {
      return NOTHING;
    }

    @Override
    public void decline() {
      Sockets.reset(endpoint.fd());
    }
  }

  /// A socket that stays its application's: the splice works with a duplicate of the descriptor,
  /// and closes just that.
  ///
  /// @param lender is told once, on any thread, when the splice has nothing to do with the socket
  ///   any more
  record Lent(Loan loan, ByteBuffer head, Lender lender) implements Custody {
    @Override
    public Endpoint endpoint() {
      return loan.endpoint();
    }

    @Override
    public void decline() {
      end(new Returned(head, new Outcome.Undone()));
    }

    void end(Returned how) {
      loan.close();
      lender.returned(how);
    }
  }

  /// Takes back what it lent.
  interface Lender {
    void returned(Returned how);
  }

  /// How a socket comes back.
  ///
  /// @param unread bytes that were received on it and not given to the other side: they come before
  ///   what the socket has to read
  /// @param outcome how the splice ended: [Outcome.Undone] alone leaves sockets of use
  record Returned(ByteBuffer unread, Outcome outcome) {}
}
