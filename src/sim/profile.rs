//! Header profiles: the lines that HTTP messages carry beyond what the protocol demands.

use super::scenario::Headers;
use crate::wire::http::{Request, Response};

/// The host that every request names.
pub const HOST: &str = "chat.example.com";

/// The type of a posted message that is not text.
pub(super) const BINARY_TYPE: &str = "application/octet-stream";

/// What a current browser sends with a request of a page's script.
const BROWSER: [(&str, &str); 9] = [
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/142.0.0.0 Safari/537.36",
    ),
    ("Accept", "*/*"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Cookie", "session=7f3a9c51e0b84d2296d1c8a4f0e57b33; theme=dark; consent=1"),
    ("Referer", "https://chat.example.com/"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Site", "same-origin"),
];

/// What a browser sends when a page's script opens a WebSocket.
const BROWSER_UPGRADE: [(&str, &str); 5] =
    [BROWSER[0], BROWSER[2], BROWSER[3], BROWSER[4], ("Origin", "https://chat.example.com")];

/// What a common server adds to its answers.
const SERVER: [(&str, &str); 3] = [
    ("Date", "Mon, 23 Nov 2026 12:00:00 GMT"),
    ("Server", "wirestep"),
    ("Cache-Control", "no-store"),
];

impl Headers {
    /// A request with the headers of this profile.
    pub(super) fn request(self, method: &str, target: &str) -> Request {
        self.add(Request::new(method, target).with("Host", HOST), &BROWSER)
    }

    /// A request for a stream of events with the headers of this profile (WHATWG HTML §9.2.2).
    pub(super) fn stream_request(self, target: &str) -> Request {
        let request = Request::new("GET", target).with("Host", HOST);
        match self {
            Self::Lean => request.with("Accept", "text/event-stream"),
            Self::Browser => BROWSER.iter().fold(request, |request, (name, value)| match *name {
                "Accept" => {
                    request.with("Accept", "text/event-stream").with("Cache-Control", "no-cache")
                }
                name => request.with(name, *value),
            }),
        }
    }

    /// A request that [`crate::wire::handshake::Offer::complete`] makes into an upgrade.
    pub(super) fn upgrade(self, target: &str) -> Request {
        self.add(Request::new("GET", target).with("Host", HOST), &BROWSER_UPGRADE)
    }

    /// A response with the headers of this profile.
    pub(super) fn response(self, status: u16) -> Response {
        let response = Response::new(status);
        match self {
            Self::Lean => response,
            Self::Browser => SERVER
                .into_iter()
                .fold(response, |response, (name, value)| response.with(name, value)),
        }
    }

    fn add(self, request: Request, lines: &[(&str, &str)]) -> Request {
        match self {
            Self::Lean => request,
            Self::Browser => {
                lines.iter().fold(request, |request, (name, value)| request.with(name, *value))
            }
        }
    }
}
