package dev.fid.bpf.testing;

import dev.fid.bpf.ffi.Capability;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// Asks the kernel what this thread may do.
final class RequiresCapabilityCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), RequiresCapability.class)
        .map(RequiresCapability::value)
        .map(needed ->
            evaluate(
                needed,
                needed.isHeld(),
                Boolean.getBoolean(RequiresBpfCondition.WITHOUT_BPF),
                context.getDisplayName()))
        .orElseGet(() -> ConditionEvaluationResult.enabled("no capability is needed"));
  }

  static ConditionEvaluationResult evaluate(
      Capability needed, boolean held, boolean withoutBpf, String test) {
    if (held) {
      return ConditionEvaluationResult.enabled("CAP_" + needed + " is held");
    }
    String reason = "%s needs CAP_%s".formatted(test, needed);
    if (!withoutBpf) {
      throw new AssertionError(
          "%s (-D%s=true skips such tests)".formatted(reason, RequiresBpfCondition.WITHOUT_BPF));
    }
    System.out.println("skipped: " + reason);
    return ConditionEvaluationResult.disabled(reason);
  }
}
