/// How bytes move: splices, lanes, gates, the pump and the relay.
@NullMarked
package dev.fid.splice;

import org.jspecify.annotations.NullMarked;
