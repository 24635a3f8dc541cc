//! Clauses: what a lesson may cite, and how.
//!
//! **Invariant:** a clause is written one way, `RFC 6455 §5.2`, so that it can be looked up.

/// The documents that lessons cite: the number of an RFC, and what it is about.
const RFCS: [(u32, &str); 7] = [
    (6202, "long polling and HTTP streaming"),
    (6455, "the WebSocket protocol"),
    (7692, "compression extensions for WebSocket"),
    (8259, "JSON"),
    (9110, "HTTP semantics"),
    (9112, "HTTP/1.1"),
    (9293, "TCP"),
];

/// Why `cite` is no clause, and what would be; `None` where it is one.
pub(super) fn fault(cite: &str) -> Option<String> {
    if cite.strip_prefix("WHATWG ").is_some_and(|what| !what.is_empty()) {
        return None;
    }
    let form = "write it as `RFC 6455 §5.2`, or `WHATWG` and the name of a section".to_owned();
    let Some((number, section)) = cite.strip_prefix("RFC ").and_then(|rest| rest.split_once(" §"))
    else {
        return Some(form);
    };
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if !is_part(number) || !section.split('.').all(is_part) {
        return Some(form);
    }
    if RFCS.iter().any(|(known, _)| known.to_string() == number) {
        return None;
    }
    let known: Vec<_> = RFCS.iter().map(|(known, about)| format!("{known} ({about})")).collect();
    Some(format!("lessons cite the RFCs {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_written_one_way() {
        for good in ["RFC 6455 §5.2", "RFC 9112 §9", "RFC 7692 §7.2.3.1", "WHATWG WebSockets"] {
            assert_eq!(fault(good), None, "{good}");
        }
        let bad =
            ["RFC6455 §5.2", "RFC 6455 5.2", "RFC 6455 §", "RFC 6455 §5.", "§5.2", "RFC 1 §1"];
        for bad in bad {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
