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
    for word in ["FIN", "RSV1–3", "opcode", "MASK", "payload len", "37 fa 21 3d", "“Hello”"] {
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

#[test]
fn react_answers_rsv1_with_close_1002_and_the_clause() {
    let said = wirestep(&["react", "c18537fa213d7f9f4d5158"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("Close 1002") && said.out.contains("RFC 6455 §5.2"), "{}", said.out);
    let said = wirestep(&["react", "--format", "json", "c18537fa213d7f9f4d5158"], "");
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(json["state"], "failed");
    assert_eq!(json["sent"], "880203ea");
    assert_eq!(json["breach"]["close_code"], 1002);
    assert_eq!(json["close"]["code"], 1006);
    assert_eq!(json["close"]["clean"], false);
}

#[test]
fn react_delivers_and_is_the_same_for_every_cut() {
    let hex = "818537fa213d7f9f4d5158 8980 00000000 8882 00000000 03e8";
    for split in [&[][..], &["--split", "1"], &["--split", "all"]] {
        let args = [&["react", hex, "--format", "json"], split].concat();
        let said = wirestep(&args, "");
        assert_eq!(said.code, 0, "{}", said.err);
        let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
        let kinds: Vec<_> =
            json["delivered"].as_array().expect("a list").iter().map(|d| &d["kind"]).collect();
        assert_eq!(kinds, ["text", "ping", "close"]);
        assert_eq!(json["delivered"][0]["data"], "Hello");
        assert_eq!(json["sent"], "8a00880203e8");
        assert_eq!(json["close"]["clean"], true);
        assert_eq!(json["consumed"], 25);
    }
}

const UPGRADE: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

#[test]
fn handshake_answers_101_400_405_and_426() {
    let cases = [
        (UPGRADE.to_owned(), "accept", 101),
        (UPGRADE.replace("GET", "POST"), "reject", 405),
        (UPGRADE.replace("Version: 13", "Version: 8"), "reject", 426),
        (UPGRADE.replace("dGhl", ""), "reject", 400),
        (UPGRADE.replace("Host: a\r\n", ""), "reject", 400),
        (UPGRADE.replace("\r\n", "\n"), "reject", 400),
    ];
    for (head, outcome, status) in cases {
        let said = wirestep(&["handshake", "-", "--format", "json"], &head);
        let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
        assert_eq!(
            (&json["outcome"], &json["status"]),
            (&outcome.into(), &status.into()),
            "{head}"
        );
    }
    let said = wirestep(&["handshake", "-", "--format", "json"], &UPGRADE[..60]);
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!((&json["outcome"], &json["status"]), (&"wait".into(), &Json::Null));
}

#[test]
fn handshake_as_client_checks_the_answer_and_delivers_what_follows() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let args = ["handshake", "--as", "client", "--format", "json"];
    let said = wirestep(&args, &format!("{answer}\u{1}\u{2}Hi"));
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(json["outcome"], "accept");
    let said = wirestep(&args, &answer.replace("s3p", "S3p"));
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(json["outcome"], "fail");
    assert_eq!(json["breaches"][0]["rule"], "wrong_accept");
}

#[test]
fn encode_writes_the_rfc_example_and_whatever_is_asked() {
    let hex = |args: &[&str]| {
        let said = wirestep(&[&["encode", "--format", "json"], args].concat(), "");
        let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
        assert_eq!(json["len"], json["hex"].as_str().expect("hex").len() / 2);
        (json["hex"].as_str().expect("hex").to_owned(), json["header_len"].clone())
    };
    assert_eq!(hex(&["Hello"]), ("818537fa213d7f9f4d5158".to_owned(), 6.into()));
    assert_eq!(hex(&["--from", "server", "Hello"]).0, "810548656c6c6f");
    assert_eq!(hex(&["--from", "server", "--opcode", "ping", ""]).0, "8900");
    assert_eq!(hex(&["--from", "server", "--opcode", "0xb", "--hex", "ff 00"]).0, "8b02ff00");
    let broken = ["--from", "server", "--mask", "00000000", "--rsv", "5", "--no-fin", "-x"];
    assert_eq!(hex(&broken).0, "5182000000002d78");
    let long = "x".repeat(70_000);
    assert!(hex(&["--from", "server", &long]).0.starts_with("817f0000000000011170"));
    let said = wirestep(&["encode", "Hi"], "");
    assert!(said.out.starts_with("818237fa213d7f93\n"), "{}", said.out);
    assert!(said.out.contains("“Hi”"), "{}", said.out);
    for wrong in [&["--mask", "00"][..], &["--opcode", "16"], &["--rsv", "8"], &["--hex", "0"]] {
        let said = wirestep(&[&["encode", "aa"], wrong].concat(), "");
        let lines = said.err.lines().count();
        assert_eq!((said.code, lines), (2, 1), "{wrong:?}: {}", said.err);
    }
}

#[test]
fn compression_is_read_where_it_was_agreed() {
    let frame = "c107f248cdc9c90700";
    let said = wirestep(&["react", "--as", "client", "--deflate", "--format", "json", frame], "");
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(json["delivered"][0]["data"], "Hello");
    assert_eq!(json["consumed"], 9);
    let decode = ["decode", "--from", "server", "--deflate", "--format", "json", frame];
    let json: Json = serde_json::from_str(&wirestep(&decode, "").out).expect("one JSON object");
    assert_eq!(json["frames"][0]["inflated"], "48656c6c6f");
    assert_eq!(json["frames"][0]["payload"], "f248cdc9c90700");
    let said = wirestep(&["decode", "--from", "server", "--deflate", frame], "");
    assert!(said.out.contains("inflated") && said.out.contains("“Hello”"), "{}", said.out);
    let refused = wirestep(&["react", "--as", "client", "--strict", frame], "");
    assert_eq!(refused.code, 1, "{}", refused.out);
    let offer =
        UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    let said = wirestep(&["handshake", "--deflate", "--format", "json"], &offer);
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(json["extensions"], "permessage-deflate");
    let said = wirestep(&["handshake", "--format", "json"], &offer);
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!((&json["outcome"], &json["extensions"]), (&"accept".into(), &Json::Null));
}
