package dev.fid.splice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import dev.fid.testkit.OpenFiles;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A [Splicer] for each test, which must leave no map entry and no descriptor behind.
final class Engine implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
  static final int CAPACITY = 128;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final boolean kernel;
  private @Nullable OpenFiles before;
  private @Nullable Splicer splicer;

  /// @param kernel false: everything is relayed
  Engine(boolean kernel) {
    this.kernel = kernel;
  }

  Splicer splicer() {
    return Objects.requireNonNull(splicer);
  }

  @MustBeClosed
  private Splicer open() throws Exception {
    return new Splicer(1, CAPACITY, kernel);
  }

  /// The first one opens what the JVM then keeps.
  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    try (Splicer first = open();
        Ends ends = Ends.tcp()) {
      ends.splice(first, SpliceOptions.defaults());
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by afterEach
  public void beforeEach(ExtensionContext context) throws Exception {
    before = OpenFiles.self();
    splicer = open();
    if (kernel) {
      assertThat(splicer.kernelPath()).isEqualTo(new KernelPath.Available(""));
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    try (Splicer used = splicer()) {
      assertThat(used.mapEntries()).as("entries left in the maps").isZero();
    }
    Objects.requireNonNull(before).assertBack(PATIENCE);
  }
}
