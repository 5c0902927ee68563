package dev.fid.testkit;

import dev.fid.testkit.Fault.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compares what arrives with a stream's pattern, and says of wrong bytes where they belong.
///
/// After a mismatch it looks the bytes up in the pattern and goes on from there. What it has seen
/// is so a list of runs; gaps between them that are filled later were reordered, the others are
/// missing, and a run over bytes that were there already is a duplicate.
final class Checker {
  private static final int PROBE = 16;

  /// A look-up reads the whole table: a stream with more wrong places than this is given up.
  private static final int MOST_LOOKUPS = 64;

  private record Range(long from, long to) {}

  private final Pattern pattern;
  private final long total;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Range> gaps = new ArrayList<>();
  private @Nullable ByteBuffer carried;
  private long runStart;
  private long next;
  private long high;
  private long received;
  private int lookups;

  Checker(Pattern pattern, long total) {
    this.pattern = pattern;
    this.total = total;
  }

  long received() {
    return received;
  }

  boolean complete() {
    return received >= total;
  }

  /// Consumes all of the buffer.
  void accept(ByteBuffer bytes) {
    received += bytes.remaining();
    ByteBuffer all = withCarried(bytes);
    check(all, PROBE);
    if (all.hasRemaining()) {
      carried = ByteBuffer.allocate(all.remaining()).put(all).flip();
    }
    bytes.position(bytes.limit());
  }

  /// Everything that was wrong; `tail` is what an early end is called.
  List<Fault> end(Kind tail) {
    if (carried != null) {
      check(carried, 1);
      carried = null;
    }
    endRun();
    gaps.forEach(gap -> add(Kind.MISSING, gap.from, gap.to - gap.from));
    gaps.clear();
    if (high < total) {
      add(tail, high, total - high);
      high = total;
    }
    return List.copyOf(faults);
  }

  private ByteBuffer withCarried(ByteBuffer bytes) {
    if (carried == null) {
      return bytes;
    }
    ByteBuffer joined = ByteBuffer.allocate(carried.remaining() + bytes.remaining());
    joined.put(carried).put(bytes).flip();
    carried = null;
    return joined;
  }

  /// Leaves fewer than `probe` bytes unread where these are wrong and too few to be looked up.
  private void check(ByteBuffer bytes, int probe) {
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), Pattern.LONGEST);
      ByteBuffer piece = bytes.slice(bytes.position(), length);
      int wrong = piece.mismatch(pattern.slice(next, length));
      int right = wrong < 0 ? length : wrong;
      bytes.position(bytes.position() + right);
      next += right;
      if (wrong >= 0) {
        if (bytes.remaining() < probe) {
          return;
        }
        resume(bytes);
      }
    }
  }

  private void resume(ByteBuffer bytes) {
    if (++lookups > MOST_LOOKUPS) {
      corrupt(bytes, bytes.remaining());
      return;
    }
    ByteBuffer key = bytes.slice(bytes.position(), Math.min(PROBE, bytes.remaining()));
    long place = pattern.find(key, next, total);
    if (place < 0) {
      corrupt(bytes, 1);
    } else {
      endRun();
      runStart = place;
      next = place;
    }
  }

  private void corrupt(ByteBuffer bytes, int length) {
    Fault last = faults.isEmpty() ? null : faults.getLast();
    if (last != null && last.kind() == Kind.CORRUPT && last.offset() + last.length() == next) {
      faults.removeLast();
      add(Kind.CORRUPT, last.offset(), last.length() + length);
    } else {
      add(Kind.CORRUPT, next, length);
    }
    bytes.position(bytes.position() + length);
    next += length;
  }

  private void endRun() {
    if (runStart > high) {
      gaps.add(new Range(high, runStart));
    } else if (runStart < high) {
      again(runStart, Math.min(next, high));
    }
    if (next > total) {
      add(Kind.SURPLUS, Math.max(total, runStart), next - Math.max(total, runStart));
    }
    high = Math.max(high, next);
    runStart = next;
  }

  /// Bytes below the highest seen: late where there is a gap, duplicates elsewhere.
  private void again(long from, long to) {
    long late = 0;
    for (int i = gaps.size() - 1; i >= 0; i--) {
      Range gap = gaps.get(i);
      long start = Math.max(from, gap.from);
      long end = Math.min(to, gap.to);
      if (start < end) {
        gaps.remove(i);
        if (end < gap.to) {
          gaps.add(i, new Range(end, gap.to));
        }
        if (gap.from < start) {
          gaps.add(i, new Range(gap.from, start));
        }
        add(Kind.REORDERED, start, end - start);
        late += end - start;
      }
    }
    if (late < to - from) {
      add(Kind.DUPLICATED, from, to - from - late);
    }
  }

  private void add(Kind kind, long offset, long length) {
    faults.add(Fault.of(kind, offset, length));
  }
}
