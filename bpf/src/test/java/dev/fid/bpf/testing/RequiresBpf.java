package dev.fid.bpf.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The test loads programs into the kernel: where that is not permitted it fails, or is skipped
/// with `-Dfid.without-bpf=true`.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresBpfCondition.class)
public @interface RequiresBpf {}
