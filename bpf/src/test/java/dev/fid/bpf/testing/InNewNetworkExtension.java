package dev.fid.bpf.testing;

import dev.fid.bpf.ffi.NewNetwork;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Runs what belongs to a test on a thread that has entered a network namespace.
final class InNewNetworkExtension
    implements InvocationInterceptor, BeforeEachCallback, AfterEachCallback {
  private @Nullable ExecutorService thread;

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    ExecutorService started = Executors.newSingleThreadExecutor();
    thread = started;
    started
        .submit(() -> {
          NewNetwork.enter();
          return true;
        })
        .get();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Objects.requireNonNull(thread).shutdown();
  }

  private void there(Invocation<@Nullable Void> invocation) throws Throwable {
    try {
      Objects.requireNonNull(thread)
          .submit(() -> {
            try {
              invocation.proceed();
              return true;
            } catch (Exception | Error e) {
              throw e;
            } catch (Throwable e) {
              throw new AssertionError(e);
            }
          })
          .get();
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause());
    } catch (InterruptedException e) {
      // A test that hangs: nothing waits for it any more.
      Objects.requireNonNull(thread).shutdownNow();
      throw e;
    }
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    there(invocation);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    there(invocation);
  }

  @Override
  public void interceptTestMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    there(invocation);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    there(invocation);
  }
}
