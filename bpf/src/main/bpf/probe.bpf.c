// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The least that tells whether BPF is permitted, and which attach types and sockets a sockhash takes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 2);
	__type(key, __u64);
	__type(value, __u64);
} probe_hash SEC(".maps");

SEC("sk_skb")
int probe_skb(struct __sk_buff *skb)
{
	return SK_PASS;
}

/* A parser's answer is the length of the message. */
SEC("sk_skb/stream_parser")
int probe_parser(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("sk_msg")
int probe_msg(struct sk_msg_md *msg)
{
	return SK_PASS;
}
