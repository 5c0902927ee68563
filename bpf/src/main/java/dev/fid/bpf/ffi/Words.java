package dev.fid.bpf.ffi;

import static dev.fid.bpf.ffi.Native.unexpected;

import java.lang.invoke.MethodHandle;

/// Calls functions that take and give words ([Library#words]): pointers as addresses, whose memory
/// the caller keeps, and integers. An `int` is the low half of what they give.
final class Words {
  private Words() {}

  static long call(MethodHandle function) {
    try {
      return (long) function.invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long call(MethodHandle function, long first) {
    try {
      return (long) function.invokeExact(first);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long call(MethodHandle function, long first, long second) {
    try {
      return (long) function.invokeExact(first, second);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long call(MethodHandle function, long first, long second, long third) {
    try {
      return (long) function.invokeExact(first, second, third);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long call(MethodHandle function, long first, long second, long third, long fourth) {
    try {
      return (long) function.invokeExact(first, second, third, fourth);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
