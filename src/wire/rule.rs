//! The rules that a peer can break on the wire: at once error, lesson material and table.
//!
//! **Invariant:** a rule is stated once, here, with its clause, whom it binds, and what a
//! conforming peer does about a breach.

use super::Side;

/// Whom a rule binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// The client alone.
    Client,
    /// The server alone.
    Server,
    /// Both ends alike.
    Either,
}

impl Binds {
    /// Whether the rule binds `side`.
    pub fn binds(self, side: Side) -> bool {
        match self {
            Self::Client => side == Side::Client,
            Self::Server => side == Side::Server,
            Self::Either => true,
        }
    }
}

/// What a conforming peer does when the rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Fails the WebSocket connection with this close code (RFC 6455 §7.1.7).
    Close(u16),
    /// Answers with this HTTP status and does not upgrade.
    Status(u16),
    /// The client fails the connection without a frame: none was open yet.
    Abandon,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $name:literal $binds:ident $remedy:expr, $cite:literal;)*) => {
        /// A rule of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable machine name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whom the rule binds.
            pub fn binds(self) -> Binds {
                match self { $(Self::$variant => Binds::$binds,)* }
            }

            /// What a conforming peer does about a breach.
            pub fn remedy(self) -> Remedy {
                match self { $(Self::$variant => $remedy,)* }
            }

            /// The clause, such as `RFC 6455 §5.2`.
            pub fn cite(self) -> &'static str {
                match self { $(Self::$variant => $cite,)* }
            }
        }
    };
}

use Remedy::{Abandon, Close, Status};

rules! {
    /// RSV1 must be 0 unless a negotiated extension gives it a meaning.
    Rsv1 "rsv1_without_extension" Either Close(1002), "RFC 6455 §5.2";
    /// RSV2 must be 0 unless a negotiated extension gives it a meaning.
    Rsv2 "rsv2_without_extension" Either Close(1002), "RFC 6455 §5.2";
    /// RSV3 must be 0 unless a negotiated extension gives it a meaning.
    Rsv3 "rsv3_without_extension" Either Close(1002), "RFC 6455 §5.2";
    /// Opcodes 3 to 7 and 0xB to 0xF are reserved.
    ReservedOpcode "reserved_opcode" Either Close(1002), "RFC 6455 §5.2";
    /// A control frame must not be fragmented.
    FragmentedControl "fragmented_control_frame" Either Close(1002), "RFC 6455 §5.5";
    /// A continuation frame must continue a message that was begun.
    NothingToContinue "continuation_without_message" Either Close(1002), "RFC 6455 §5.4";
    /// A message in pieces must be finished before the next one begins.
    UnfinishedMessage "data_frame_inside_message" Either Close(1002), "RFC 6455 §5.4";
    /// A client must mask every frame.
    UnmaskedClient "unmasked_client_frame" Client Close(1002), "RFC 6455 §5.1";
    /// A server must not mask any frame.
    MaskedServer "masked_server_frame" Server Close(1002), "RFC 6455 §5.1";
    /// A control frame's payload must be 125 bytes or fewer.
    LongControl "control_frame_too_long" Either Close(1002), "RFC 6455 §5.5";
    /// A length must be written in the shortest form that holds it.
    LongLengthForm "length_not_minimal" Either Close(1002), "RFC 6455 §5.2";
    /// The top bit of a 64-bit length must be 0.
    LengthTopBit "length_top_bit" Either Close(1002), "RFC 6455 §5.2";
    /// A message must fit what the receiver is willing to hold.
    TooBig "message_too_big" Either Close(1009), "RFC 6455 §7.4.1";
    /// The payload of a text message must be UTF-8.
    TextNotUtf8 "text_not_utf8" Either Close(1007), "RFC 6455 §8.1";
    /// A Close payload is empty or begins with a two-byte code.
    CloseOneByte "close_payload_of_one_byte" Either Close(1002), "RFC 6455 §5.5.1";
    /// A Close must carry a code that may be sent.
    CloseCode "close_code_not_sendable" Either Close(1002), "RFC 6455 §7.4";
    /// The reason in a Close must be UTF-8.
    ReasonNotUtf8 "close_reason_not_utf8" Either Close(1007), "RFC 6455 §5.5.1";
    /// No frame may follow a Close.
    AfterClose "frame_after_close" Either Close(1002), "RFC 6455 §5.5.1";

    /// The first line must have the form of a request line or a status line.
    StartLine "malformed_start_line" Either Status(400), "RFC 9112 §3";
    /// A header line must be a name, a colon and a value.
    HeaderLine "malformed_header_line" Either Status(400), "RFC 9112 §5";
    /// Lines end in CR LF; a lone LF or CR is refused.
    LineEnd "line_end_not_crlf" Either Status(400), "RFC 9112 §2.2";
    /// A head must fit what the receiver is willing to hold.
    HeadTooBig "head_too_big" Either Status(431), "RFC 6585 §5";
    /// Content-Length must be one decimal number.
    ContentLength "bad_content_length" Either Status(400), "RFC 9112 §6.3";
    /// The transfer coding must be one that the receiver knows.
    TransferCoding "unknown_transfer_coding" Either Status(501), "RFC 9112 §6.1";
    /// A request must name its host, once.
    HostMissing "host_missing" Client Status(400), "RFC 9112 §3.2";

    /// The method of an upgrade must be GET.
    UpgradeMethod "upgrade_method_not_get" Client Status(405), "RFC 6455 §4.1";
    /// The HTTP version of an upgrade must be 1.1.
    UpgradeHttpVersion "upgrade_http_version" Client Status(400), "RFC 6455 §4.1";
    /// The Upgrade header of the request must contain `websocket`.
    UpgradeHeader "upgrade_header_missing" Client Status(400), "RFC 6455 §4.1";
    /// The Connection header of the request must contain `Upgrade`.
    ConnectionHeader "connection_header_missing" Client Status(400), "RFC 6455 §4.1";
    /// Sec-WebSocket-Key must be base64 of 16 bytes, once.
    Key "bad_key" Client Status(400), "RFC 6455 §4.1";
    /// Sec-WebSocket-Version must be 13.
    Version "unsupported_version" Client Status(426), "RFC 6455 §4.2.2";

    /// The server must answer 101 for the connection to be upgraded.
    NotSwitched "status_not_101" Server Abandon, "RFC 6455 §4.1";
    /// The Upgrade header of the response must be `websocket`.
    ResponseUpgrade "response_upgrade_missing" Server Abandon, "RFC 6455 §4.1";
    /// The Connection header of the response must contain `Upgrade`.
    ResponseConnection "response_connection_missing" Server Abandon, "RFC 6455 §4.1";
    /// Sec-WebSocket-Accept must be derived from the key that was sent.
    Accept "wrong_accept" Server Abandon, "RFC 6455 §4.1";
    /// The server must choose a subprotocol that was offered, or none.
    ProtocolNotOffered "protocol_not_offered" Server Abandon, "RFC 6455 §4.1";
    /// The server must not use an extension that was not offered.
    ExtensionNotOffered "extension_not_offered" Server Abandon, "RFC 6455 §4.1";
}

