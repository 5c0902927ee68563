package dev.fid.bpf.testing;

import dev.fid.bpf.KernelFeature;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The test needs this Linux or a later one: it is skipped on an older one, and fails on a new
/// enough one whose probes deny a feature.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresKernelCondition.class)
public @interface RequiresKernel {
  /// Such as `6.4`.
  String value();

  /// What a kernel of that version must have.
  KernelFeature[] probing() default {};
}
