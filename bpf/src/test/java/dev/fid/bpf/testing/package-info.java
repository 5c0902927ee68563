/// What a test says of the kernel that it needs.
@NullMarked
package dev.fid.bpf.testing;

import org.jspecify.annotations.NullMarked;
