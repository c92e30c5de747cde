//! Threads that can do nothing but compute and read what is open already.
//!
//! Two walls of the Linux kernel, each where the running kernel has it: Landlock
//! (<https://docs.kernel.org/userspace-api/landlock.html>) takes away the file system and the network,
//! and a seccomp filter (<https://docs.kernel.org/userspace-api/seccomp_filter.html>) refuses every
//! system call that is not in a short list, with `EPERM`, so that nothing is killed for asking.
//! `io_uring`, which could open and connect behind the back of a filter, is not in the list.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// The newest Landlock whose rights are asked for; an older kernel gives what it has.
const LANDLOCK: ABI = ABI::V6;
/// The stack of a sandboxed thread, as that of the main thread: parsers of nested things recurse.
const STACK_BYTES: usize = 8 << 20;

/// What could be enforced on a thread.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sandbox {
    /// Landlock: the file system is out of reach.
    pub files: bool,
    /// Seccomp: system calls are filtered, which also takes files, sockets and programs away.
    pub calls: bool,
}

/// Why sandboxed work came to no result.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The system gives no thread.
    #[error("cannot start a thread to work in")]
    Thread(#[source] std::io::Error),
    /// The work panicked: a defect of this program, and the message of the panic.
    #[error("the thread that worked has failed: {0}")]
    Panicked(String),
}

impl Sandbox {
    /// Returns whether no file, socket or program can be opened, made or started.
    pub fn is_closed(self) -> bool {
        self.calls
    }
}

/// Restricts the current thread, and every thread that it will start, for good. Returns what the
/// kernel could enforce.
pub fn enter() -> Sandbox {
    let files = match restrict_files() {
        Ok(status) => status != RulesetStatus::NotEnforced,
        Err(error) => {
            tracing::debug!(%error, "landlock refused");
            false
        }
    };
    let calls = match restrict_calls() {
        Ok(()) => true,
        Err(error) => {
            tracing::debug!(%error, "seccomp refused");
            false
        }
    };
    let sandbox = Sandbox { files, calls };
    if sandbox.is_closed() {
        tracing::debug!(landlock = files, seccomp = calls, "sandbox entered");
    } else {
        tracing::warn!(landlock = files, seccomp = calls, "sandbox not enforced by this kernel");
    }
    sandbox
}

/// Runs work on a fresh thread in a sandbox, waits for it, and returns what it returned.
///
/// A panic in it is an error, not the end of the program.
pub fn run<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, SandboxError> {
    std::thread::scope(|scope| start(scope, |_| work())?.join().unwrap_or_else(|_| Err(lost())))
}

/// A thread in a sandbox that ends with what its work returned.
pub(crate) type Running<'scope, T> = std::thread::ScopedJoinHandle<'scope, Result<T, SandboxError>>;

/// Starts work on a fresh thread in a sandbox, and tells it what is enforced.
pub(crate) fn start<'scope, T: Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    work: impl FnOnce(Sandbox) -> T + Send + 'scope,
) -> Result<Running<'scope, T>, SandboxError> {
    std::thread::Builder::new()
        .name("plimsoll-parse".to_owned())
        .stack_size(STACK_BYTES)
        .spawn_scoped(scope, || {
            let sandbox = enter();
            catch_unwind(AssertUnwindSafe(|| work(sandbox))).map_err(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                SandboxError::Panicked(text.unwrap_or("no message").to_owned())
            })
        })
        .map_err(SandboxError::Thread)
}

/// Words that a thread ended in a way that [`start`] does not know.
pub(crate) fn lost() -> SandboxError {
    SandboxError::Panicked("it ended without a result".to_owned())
}

/// Rules are made for accesses that shall stay possible; there is none.
fn restrict_files() -> Result<RulesetStatus, landlock::RulesetError> {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?;
    Ok(ruleset.create()?.restrict_self()?.ruleset)
}

fn restrict_calls() -> Result<(), seccompiler::Error> {
    // The flags of `clone3` lie in memory where no filter sees them. Told that there is no such
    // call, the C library starts threads by `clone`.
    let no_clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let no_such_call = SeccompAction::Errno(libc::ENOSYS as u32);
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    // The filter that is entered last runs first, and the stricter answer counts, `EPERM` and
    // `ENOSYS` being equals: that of the last one. So the list goes in first.
    apply(allowed_calls()?, refused, SeccompAction::Allow)?;
    apply(no_clone3, SeccompAction::Allow, no_such_call)
}

fn apply(
    calls: BTreeMap<i64, Vec<SeccompRule>>,
    others: SeccompAction,
    these: SeccompAction,
) -> Result<(), seccompiler::Error> {
    let arch = std::env::consts::ARCH.try_into().map_err(seccompiler::Error::from)?;
    let filter = SeccompFilter::new(calls, others, these, arch)?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)
}

