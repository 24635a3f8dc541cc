//! The command line as other programs meet it: exit codes, JSON keys, one clear line.

use serde_json::Value as Json;
use std::io::Write as _;
use std::process::{Command, Stdio};

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn wirestep(args: &[&str], input: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wirestep"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin was piped");
    stdin.write_all(input.as_bytes()).expect("the program reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    Said {
        code: output.status.code().expect("it was not killed"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

#[test]
fn decode_shows_the_fields_of_the_rfc_example() {
    let said = wirestep(&["decode", "818537fa213d7f9f4d5158"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    for word in ["FIN", "RSV1", "opcode", "MASK", "payload len", "37fa213d", "\"Hello\""] {
        assert!(said.out.contains(word), "{word} is missing in\n{}", said.out);
    }
}

#[test]
fn decode_json_has_the_keys_of_the_contract() {
    let said = wirestep(&["decode", "-", "--format", "json"], "81 85 37fa213d\n7f 9f 4d 51 58 c1");
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    let frame = &json["frames"][0];
    assert_eq!(frame["opcode_name"], "text");
    assert_eq!(frame["payload"], "48656c6c6f");
    assert_eq!(frame["masking_key"], "37fa213d");
    assert_eq!(frame["len_bits"], 7);
    assert_eq!(frame["complete"], true);
    assert_eq!(json["frames"][1]["breaches"][0]["rule"], "rsv1_without_extension");
    assert_eq!(json["frames"][1]["breaches"][0]["bit"], 11 * 8 + 1);
    assert_eq!(json["rest"], "c1");
    assert_eq!(json["needs"], 1);
}

#[test]
fn strict_decoding_exits_with_1_on_a_breach() {
    assert_eq!(wirestep(&["decode", "--strict", "810548656c6c6f"], "").code, 1);
    let server = ["decode", "--strict", "--from", "server", "810548656c6c6f"];
    assert_eq!(wirestep(&server, "").code, 0);
}

#[test]
fn bad_input_is_one_clear_line_and_exit_code_2() {
    for args in [
        &["decode", "81zz"][..],
        &["decode", "818"],
        &["decode", "--from", "nobody"],
        &["nonsense"],
    ] {
        let said = wirestep(args, "");
        assert_eq!(said.code, 2, "{args:?}");
        assert_eq!(said.err.lines().count(), 1, "{args:?}: {}", said.err);
        assert!(said.err.starts_with("wirestep: "), "{args:?}: {}", said.err);
    }
}
