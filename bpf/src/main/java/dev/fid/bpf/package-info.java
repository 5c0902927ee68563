/// Programs and maps in the kernel, typed.
@NullMarked
package dev.fid.bpf;

import org.jspecify.annotations.NullMarked;
