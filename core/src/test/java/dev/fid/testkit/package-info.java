/// Traffic for end-to-end tests: drives any relay from outside, with real sockets, and checks every
/// byte.
@NullMarked
package dev.fid.testkit;

import org.jspecify.annotations.NullMarked;
