package dev.fid.bpf.testing;

import dev.fid.bpf.FeatureState;
import dev.fid.bpf.KernelFeature;
import dev.fid.bpf.KernelVersion;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// Compares versions first, and asks the probes only of a kernel that should know.
final class RequiresKernelCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), RequiresKernel.class)
        .map(required ->
            evaluate(
                KernelVersion.running(),
                KernelVersion.parse(required.value()),
                List.of(required.probing()),
                KernelFeature::probe))
        .orElseGet(() -> ConditionEvaluationResult.enabled("any kernel"));
  }

  static ConditionEvaluationResult evaluate(
      KernelVersion running,
      KernelVersion required,
      List<KernelFeature> features,
      Function<KernelFeature, FeatureState> probe) {
    if (running.compareTo(required) < 0) {
      String reason = "needs Linux %s, this is %s".formatted(required, running);
      System.out.println("skipped: " + reason);
      return ConditionEvaluationResult.disabled(reason);
    }
    for (var feature : features) {
      var state = probe.apply(feature);
      if (!(state instanceof FeatureState.Supported)) {
        throw new AssertionError(
            "Linux %s should have %s: %s".formatted(running, feature.title(), state));
      }
    }
    return ConditionEvaluationResult.enabled("Linux " + running);
  }
}
