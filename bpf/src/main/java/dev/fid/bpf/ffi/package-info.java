/// The C functions that Fid calls, in C's words; the only place with a Linker.
@NullMarked
package dev.fid.bpf.ffi;

import org.jspecify.annotations.NullMarked;
