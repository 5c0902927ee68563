package dev.fid.splice;

import dev.fid.splice.SpliceStats.Outcome;
import java.nio.ByteBuffer;
import java.util.List;

/// A connected socket in the hands of a splice, and what becomes of it at the end.
public sealed interface Custody {
  /// Its descriptor belongs to the splice for as long as that lasts.
  Endpoint endpoint();

  /// What was received on the socket before the splice, and goes to the other side first: bytes of
  /// a stream, in order, or datagrams, one each.
  List<ByteBuffer> head();

  /// There will be no splice.
  void decline();

  /// A socket that is the splice's own: closed at its end, and handed over when it is undone.
  record Given(Endpoint endpoint) implements Custody {
    @Override
    public List<ByteBuffer> head() {
      return List.of();
    }

    @Override
    public void decline() {
      endpoint.discard();
    }
  }

  /// A socket that stays its application's: the splice works with a duplicate of the descriptor,
  /// and closes just that.
  ///
  /// @param lender is told once, on any thread, when the splice has nothing to do with the socket
  ///   any more
  record Lent(Loan loan, List<ByteBuffer> head, Lender lender) implements Custody {
    public Lent {
      head = List.copyOf(head);
    }

    /// With one piece of what was received, or with none where that is empty.
    public Lent(Loan loan, ByteBuffer head, Lender lender) {
      this(loan, pieces(head), lender);
    }

    private static List<ByteBuffer> pieces(ByteBuffer head) {
      return head.hasRemaining() ? List.of(head) : List.of();
    }

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
  /// @param unread what was received on it and not given to the other side, and comes before what
  ///   the socket has to read: bytes of a stream, in order, or datagrams, one each
  /// @param outcome how the splice ended: [Outcome.Undone] alone leaves streams of use, and loses
  ///   no datagram; a datagram socket is of use in any case
  record Returned(List<ByteBuffer> unread, Outcome outcome) {
    public Returned {
      unread = List.copyOf(unread);
    }
  }
}
