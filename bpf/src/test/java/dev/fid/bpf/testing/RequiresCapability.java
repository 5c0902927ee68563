package dev.fid.bpf.testing;

import dev.fid.bpf.ffi.Capability;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The test needs a capability: where it is missing it fails, or is skipped with
/// `-Dfid.without-bpf=true`.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresCapabilityCondition.class)
public @interface RequiresCapability {
  Capability value();
}