impl Rule {
    /// The rule in plain words, one sentence.
    pub fn statement(self) -> &'static str {
        match self.framing_statement() {
            Some(statement) => statement,
            None => self.http_statement(),
        }
    }

    /// The close code of a peer that fails the connection, where one is sent.
    pub fn close_code(self) -> Option<u16> {
        match self.remedy() {
            Close(code) => Some(code),
            Status(_) | Abandon => None,
        }
    }

    fn framing_statement(self) -> Option<&'static str> {
        Some(match self {
            Self::Rsv1 => "RSV1 is set, but no extension that gives it a meaning was negotiated",
            Self::Rsv2 => "RSV2 is set, but no extension that gives it a meaning was negotiated",
            Self::Rsv3 => "RSV3 is set, but no extension that gives it a meaning was negotiated",
            Self::ReservedOpcode => "this opcode is reserved; nobody knows what it means",
            Self::FragmentedControl => "a control frame must be whole: FIN must be 1",
            Self::NothingToContinue => "a continuation frame, but no message was begun",
            Self::UnfinishedMessage => {
                "a new message begins before the fragmented one has ended; only control frames \
                 may come between"
            }
            Self::UnmaskedClient => "a client must mask every frame that it sends",
            Self::MaskedServer => "a server must not mask the frames that it sends",
            Self::LongControl => "a control frame carries at most 125 bytes",
            Self::LongLengthForm => "the length must use the shortest form that holds it",
            Self::LengthTopBit => "the top bit of a 64-bit length must be 0",
            Self::TooBig => "the message is larger than the receiver is willing to hold",
            Self::TextNotUtf8 => "the payload of a text message must be UTF-8",
            Self::CloseOneByte => "a Close payload is empty or starts with a two-byte code",
            Self::CloseCode => "this close code must not be sent in a Close frame",
            Self::ReasonNotUtf8 => "the reason in a Close frame must be UTF-8",
            Self::AfterClose => "nothing may follow a Close frame",
            _ => return None, // The rules of the handshake are stated below.
        })
    }

    fn http_statement(self) -> &'static str {
        match self {
            Self::StartLine => "the first line is not a request line or a status line",
            Self::HeaderLine => "a header line is a name, a colon at once, and a value",
            Self::LineEnd => "every line of a head ends in CR LF",
            Self::HeadTooBig => "the head is larger than the receiver is willing to hold",
            Self::ContentLength => "Content-Length must be one decimal number",
            Self::TransferCoding => "this transfer coding is not one that the receiver knows",
            Self::HostMissing => "an HTTP/1.1 request must name its host, exactly once",
            Self::UpgradeMethod => "the method of an upgrade request must be GET",
            Self::UpgradeHttpVersion => "an upgrade request must be HTTP/1.1 or higher",
            Self::UpgradeHeader => "the request needs an Upgrade header that contains websocket",
            Self::ConnectionHeader => "the request needs a Connection header with Upgrade in it",
            Self::Key => "Sec-WebSocket-Key must be there once: 16 bytes in base64",
            Self::Version => "Sec-WebSocket-Version must be 13",
            Self::NotSwitched => "only 101 Switching Protocols upgrades the connection",
            Self::ResponseUpgrade => "the response needs the header Upgrade: websocket",
            Self::ResponseConnection => "the response needs a Connection header with Upgrade in it",
            Self::Accept => {
                "Sec-WebSocket-Accept must be base64(SHA-1(key + GUID)) of the key that was sent"
            }
            Self::ProtocolNotOffered => "the server chose a subprotocol that was not offered",
            Self::ExtensionNotOffered => "the server chose an extension that was not offered",
            _ => unreachable!("framing rules are stated above"),
        }
    }
}
