/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The few kernel structs that Fid reads, relocated against the running kernel's BTF when a program is loaded. */
#ifndef FID_KERNEL_H
#define FID_KERNEL_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define AF_UNIX 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	atomic64_t skc_cookie;
};

struct sk_buff_head {
	__u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	void *sk_user_data;
};

struct tcp_sock {
	__u32 copied_seq;
	__u8 bpf_sock_ops_cb_flags;
};

struct sk_buff {
	struct sock *sk;
	char cb[48];
};

struct tcp_skb_cb {
	__u32 seq;
};

struct unix_skb_parms {
	__u32 consumed;
};

struct sockaddr_un {
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[];
};

struct unix_sock {
	struct sock *peer;
	struct unix_address *addr;
};

struct sk_psock {
	struct sk_buff_head ingress_skb;
	unsigned long state;
};

#pragma clang attribute pop

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

/* What the kernel keeps for a socket in a sockmap. The low bits of sk_user_data are flags (SK_USER_DATA_PTRMASK,
 * include/net/sock.h). */
static __always_inline struct sk_psock *psock_of(void *bpf_sock)
{
	struct sock *sk = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct sock));
	void *psock = (void *)((long)sk->sk_user_data & ~7L);

	return bpf_rdonly_cast(psock, bpf_core_type_id_kernel(struct sk_psock));
}

/* The skbs that wait in it, not yet sent. */
static __always_inline __u32 psock_backlog(void *bpf_sock)
{
	return psock_of(bpf_sock)->ingress_skb.qlen;
}

/* Its flags: enum sk_psock_state_bits. */
static __always_inline __u64 psock_state(void *bpf_sock)
{
	return psock_of(bpf_sock)->state;
}

/* The skbs that wait to be read from a socket. */
static __always_inline __u32 receive_queue(void *bpf_sock)
{
	struct sock *sk = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct sock));

	return sk->sk_receive_queue.qlen;
}

/* Whether sock_ops programs run for each segment that a TCP socket sends. */
static __always_inline bool tcp_shows_segments(void *bpf_sock)
{
	struct tcp_sock *tp = bpf_rdonly_cast(bpf_sock, bpf_core_type_id_kernel(struct tcp_sock));

	return tp->bpf_sock_ops_cb_flags & BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG;
}

/* The sequence number of the first byte of an skb in a TCP receive queue. */
static __always_inline __u32 tcp_seq(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct tcp_skb_cb *)bpf_rdonly_cast(&skb->cb, bpf_core_type_id_kernel(struct tcp_skb_cb)))->seq;
}

/* The sequence number of the first byte that nobody has read from the TCP socket which receives this skb. */
static __always_inline __u32 tcp_copied_seq(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct tcp_sock *)bpf_rdonly_cast(skb->sk, bpf_core_type_id_kernel(struct tcp_sock)))->copied_seq;
}

/* The bytes of an skb in a UNIX stream's receive queue that were read already. */
static __always_inline __u32 unix_consumed(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);

	return ((struct unix_skb_parms *)bpf_rdonly_cast(&skb->cb, bpf_core_type_id_kernel(struct unix_skb_parms)))
		->consumed;
}

#endif
