package dev.fid.bpf;

import static dev.fid.bpf.AttachType.SK_MSG_VERDICT;
import static dev.fid.bpf.AttachType.SK_SKB_STREAM_PARSER;
import static dev.fid.bpf.AttachType.SK_SKB_STREAM_VERDICT;
import static dev.fid.bpf.AttachType.SK_SKB_VERDICT;

import dev.fid.bpf.FeatureState.Supported;
import dev.fid.bpf.FeatureState.Unknown;
import dev.fid.bpf.FeatureState.Unsupported;
import dev.fid.bpf.ffi.LibBpf;
import dev.fid.os.Errno;

/// What Fid asks of a kernel, each with a probe that tries it.
///
/// The numbers are those of `enum bpf_map_type`, `enum bpf_prog_type` and `enum bpf_func_id`.
public enum KernelFeature {
  BTF("type information (BTF)", "Linux 5.2", Probe::btf),
  SOCKMAP("sockmap", "Linux 4.14", Probe.mapType(15)),
  SOCKHASH("sockhash", "Linux 4.18", Probe.mapType(18)),
  RINGBUF("ring buffer", "Linux 5.8", Probe.mapType(27)),
  SK_SKB("sk_skb programs", "Linux 4.14", Probe.programType(14)),
  SK_MSG("sk_msg programs", "Linux 4.17", Probe.programType(16)),
  SOCK_OPS("sock_ops programs", "Linux 4.13", Probe.programType(13)),
  SCHED_CLS("tc programs", "Linux 4.1", Probe.programType(3)),
  VERDICT_ATTACH("skb verdict", "Linux 5.13", Probe.attach("probe_skb", SK_SKB_VERDICT)),
  STREAM_VERDICT_ATTACH(
      "stream verdict", "Linux 4.14", Probe.attach("probe_skb", SK_SKB_STREAM_VERDICT)),
  STREAM_PARSER_ATTACH(
      "stream parser", "Linux 4.14", Probe.attach("probe_parser", SK_SKB_STREAM_PARSER)),
  MSG_VERDICT_ATTACH("message verdict", "Linux 4.17", Probe.attach("probe_msg", SK_MSG_VERDICT)),
  SK_REDIRECT_HASH("bpf_sk_redirect_hash", "Linux 4.18", Probe.helper(14, 72)),
  GET_SOCKET_COOKIE("bpf_get_socket_cookie", "Linux 4.12", Probe.helper(14, 46)),
  SK_RELEASE("bpf_sk_release", "Linux 4.20", Probe.helper(14, 86)),
  RINGBUF_OUTPUT("bpf_ringbuf_output", "Linux 5.8", Probe.helper(14, 130)),
  SKC_TO_UNIX_SOCK("bpf_skc_to_unix_sock", "Linux 5.16", Probe.helper(14, 178)),
  RDONLY_CAST("bpf_rdonly_cast", "Linux 6.2", Probe.kernelFunction("bpf_rdonly_cast")),
  CAST_TO_KERN_CTX(
      "bpf_cast_to_kern_ctx", "Linux 6.2", Probe.kernelFunction("bpf_cast_to_kern_ctx")),
  SKB_ADJUST_ROOM("bpf_skb_adjust_room", "Linux 5.10 for sk_skb", Probe.helper(14, 50)),
  SOCK_OPS_FLAGS("bpf_sock_ops_cb_flags_set", "Linux 4.16", Probe.helper(13, 59)),
  TCP_ENROL("TCP sockets in a sockhash", "Linux 4.18", Probe::tcpSocket),
  UNIX_ENROL("UNIX stream sockets in a sockhash", "Linux 5.15", Probe::unixSocket);

  private final String title;
  private final String since;
  private final Probe probe;

  KernelFeature(String title, String since, Probe probe) {
    this.title = title;
    this.since = since;
    this.probe = probe;
  }

  public String title() {
    return title;
  }

  /// The first kernel that has it, such as `Linux 5.8`.
  public String since() {
    return since;
  }

  /// Tries it on the running kernel; leaves nothing behind.
  public FeatureState probe() {
    return LibBpf.missing()
        .<FeatureState>map(Unknown::new)
        .orElseGet(() -> ask(probe, Kernel.running()));
  }

  /// A probe without the capabilities looks like one of a kernel without the feature.
  FeatureState ask(Probe probe, Kernel kernel) {
    try {
      int answer = probe.ask();
      if (answer > 0) {
        return new Supported();
      }
      var missing = kernel.missingCapabilities();
      if (!missing.isEmpty()) {
        return new Unknown("EPERM: " + Advice.capabilities(missing));
      }
      return answer == 0
          ? new Unsupported(since, "not in this kernel, Linux " + kernel.version())
          : new Unknown(Errno.name(-answer));
    } catch (BpfException e) {
      return new Unknown(String.valueOf(e.getMessage()));
    }
  }

  static String sinceOf(String title) {
    for (var feature : values()) {
      if (feature.title.equals(title)) {
        return feature.since;
      }
    }
    return "a later Linux";
  }
}
