/// What Fid does inside the JVM, measured with JMH.
@NullMarked
package dev.fid.bench.jmh;

import org.jspecify.annotations.NullMarked;
