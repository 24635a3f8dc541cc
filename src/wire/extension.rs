//! Sec-WebSocket-Extensions: its grammar, and the negotiation of permessage-deflate
//! (RFC 6455 §9.1, RFC 7692 §7.1).
//!
//! **Invariant:** an offer that cannot be served is declined; an answer that does not fit any
//! offer breaks a rule.

use super::Side;
use super::deflate::Deflate;
use super::http::is_token;
use super::rule::Rule;
use std::fmt;

/// The registered name of permessage-deflate (RFC 7692 §9).
pub const PERMESSAGE_DEFLATE: &str = "permessage-deflate";

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// One element of Sec-WebSocket-Extensions: a name and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The registered name.
    pub name: String,
    /// The parameters in their order.
    pub params: Vec<Param>,
}

/// A parameter of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// What it is about.
    pub name: String,
    /// What it says, without quotes.
    pub value: Option<String>,
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for Param { name, value } in &self.params {
            match value {
                Some(value) => write!(f, "; {name}={value}")?,
                None => write!(f, "; {name}")?,
            }
        }
        Ok(())
    }
}

/// Reads the value of one Sec-WebSocket-Extensions line.
///
/// # Errors
/// [`Rule::ExtensionSyntax`] where it does not have the form of RFC 6455 §9.1.
pub fn parse(line: &str) -> Result<Vec<Extension>, Rule> {
    let mut rest = Scanner(line);
    let mut extensions = Vec::new();
    loop {
        // RFC 2616 §2.1, which the grammar builds on: "null elements are allowed".
        while rest.eat(',') {}
        let Some(name) = rest.token() else { break };
        let mut params = Vec::new();
        while rest.eat(';') {
            params.push(rest.param().ok_or(Rule::ExtensionSyntax)?);
        }
        extensions.push(Extension { name: name.to_owned(), params });
        if !rest.eat(',') {
            break;
        }
    }
    let whole = rest.0.trim_matches([' ', '\t']).is_empty() && !extensions.is_empty();
    if whole { Ok(extensions) } else { Err(Rule::ExtensionSyntax) }
}

/// What is left of a header value.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    /// Passes over white space and then over `c`, where it comes next.
    fn eat(&mut self, c: char) -> bool {
        let rest = self.0.trim_start_matches([' ', '\t']).strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn token(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let n = rest.bytes().take_while(|byte| is_token(*byte)).count();
        let (token, rest) = rest.split_at(n);
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    fn param(&mut self) -> Option<Param> {
        let name = self.token()?.to_owned();
        if !self.eat('=') {
            return Some(Param { name, value: None });
        }
        let value = if self.eat('"') { self.quoted()? } else { self.token()?.to_owned() };
        Some(Param { name, value: Some(value) })
    }

    /// The rest of a quoted string, whose content must be a token.
    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut chars = self.0.char_indices();
        while let Some((idx, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[idx + 1..];
                    // RFC 6455 §9.1: "the value after quoted-string unescaping MUST conform to
                    // the 'token' ABNF."
                    let token = !value.is_empty() && value.bytes().all(is_token);
                    return token.then_some(value);
                }
                '\\' => value.push(chars.next()?.1),
                c => value.push(c),
            }
        }
        None
    }
}

/// What a client says of the window that it deflates with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientBits {
    /// Nothing: the answer must not set one.
    #[default]
    Absent,
    /// The answer may set one.
    Any,
    /// The answer may set one; the client will use no more than this, 8 to 15.
    AtMost(u8),
}

/// A client's offer of permessage-deflate (RFC 7692 §7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeflateOffer {
    /// Whether the server is asked to forget between messages.
    pub server_no_context_takeover: bool,
    /// Whether the client says that it will forget between messages.
    pub client_no_context_takeover: bool,
    /// The largest window that the server is asked to deflate with, 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// What the client says of its own window.
    pub client_max_window_bits: ClientBits,
}

impl DeflateOffer {
    /// What browsers offer: everything as the server likes it.
    pub fn browser() -> Self {
        Self { client_max_window_bits: ClientBits::Any, ..Self::default() }
    }

