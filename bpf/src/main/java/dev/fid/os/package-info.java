/// Sockets, pipes and files by their descriptor.
@NullMarked
package dev.fid.os;

import org.jspecify.annotations.NullMarked;
