/// Wires Fid into an application's injector.
@NullMarked
package dev.fid.guice;

import org.jspecify.annotations.NullMarked;
