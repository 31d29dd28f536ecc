//! Numbers and addresses of a system call, as names, values and bytes.
