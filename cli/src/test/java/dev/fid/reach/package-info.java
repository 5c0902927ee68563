/// Fid from end to end, on the real kernel: what it promises of bytes, memory, failures and load.
@NullMarked
package dev.fid.reach;

import org.jspecify.annotations.NullMarked;