    /// The element that says it.
    pub fn to_extension(self) -> Extension {
        let mut params = Vec::new();
        let mut say = |name: &str, value: Option<u8>| {
            let value = value.map(|bits| bits.to_string());
            params.push(Param { name: name.to_owned(), value });
        };
        if self.server_no_context_takeover {
            say(SERVER_NO_CONTEXT_TAKEOVER, None);
        }
        if self.client_no_context_takeover {
            say(CLIENT_NO_CONTEXT_TAKEOVER, None);
        }
        if let Some(bits) = self.server_max_window_bits {
            say(SERVER_MAX_WINDOW_BITS, Some(bits));
        }
        match self.client_max_window_bits {
            ClientBits::Absent => {}
            ClientBits::Any => say(CLIENT_MAX_WINDOW_BITS, None),
            ClientBits::AtMost(bits) => say(CLIENT_MAX_WINDOW_BITS, Some(bits)),
        }
        Extension { name: PERMESSAGE_DEFLATE.to_owned(), params }
    }

    /// Reads the parameters of an element of this name, in an offer or in an answer.
    ///
    /// # Errors
    /// The rule of RFC 7692 §7 that they break.
    fn read(extension: &Extension) -> Result<Self, Rule> {
        let mut offer = Self::default();
        for (idx, Param { name, value }) in extension.params.iter().enumerate() {
            if extension.params[..idx].iter().any(|before| before.name == *name) {
                return Err(Rule::DeflateRepeated);
            }
            match (name.as_str(), value.as_deref()) {
                (SERVER_NO_CONTEXT_TAKEOVER, None) => offer.server_no_context_takeover = true,
                (CLIENT_NO_CONTEXT_TAKEOVER, None) => offer.client_no_context_takeover = true,
                (SERVER_MAX_WINDOW_BITS, Some(bits)) => {
                    offer.server_max_window_bits = Some(window_bits(bits)?);
                }
                (CLIENT_MAX_WINDOW_BITS, None) => offer.client_max_window_bits = ClientBits::Any,
                (CLIENT_MAX_WINDOW_BITS, Some(bits)) => {
                    offer.client_max_window_bits = ClientBits::AtMost(window_bits(bits)?);
                }
                (
                    SERVER_NO_CONTEXT_TAKEOVER
                    | CLIENT_NO_CONTEXT_TAKEOVER
                    | SERVER_MAX_WINDOW_BITS,
                    _,
                ) => return Err(Rule::DeflateValue),
                _ => return Err(Rule::DeflateUnknown),
            }
        }
        Ok(offer)
    }
}

/// RFC 7692 §7.1.2: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
fn window_bits(value: &str) -> Result<u8, Rule> {
    match value {
        "8" => Ok(8),
        "9" => Ok(9),
        "10" => Ok(10),
        "11" => Ok(11),
        "12" => Ok(12),
        "13" => Ok(13),
        "14" => Ok(14),
        "15" => Ok(15),
        _ => Err(Rule::DeflateValue),
    }
}

/// What permessage-deflate does in both directions; also the most that a server is willing to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// How the client deflates.
    pub client: Deflate,
    /// How the server deflates.
    pub server: Deflate,
}

impl Agreement {
    /// What keeps to both agreements when it is sent.
    fn cautious(self, other: Self) -> Self {
        Self { client: self.client.cautious(other.client), server: self.server }
    }

    /// How the messages of one side are deflated.
    pub fn of(&self, side: Side) -> Deflate {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }
}

/// The first of the offered extensions that a server with these limits accepts, and the element
/// that says so (RFC 7692 §5.1, §7.1); `None` where it declines all of them.
pub fn accept(offered: &[Extension], limits: Agreement) -> Option<(Agreement, Extension)> {
    let mut deflates = offered.iter().filter(|extension| extension.name == PERMESSAGE_DEFLATE);
    // RFC 7692 §7: "A server MUST decline an extension negotiation offer" with an unknown
    // parameter, an invalid value or a parameter twice.
    let offer = deflates.find_map(|extension| DeflateOffer::read(extension).ok())?;
    let server = Deflate {
        window_bits: limits.server.window_bits.min(offer.server_max_window_bits.unwrap_or(15)),
        context_takeover: limits.server.context_takeover && !offer.server_no_context_takeover,
    };
    let client_bits = match offer.client_max_window_bits {
        // RFC 7692 §7.1.2.2: the answer "MUST NOT include the 'client_max_window_bits'
        // extension parameter" then.
        ClientBits::Absent => 15,
        ClientBits::Any => limits.client.window_bits,
        ClientBits::AtMost(bits) => limits.client.window_bits.min(bits),
    };
    let client = Deflate {
        window_bits: client_bits,
        context_takeover: limits.client.context_takeover && !offer.client_no_context_takeover,
    };
    let names_server_bits = offer.server_max_window_bits.is_some() || server.window_bits < 15;
    let says = DeflateOffer {
        server_no_context_takeover: !server.context_takeover,
        client_no_context_takeover: !client.context_takeover,
        server_max_window_bits: names_server_bits.then_some(server.window_bits),
        client_max_window_bits: match client.window_bits {
            15 => ClientBits::Absent,
            bits => ClientBits::AtMost(bits),
        },
    };
    Some((Agreement { client, server }, says.to_extension()))
}

