/// UDP to TCP, with a length in front of each message.
@NullMarked
package dev.fid.samples.dns;

import org.jspecify.annotations.NullMarked;
