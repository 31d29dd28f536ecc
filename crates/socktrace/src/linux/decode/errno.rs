//! Errors by name.

use crate::record::Errno;

use super::number::{Names, name, names};

/// The error with this number.
pub(crate) fn errno(number: i32) -> Errno {
    let name = name(ERRORS, number.into())
        .or_else(|| name(RESTARTS, number.into()))
        .map_or_else(|| format!("errno {number}"), str::to_owned);
    Errno { name, number }
}

/// Where a signal came in between. The program never sees them: it gets EINTR, or the
/// call begins again after the signal's handler. The numbers are the kernel's own, and
/// no header for programs has them.
const RESTARTS: Names = &[
    (512, "ERESTARTSYS"),
    (513, "ERESTARTNOINTR"),
    (514, "ERESTARTNOHAND"),
    (516, "ERESTART_RESTARTBLOCK"),
];

#[rustfmt::skip]
const ERRORS: Names = names! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES
    EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY
    ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG
    ENOLCK ENOSYS ENOTEMPTY ELOOP ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG
    EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT EBFONT ENOSTR ENODATA
    ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT
    EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC
    EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT
    EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE
    EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
    ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
    EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM
    EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD
    ENOTRECOVERABLE ERFKILL EHWPOISON
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: i32, expected: &str) {
        let errno = errno(number);
        assert_eq!((errno.name.as_str(), errno.number), (expected, number));
    }

    #[test]
    fn errors_have_names() {
        check(libc::EAGAIN, "EAGAIN");
        check(libc::ECONNRESET, "ECONNRESET");
        check(libc::EINPROGRESS, "EINPROGRESS");
        check(512, "ERESTARTSYS");
        check(516, "ERESTART_RESTARTBLOCK");
        check(4095, "errno 4095");
        check(-1, "errno -1");
    }

    #[test]
    fn none_is_left_out() {
        // EDEADLOCK and EWOULDBLOCK are other names; 41 and 58 are nobody's.
        let without = (1..=133).filter(|number| errno(*number).name.contains(' '));
        assert_eq!(without.collect::<Vec<_>>(), [41, 58]);
    }
}
