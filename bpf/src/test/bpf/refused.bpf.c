// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Two programs, the second of which no verifier accepts: it reads the packet without a look at its end. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tc")
int accepted(struct __sk_buff *skb)
{
	return 0;
}

SEC("tc")
int reads_too_far(struct __sk_buff *skb)
{
	return *(volatile int *)(long)skb->data;
}
