//! What can't be seen of a program, told when it does it: as far as anybody can tell.

use libc::{c_int, pid_t};

use super::Recorder;
use crate::linux::decode::{self, Given};
use crate::linux::filter::ARCHITECTURE;
use crate::linux::kernel::is_hidden;
use crate::linux::memory::ThreadMemory;
use crate::linux::sys::Entry;
use crate::linux::tracer::{ESCAPES, FILTERING};
use crate::record::{Side, Value};

/// Operations of `seccomp` (`linux/seccomp.h`); one less than those of `prctl`.
const STRICT: u64 = 0;
const FILTER: u64 = 1;

impl Recorder {
    /// A filter of the program's own goes before ours: where it refuses a call, we aren't
    /// told of that. And with ours in place, nobody gets the strict mode.
    pub(crate) fn look_for_filter(&mut self, has_filter: bool, thread: pid_t, entry: Entry) {
        if !has_filter || entry.architecture != ARCHITECTURE {
            return;
        }
        let [first, second, third, ..] = entry.arguments;
        let (mode, program) = match i64::try_from(entry.number) {
            Ok(number) if number == FILTERING[0] => (first, third),
            Ok(number)
                if number == FILTERING[1]
                    && c_int::try_from(first) == Ok(libc::PR_SET_SECCOMP)
                    && second > 0 =>
            {
                (second - 1, third)
            }
            _ => return,
        };
        let text = match mode {
            STRICT => {
                "asks for seccomp's strict mode, which it doesn't get beside the filter of the \
                 watching; --no-filter lets it"
            }
            // Without a program it only asks whether the kernel knows of filters.
            FILTER if program != 0 => {
                "filters its own calls (seccomp): those that it refuses itself aren't seen; \
                 --no-filter shows them"
            }
            _ => return,
        };
        self.say_once(self.side(thread), text.to_owned());
    }

    /// Whose descriptors may not be looked at has no sockets, as far as can be seen.
    pub(super) fn look_whether_hidden(&mut self, thread: pid_t) {
        // Looked at once for each call, until it is so: a process can ask for it any time.
        if self.may_see_all || self.is_told_of_hidden || !is_hidden(thread) {
            return;
        }
        self.is_told_of_hidden = true;
        let text = "lets nobody look into it, since its program may not be read, or since it \
                    wants that (PR_SET_DUMPABLE): what it reads, writes and closes isn't \
                    seen; root sees it";
        self.say_once(self.side(thread), text.to_owned());
    }

    /// A child that its parent makes with CLONE_UNTRACED can't be watched.
    pub(super) fn look_for_escape(&mut self, thread: pid_t, entry: Entry) {
        let flags = match i64::try_from(entry.number) {
            Ok(number) if number == ESCAPES[0] => entry.arguments[0],
            // `struct clone_args` begins with the flags (clone(2)).
            Ok(number) if number == ESCAPES[1] => {
                let memory: &dyn decode::Memory = &ThreadMemory(thread);
                let bytes = memory.read(entry.arguments[0], 8);
                bytes.try_into().map_or(0, u64::from_le_bytes)
            }
            _ => return,
        };
        if flags & libc::CLONE_UNTRACED as u64 != 0 {
            let text = "starts a thread or process that nobody may watch (CLONE_UNTRACED): its \
                        socket calls fail with ENOSYS; --no-filter lets it run unseen";
            self.say_once(self.side(thread), text.to_owned());
        }
    }

    /// A gap is told of.
    pub(super) fn tell_what_is_unseen(&mut self, side: Side, name: &str, given: &Given) {
        let is_zero_copy = |value: &Value| value.to_string().contains("MSG_ZEROCOPY");
        let text = match name {
            "io_uring_setup" => {
                "uses io_uring: what goes through it isn't a call, and isn't seen here; \
                 a capture of the packets shows it"
            }
            "sendfile" | "splice" => {
                "moves bytes inside the kernel (sendfile, splice): how many is seen, not \
                 which; a capture of the packets shows them"
            }
            _ if given.arguments.iter().any(|it| is_zero_copy(&it.value)) => {
                "sends with MSG_ZEROCOPY: the bytes are those at the call, and may change \
                 until they go; a capture of the packets shows them"
            }
            _ => return,
        };
        self.say_once(Some(side), text.to_owned());
    }
}