/// What a client makes of the extensions that a server chose (RFC 7692 §5.1, §7.1). An answer
/// that fits several offers does not say which of them was meant: the client then keeps to what
/// all of them allow.
///
/// # Errors
/// The rule that the answer breaks; where it fits none of several offers, the rule that it
/// breaks with the last.
pub fn judge(chosen: &[Extension], offers: &[DeflateOffer]) -> Result<Option<Agreement>, Rule> {
    let [extension] = chosen else {
        // Two compressions would both want RSV1; nothing else is ever offered.
        return if chosen.is_empty() { Ok(None) } else { Err(Rule::ExtensionNotOffered) };
    };
    if extension.name != PERMESSAGE_DEFLATE || offers.is_empty() {
        return Err(Rule::ExtensionNotOffered);
    }
    let answer = DeflateOffer::read(extension)?;
    if answer.client_max_window_bits == ClientBits::Any {
        // RFC 7692 §7.1.2.2: in an answer the parameter has a value.
        return Err(Rule::DeflateValue);
    }
    let verdicts = offers.iter().map(|offer| fits(answer, *offer));
    let all = verdicts.reduce(|one, other| match (one, other) {
        (Ok(one), Ok(other)) => Ok(one.cautious(other)),
        (one, other) => one.or(other),
    });
    all.expect("there is an offer").map(Some)
}

