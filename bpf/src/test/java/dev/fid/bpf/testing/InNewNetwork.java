package dev.fid.bpf.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Each test of the class runs in a network namespace of its own, on a thread of its own, as do its
/// `@BeforeEach` and `@AfterEach`. Threads that it starts are in there too.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InNewNetworkExtension.class)
public @interface InNewNetwork {}
