package dev.fid.cli;

import dev.fid.Fid;
import dev.fid.splice.KernelPath;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `fid doctor`: what this machine can do, and for each "no" what to do about it.
@Command(
    name = "doctor",
    description = {
      "Says what this machine can do, and for each \"no\" what to do about it.",
      "Ends with 0 where splicing in the kernel works."
    })
final class DoctorCommand implements Callable<Integer> {
  private final PrintWriter out;

  DoctorCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    try (Fid fid = Fid.open()) {
      return switch (fid.kernelPath()) {
        case KernelPath.Available _ -> {
          out.println("splicing in the kernel: yes");
          yield 0;
        }
        case KernelPath.Unavailable unavailable -> {
          out.println("splicing in the kernel: no: " + unavailable.reason());
          yield 1;
        }
      };
    }
  }
}
