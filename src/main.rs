//! The program: hands arguments and streams to the command line, and opens the window where that
//! is asked for.

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::process::ExitCode;
use wirestep::cli::{Exit, Look, Outcome, Streams, Window, complain, run};

#[expect(clippy::disallowed_methods, reason = "the program is where arguments come from")]
fn main() -> ExitCode {
    let mut streams = Streams {
        input: &mut io::stdin(),
        output: &mut Pipe(io::stdout()),
        errors: &mut io::stderr(),
        look: look(),
    };
    let exit = match run(std::env::args_os(), &mut streams) {
        Outcome::Exit(exit) => exit,
        Outcome::Window(window) => open(window, &mut streams),
    };
    exit.into()
}

/// Colours are for people at a terminal who have not asked for none (<https://no-color.org>).
#[expect(clippy::disallowed_methods, reason = "the program is where the environment is read")]
fn look() -> Look {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stdout().is_terminal() && !unwanted { Look::Coloured } else { Look::Plain }
}

#[cfg(feature = "app")]
fn open(window: Window, streams: &mut Streams<'_>) -> Exit {
    use wirestep::app::shell::{Opening, open};
    let Window { library, file } = window;
    match open(Opening { library, file }) {
        Ok(()) => Exit::Done,
        Err(error) => complain(&error, streams),
    }
}

#[cfg(not(feature = "app"))]
fn open(_: Window, streams: &mut Streams<'_>) -> Exit {
    let words = "this program was built without its window; try wirestep --help, or build it with \
                 the feature app";
    complain(&words, streams)
}

/// Standard output that takes no offence when its reader has seen enough, as `head` has.
struct Pipe(io::Stdout);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }
}
