// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Calls a function that no kernel has, as a newer object does on an older kernel. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern int bpf_of_a_later_kernel(int number) __ksym;

SEC("tc")
int calls_later(struct __sk_buff *skb)
{
	return bpf_of_a_later_kernel(1);
}
