package dev.fid.bpf.testing;

import dev.fid.bpf.BpfException;
import dev.fid.bpf.BpfSpec;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Loads a small object to learn whether BPF is permitted.
final class RequiresBpfCondition implements ExecutionCondition {
  static final String WITHOUT_BPF = "fid.without-bpf";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return evaluate(refusal(), Boolean.getBoolean(WITHOUT_BPF), context.getDisplayName());
  }

  static ConditionEvaluationResult evaluate(
      Optional<String> refusal, boolean withoutBpf, String test) {
    if (refusal.isEmpty()) {
      return ConditionEvaluationResult.enabled("BPF is permitted");
    }
    if (!withoutBpf) {
      throw new AssertionError(
          "%s needs BPF: %s (-D%s=true skips such tests)"
              .formatted(test, refusal.get(), WITHOUT_BPF));
    }
    System.out.printf("skipped: %s needs BPF: %s%n", test, refusal.get());
    return ConditionEvaluationResult.disabled(refusal.get());
  }

  private static Optional<String> refusal() {
    try (var _ = BpfSpec.resource("probe").load()) {
      return Optional.empty();
    } catch (BpfException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