/// What a parser, its allocator, its threads and its log to stderr need.
const ALLOWED_CALLS: &[i64] = &[
    // Files that are open.
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_fadvise64,
    // Memory.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads, and waiting for each other. `seccomp` and Landlock can only take away more.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_restrict_self,
    libc::SYS_membarrier,
    libc::SYS_prctl,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_seccomp,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    // Time and chance.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
];

fn allowed_calls() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::Error> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED_CALLS.iter().map(|&call| (call, Vec::new())).collect();
    let thread = libc::CLONE_THREAD as u64;
    calls.insert(libc::SYS_clone, vec![rule(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    // Progress bars ask for the width of the terminal; other requests could write to it.
    let requests = [libc::TIOCGWINSZ, libc::TCGETS];
    let requests = requests.map(|request| rule(1, SeccompCmpOp::Eq, request));
    calls.insert(libc::SYS_ioctl, requests.into_iter().collect::<Result<_, _>>()?);
    // The log goes to stderr; nothing is written to a file or a socket that other threads have open.
    for call in [libc::SYS_write, libc::SYS_writev] {
        calls.insert(call, vec![rule(0, SeccompCmpOp::Eq, libc::STDERR_FILENO as u64)?]);
    }
    // Of an open file, not of a path.
    let open = libc::AT_EMPTY_PATH as u64;
    calls.insert(libc::SYS_statx, vec![rule(2, SeccompCmpOp::MaskedEq(open), open)?]);
    Ok(calls)
}

fn rule(
    argument: u8,
    operation: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operation, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::process::Command;

    use super::*;

    /// Says so where the kernel has no seccomp, since then nothing can be shown.
    fn skipped(test: &str) -> bool {
        let closed = run(|| enter().is_closed()).unwrap();
        if !closed {
            eprintln!("skipped: {test}: this kernel does not enforce seccomp");
        }
        !closed
    }

    #[test]
    fn inside_nothing_can_be_opened_made_or_started() {
        if skipped("inside_nothing_can_be_opened_made_or_started") {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("there");
        fs_err::write(&path, "there").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let made = folder.path().join("made");
        let denied = run(|| {
            [
                TcpStream::connect(address).err(),
                TcpListener::bind("127.0.0.1:0").err(),
                UdpSocket::bind("127.0.0.1:0").err(),
                std::os::unix::net::UnixStream::connect(&path).err(),
                Command::new("/bin/true").status().err(),
                File::create(&made).err(),
                File::open(&path).err(),
                File::options().append(true).open(&path).err(),
                std::fs::remove_file(&path).err(),
                std::fs::rename(&path, &made).err(),
                std::fs::create_dir(&made).err(),
                std::fs::read_dir(folder.path()).err(),
                std::os::unix::fs::symlink(&path, &made).err(),
            ]
            .map(|error| error.map(|error| error.kind()))
        })
        .unwrap();
        for (index, kind) in denied.into_iter().enumerate() {
            assert_eq!(kind, Some(std::io::ErrorKind::PermissionDenied), "attempt {index}");
        }
        assert_eq!(fs_err::read(&path).unwrap(), b"there");
        assert!(!made.exists());
    }

    #[test]
    fn inside_nothing_is_written_to_what_is_open() {
        if skipped("inside_nothing_is_written_to_what_is_open") {
            return;
        }
        let mut file = tempfile::tempfile().unwrap();
        let written = run(|| file.write(b"x").map_err(|error| error.kind())).unwrap();
        assert_eq!(written, Err(std::io::ErrorKind::PermissionDenied));
    }

    #[test]
    fn inside_open_files_memory_and_threads_still_work() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"open before").unwrap();
        file.rewind().unwrap();
        let text = run(|| {
            let big = vec![1u8; 64 << 20];
            let sum = std::thread::scope(|scope| {
                scope.spawn(|| big.iter().map(|&byte| u64::from(byte)).sum::<u64>()).join()
            });
            assert_eq!(sum.unwrap(), 64 << 20);
            let hashed = std::collections::HashMap::from([(1, 2)]);
            assert_eq!(hashed[&1], 2);
            let mut text = String::new();
            file.read_to_string(&mut text).map(|_| text)
        });
        assert_eq!(text.unwrap().unwrap(), "open before");
    }

    #[test]
    fn a_thread_started_inside_is_inside() {
        if skipped("a_thread_started_inside_is_inside") {
            return;
        }
        let refused = run(|| std::thread::spawn(|| UdpSocket::bind("127.0.0.1:0").is_err()).join());
        assert!(refused.unwrap().unwrap());
    }

    #[test]
    fn outside_stays_unharmed() {
        run(|| ()).unwrap();
        UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(Command::new("/bin/true").status().unwrap().success());
        tempfile::tempfile().unwrap();
    }

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let error = run(|| panic!("a test of panics")).unwrap_err();
        assert!(error.to_string().ends_with("a test of panics"), "{error}");
    }

    #[test]
    fn a_sandbox_in_a_sandbox_works() {
        assert_eq!(run(|| run(|| 7).unwrap()).unwrap(), 7);
    }
}
