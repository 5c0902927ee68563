// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Writes records to a ring as user space orders them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define DISCARDED_BYTES 24

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

/* As large as a map needs to be for a mapping that ends inside a page. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u8[12]);
} odd SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} unmapped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

struct order {
	__u32 size;
	__u32 discard;
	__u64 value;
};

struct {
	__u64 value;
	__u8 rest[248];
} record;

/* The packet is 16 bytes of header and an order. */
SEC("tc")
int write_record(struct __sk_buff *skb)
{
	struct order *order = (void *)(long)skb->data + 16;
	void *reserved;

	if ((void *)(order + 1) > (void *)(long)skb->data_end)
		return -1;
	if (order->discard) {
		reserved = bpf_ringbuf_reserve(&ring, DISCARDED_BYTES, 0);
		if (!reserved)
			return -1;
		bpf_ringbuf_discard(reserved, 0);
		return 0;
	}
	record.value = order->value;
	return bpf_ringbuf_output(&ring, &record, order->size & 0xff, 0);
}

static __always_inline void touch(__u32 index)
{
	__u8 *value = bpf_map_lookup_elem(&odd, &index);

	if (value)
		value[11] += 1 + index;
}

/* Adds 1, 2 and 3 to the last bytes of the entries. */
SEC("tc")
int touch_odd(struct __sk_buff *skb)
{
	touch(0);
	touch(1);
	touch(2);
	return 0;
}
