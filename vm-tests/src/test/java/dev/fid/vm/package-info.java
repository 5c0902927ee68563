/// Pipes between this machine and a guest of its own.
@NullMarked
package dev.fid.vm;

import org.jspecify.annotations.NullMarked;
