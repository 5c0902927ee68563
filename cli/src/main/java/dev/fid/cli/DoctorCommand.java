package dev.fid.cli;

import dev.fid.Fid;
import dev.fid.bpf.FeatureState;
import dev.fid.bpf.KernelFeature;
import dev.fid.bpf.Preflight;
import dev.fid.bpf.VsockPreflight;
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
      "Ends with 0 where splicing in the kernel works, with 1 where it does not."
    })
final class DoctorCommand implements Callable<Integer> {
  private final PrintWriter out;

  DoctorCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    DoctorTable table = new DoctorTable(out);
    table.title("This machine");
    Preflight.run().checks().forEach(check -> row(table, check));
    table.title("Its kernel");
    for (KernelFeature feature : KernelFeature.values()) {
      probe(table, feature);
    }
    table.title("vsock");
    VsockPreflight.run().forEach(check -> row(table, check));
    table.title("Fid");
    return kernelPath(table) ? 0 : 1;
  }

  private static void row(DoctorTable table, Preflight.Check check) {
    table.row(
        check.title(), check.passed() ? "yes" : "no", check.found(), check.advice().orElse(""));
  }

  private static void probe(DoctorTable table, KernelFeature feature) {
    switch (feature.probe()) {
      case FeatureState.Supported _ -> table.row(feature.title(), "yes", "", "");
      case FeatureState.Unsupported(String since, String reason) ->
          table.row(feature.title(), "no", reason, "needs " + since + " or later");
      case FeatureState.Unknown(String reason) ->
          table.row(feature.title(), "?", "could not tell: " + reason, "");
    }
  }

  private static void pausing(DoctorTable table, String unpausable) {
    String title = "pausing TCP sources in the kernel";
    if (unpausable.isEmpty()) {
      table.row(title, "yes", "", "");
    } else {
      table.row(title, "no", "what a slow target does not take at once is copied", unpausable);
    }
  }

  /// The proof: the programs are loaded and attached.
  private static boolean kernelPath(DoctorTable table) throws IOException {
    try (Fid fid = Fid.open()) {
      return switch (fid.kernelPath()) {
        case KernelPath.Available(String unpausable) -> {
          table.row("splicing in the kernel", "yes", "programs load and attach", "");
          pausing(table, unpausable);
          yield true;
        }
        case KernelPath.Unavailable(String reason) -> {
          table.row("splicing in the kernel", "no", "every byte is relayed in user space", reason);
          yield false;
        }
      };
    }
  }
}
