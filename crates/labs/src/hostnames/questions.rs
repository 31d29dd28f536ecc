//! Whom the resolver asks, and how long the caller waits for the answer.

use std::time::Duration;
use std::{io, thread};

use super::name_server::NameServer;
use super::network::SERVER;
use super::resolver::{PORT, ask, resolve_within};
use crate::lab::Lab;
use crate::tcp::failed_with;
use crate::threads::start;

/// With the dot at its end it is a whole name. Without, the resolver would ask
/// for it with this machine's own domain behind it, too.
const NO_SUCH_NAME: &str = "no-such-name.example.";

pub(super) fn nobody_asked(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("A literal address, and the name in the file. Who is asked?");
    let server = NameServer::bind()?;
    let literal = ask(lab, "192.0.2.1", PORT)?;
    lab.found("the literal took", lab.took());
    ask(lab, SERVER, PORT)?;
    lab.found("the name took", lab.took());
    let questions = server.unanswered()?;
    lab.found("questions that the name server got", questions.len());
    lab.claim(
        literal == [([192, 0, 2, 1], PORT).into()] && questions.is_empty(),
        "A literal is read, and a name in the file is found there. The name \
         server learns of neither.",
    );
    Ok(())
}

pub(super) fn no_such_name(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about("A name that stands in no file. The name server knows no names.");
    let server = NameServer::bind()?;
    let (found, questions) =
        thread::scope(|scope| -> io::Result<(_, Vec<String>)> {
            let questions = start(scope, || server.deny())?;
            let found = ask(lab, NO_SUCH_NAME, PORT);
            server.stop()?;
            let questions = questions.join().expect("it doesn't panic");
            Ok((found, questions?))
        })?;
    tell(lab, &questions);
    let error = found.err();
    lab.claim(
        error.is_some_and(|error| error.raw_os_error().is_none())
            && !questions.is_empty(),
        "The answer was no. That is an error without a number: it comes from \
         the resolver, and not from the kernel.",
    );
    Ok(())
}

fn tell(lab: &mut Lab, questions: &[String]) {
    for question in questions {
        lab.found("the name server was asked for", question.as_str());
    }
}

pub(super) fn silence(lab: &mut Lab) -> anyhow::Result<()> {
    lab.about(
        "Now the name server says nothing. Here the resolver may ask it once, \
         for 1 s (options timeout:1 attempts:1 in /etc/resolv.conf; the \
         defaults are 5 s, twice).",
    );
    let server = NameServer::bind()?;
    let asked = lab.ask(
        "What will getaddrinfo do?",
        &["fail at once", "wait, then fail", "wait for ever"],
    );
    let found = ask(lab, NO_SUCH_NAME, PORT);
    let waited = lab.took();
    let has_waited = waited >= Duration::from_secs(1);
    lab.answer(asked, found.is_err().then_some(usize::from(has_waited)));
    let questions = server.unanswered()?;
    tell(lab, &questions);
    lab.claim(
        found.is_err() && has_waited && !questions.is_empty(),
        "The call has no timeout of its own: it came back when the resolver \
         gave up, and the program waited.",
    );

    lab.about("The cure: a thread waits, and the program gives up before.");
    let patience = Duration::from_millis(200);
    let call = "the same, in a thread, for 200 ms";
    let result = lab.call("client", call, || {
        resolve_within(NO_SUCH_NAME, PORT, patience)
    });
    let is_over = failed_with(&result, io::ErrorKind::TimedOut);
    lab.claim(
        is_over && lab.took() >= patience,
        "The program goes on after its own 200 ms. The thread still waits, and \
         is left behind.",
    );
    Ok(())
}
