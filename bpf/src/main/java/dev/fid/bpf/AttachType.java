package dev.fid.bpf;

/// Where in a map of sockets a program is attached.
public enum AttachType {
  SK_SKB_STREAM_PARSER(4),
  SK_SKB_STREAM_VERDICT(5),
  SK_MSG_VERDICT(7),
  /// Excludes SK_SKB_STREAM_VERDICT on the same map; needs Linux 5.13.
  SK_SKB_VERDICT(38);

  /// `enum bpf_attach_type`
  final int number;

  AttachType(int number) {
    this.number = number;
  }
}
