/// The facade: open Fid, splice sockets, run pipes.
@NullMarked
package dev.fid;

import org.jspecify.annotations.NullMarked;
