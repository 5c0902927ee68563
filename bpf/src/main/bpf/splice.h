/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The maps and structs that the splice programs share with user space; dev.fid.splice.LaneLayout mirrors struct lane.
 */
#ifndef FID_SPLICE_H
#define FID_SPLICE_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The top bit of a gate: verdicts pass. The rest counts the bytes passed and not yet consumed by user space. */
#define GATE_PASS (1ULL << 63)

enum lane_flags {
	/* The source pushes back by itself (UNIX): its skbs are always redirected. */
	LANE_UNGATED = 1,
	/* A TCP source: its skbs may overlap. */
	LANE_TCP = 2,
	/* `next_seq` is known: a first skb was seen. */
	LANE_SEQ_KNOWN = 4,
	/* A TCP source, and `pause_source` is attached. */
	LANE_PAUSABLE = 8,
	/* Ungated, and nothing pushes back (vsock): it asks user space to take the source out. */
	LANE_TELLS = 16,
};

enum lane_pause {
	RUNNING,
	/* The target's backlog is at its limit. */
	PAUSE_WANTED,
	/* The source is out of `sources`, and comes back by user space. */
	PAUSED,
	/* User space still has to take bytes off the source that had passed: not now. */
	PAUSE_HELD,
};

/* A pausable source is redirected until its next segment goes out; its window bounds what comes until then. What was
 * queued while it was paused, at most its receive buffer, comes at once when it is back. Beyond so many times the limit
 * something is wrong, such as a program of another cgroup that has set the flag: then it passes. */
#define PAUSE_SLACK 1024

enum backlog_state {
	BACKLOG_UNKNOWN,
	BACKLOG_KNOWN,
	BACKLOG_NO_TARGET,
};

/* One direction of a splice. Its slot number is the value in `slots`. */
struct lane {
	__u64 gate;
	__u64 cookie; /* of the source; 0: the slot is free */
	__u32 limit;  /* of the target's backlog, skbs */
	__u32 flags;
	__u32 slot; /* its own number */
	__u32 next_seq;
	__u64 redirected_bytes;
	__u64 redirected_skbs;
	__u64 passed_bytes;
	__u64 passed_skbs;
	__u64 closings;	       /* of the gate, and pauses */
	__u64 missed_skbs;     /* no target was found, so the gate was shut */
	__u64 no_target_bytes; /* dropped: ungated and no target */
	__u64 no_target_skbs;
	__u64 refused_bytes; /* dropped: the redirect helper said no */
	__u64 refused_skbs;
	__u64 max_backlog;   /* highest seen, skbs */
	__u64 overlap_bytes; /* trimmed: they had come before */
	__u32 pause;	     /* enum lane_pause */
	__u32 reserved[15];
};

struct backlog_query {
	__u64 cookie;
	__u32 backlog;
	__u32 state;
};

/* The program attached to this map is what makes a socket in it a source. Keyed by its own cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} sources SEC(".maps");

/* Where a source's bytes go, keyed by the source's cookie. No program: a target need not be a source. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} targets SEC(".maps");

/* The source's cookie to the number of its lane. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} slots SEC(".maps");

/* Mapped by user space, which reads the counters and opens the gates in place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lane);
} lanes SEC(".maps");

/* The TCP ports of which `pause_source` looks after the connections: those accepted on them, and those made to them. A
 * mark on each socket would be storage to allocate, copy and free with each connection. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 16);
	__type(key, __u64);
	__type(value, __u32);
} pausable_ports SEC(".maps");

/* The slots (__u32) of lanes whose gate has just shut, or whose source was paused. Each is announced at most once until
 * user space has answered, so a ring of 32 bytes a lane cannot overflow. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} closings SEC(".maps");

#endif
