/* cgroup v2 has no file with a list of devices. It has a program that is asked: bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE. */
#include "launch.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

// #region bpf
int host_bpf_prog_load(const union arg *a)
{
	const struct blob program = a[1].blob;
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
	attributes.insn_cnt = program.size / sizeof(struct bpf_insn);
	attributes.insns = (uintptr_t)program.bytes;
	attributes.license = (uintptr_t) "Apache-2.0";
	return fill_slot(a[0].number, syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
}

int host_bpf_prog_attach(const union arg *a)
{
	union bpf_attr attributes = { .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI };
	int cgroup = slot(a[0].number) < 0 ? -1 : open(a[1].text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		return -1;
	attributes.target_fd = cgroup;
	attributes.attach_bpf_fd = slot(a[0].number);
	return with_fd(syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes), cgroup);
}
// #endregion bpf