/// What an answer makes of one offer.
fn fits(answer: DeflateOffer, offer: DeflateOffer) -> Result<Agreement, Rule> {
    // RFC 7692 §7.1.1.1: a server accepts this parameter by including it in its answer.
    if offer.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err(Rule::DeflateTakeover);
    }
    // RFC 7692 §7.1.2.1: a server accepts this parameter by including it "with the same or
    // smaller value".
    let server_bits = answer.server_max_window_bits.unwrap_or(15);
    if server_bits > offer.server_max_window_bits.unwrap_or(15) {
        return Err(Rule::DeflateServerBits);
    }
    let client_bits = match (answer.client_max_window_bits, offer.client_max_window_bits) {
        (ClientBits::Absent | ClientBits::Any, ClientBits::Absent | ClientBits::Any) => 15,
        // RFC 7692 §7.1.2.2: "the corresponding extension negotiation response to the offer
        // MUST NOT include" it.
        (ClientBits::AtMost(_), ClientBits::Absent) => return Err(Rule::DeflateClientBits),
        (ClientBits::Absent | ClientBits::Any, ClientBits::AtMost(bits))
        | (ClientBits::AtMost(bits), ClientBits::Any) => bits,
        (ClientBits::AtMost(bits), ClientBits::AtMost(most)) => bits.min(most),
    };
    let client_forgets = offer.client_no_context_takeover || answer.client_no_context_takeover;
    Ok(Agreement {
        client: Deflate { window_bits: client_bits, context_takeover: !client_forgets },
        server: Deflate {
            window_bits: server_bits,
            context_takeover: !answer.server_no_context_takeover,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_read_as_rfc_6455_9_1_has_them() {
        let names = |line| {
            let read = parse(line)?;
            Ok(read.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(names("deflate-stream"), Ok(vec!["deflate-stream".to_owned()]));
        assert_eq!(
            names("mux; max-channels=4; flow-control , deflate-stream"),
            Ok(vec!["mux; max-channels=4; flow-control".to_owned(), "deflate-stream".to_owned()])
        );
        assert_eq!(names("a;b=\"c\\d\""), Ok(vec!["a; b=cd".to_owned()]));
        assert_eq!(names(", a,, b,"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        for wrong in ["", ",", "a;", "a;b=", "a;b=\"", "a;b=\"\"", "a b", "a;b=\"c d\"", ";"] {
            assert_eq!(names(wrong), Err(Rule::ExtensionSyntax), "{wrong:?}");
        }
    }

    #[track_caller]
    fn check(offers: &str, limits: Agreement, expected: Option<&str>) {
        let answer = accept(&parse(offers).expect("it is well formed"), limits);
        let said = answer.as_ref().map(|(_, extension)| extension.to_string());
        assert_eq!(said.as_deref(), expected, "{offers}");
        let Some((agreed, extension)) = answer else { return };
        let offers = parse(offers).expect("it is well formed");
        let offers: Vec<_> = offers.iter().filter_map(|e| DeflateOffer::read(e).ok()).collect();
        assert_eq!(judge(&[extension], &offers), Ok(Some(agreed)), "the client agrees");
    }

    #[test]
    fn a_server_accepts_the_first_offer_that_it_can_serve() {
        let open = Agreement::default();
        check("permessage-deflate", open, Some("permessage-deflate"));
        check("permessage-deflate; client_max_window_bits", open, Some("permessage-deflate"));
        check(
            "permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
            open,
            Some("permessage-deflate; server_no_context_takeover; server_max_window_bits=10"),
        );
        check(
            "permessage-deflate; client_max_window_bits=9; client_no_context_takeover",
            open,
            Some("permessage-deflate; client_no_context_takeover; client_max_window_bits=9"),
        );
        let small = Deflate { window_bits: 11, context_takeover: false };
        let small = Agreement { client: small, server: small };
        check(
            "permessage-deflate; client_max_window_bits",
            small,
            Some(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=11; client_max_window_bits=11",
            ),
        );
        check(
            "permessage-deflate; colour=blue, permessage-deflate; server_max_window_bits=9",
            open,
            Some("permessage-deflate; server_max_window_bits=9"),
        );
    }

    #[test]
    fn an_offer_that_cannot_be_served_is_declined() {
        for offer in [
            "x-webkit-deflate-frame",
            "permessage-deflate; colour",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; client_max_window_bits=x",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
        ] {
            check(offer, Agreement::default(), None);
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_the_offer_breaks_a_rule() {
        let verdict = |answer: &str, offer| judge(&parse(answer).expect("well formed"), &[offer]);
        let plain = DeflateOffer::default();
        let asks = DeflateOffer {
            server_no_context_takeover: true,
            server_max_window_bits: Some(10),
            ..DeflateOffer::browser()
        };
        let forgets = "permessage-deflate; server_no_context_takeover";
        for (answer, offer, rule) in [
            ("mux", plain, Rule::ExtensionNotOffered),
            ("permessage-deflate, permessage-deflate", plain, Rule::ExtensionNotOffered),
            ("permessage-deflate; a", plain, Rule::DeflateUnknown),
            ("permessage-deflate; client_max_window_bits", asks, Rule::DeflateValue),
            ("permessage-deflate; server_max_window_bits=7", plain, Rule::DeflateValue),
            (
                "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
                plain,
                Rule::DeflateRepeated,
            ),
            ("permessage-deflate; client_max_window_bits=9", plain, Rule::DeflateClientBits),
            (forgets, asks, Rule::DeflateServerBits),
            ("permessage-deflate; server_max_window_bits=9", asks, Rule::DeflateTakeover),
        ] {
            assert_eq!(verdict(answer, offer), Err(rule), "{answer}");
        }
        assert_eq!(judge(&parse("permessage-deflate").expect("well formed"), &[]), {
            Err(Rule::ExtensionNotOffered)
        });
    }

    #[test]
    fn a_client_keeps_to_all_offers_that_an_answer_fits() {
        let forgetful = DeflateOffer {
            client_no_context_takeover: true,
            client_max_window_bits: ClientBits::AtMost(12),
            ..DeflateOffer::default()
        };
        // The server may have taken the second offer, and dropped what it inflated with.
        let answer = parse("permessage-deflate").expect("well formed");
        let agreed = judge(&answer, &[DeflateOffer::browser(), forgetful]);
        let client = Deflate { window_bits: 12, context_takeover: false };
        assert_eq!(agreed, Ok(Some(Agreement { client, server: Deflate::default() })));
        let asks = DeflateOffer { server_no_context_takeover: true, ..forgetful };
        let agreed = judge(&answer, &[DeflateOffer::browser(), asks]);
        assert_eq!(agreed, Ok(Some(Agreement::default())), "the second offer was not taken");
    }
}
