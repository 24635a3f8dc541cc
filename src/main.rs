//! The program: hands arguments and streams to the command line.

use std::process::ExitCode;
use wirestep::cli::{Streams, run};

#[expect(clippy::disallowed_methods, reason = "the program is where arguments come from")]
fn main() -> ExitCode {
    let streams = Streams {
        input: &mut std::io::stdin(),
        output: &mut std::io::stdout(),
        errors: &mut std::io::stderr(),
    };
    run(std::env::args_os(), streams).into()
}
