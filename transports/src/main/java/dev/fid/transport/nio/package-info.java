/// Splices the JDK's socket channels.
@NullMarked
package dev.fid.transport.nio;

import org.jspecify.annotations.NullMarked;
