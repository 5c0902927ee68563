package dev.fid.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/// What a command printed in this JVM, and its exit code.
record Cli(int exit, String out, String err) {
  static Cli run(String... args) {
    StringWriter out = new StringWriter();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Main.commandLine(new PrintWriter(out, true), new PrintStream(err, true, UTF_8), args)
            .execute(args);
    return new Cli(exit, out.toString(), err.toString(UTF_8));
  }
}
