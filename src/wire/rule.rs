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
    /// Gives the connection up without a word: none would be understood here.
    Abandon,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $name:literal $binds:ident $remedy:ident $(($code:literal))?
        $cite:literal $statement:literal;)*) => {
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
                match self { $(Self::$variant => Remedy::$remedy $(($code))?,)* }
            }

            /// The clause, such as `RFC 6455 §5.2`.
            pub fn cite(self) -> &'static str {
                match self { $(Self::$variant => $cite,)* }
            }

            /// The rule in plain words, one sentence.
            pub fn statement(self) -> &'static str {
                match self { $(Self::$variant => $statement,)* }
            }
        }
    };
}

rules! {
    /// RSV1 must be 0 unless a negotiated extension gives it a meaning.
    Rsv1 "rsv1_without_extension" Either Close(1002) "RFC 6455 §5.2"
        "RSV1 is set, but no extension that gives it a meaning was negotiated";
    /// RSV2 must be 0 unless a negotiated extension gives it a meaning.
    Rsv2 "rsv2_without_extension" Either Close(1002) "RFC 6455 §5.2"
        "RSV2 is set, but no extension that gives it a meaning was negotiated";
    /// RSV3 must be 0 unless a negotiated extension gives it a meaning.
    Rsv3 "rsv3_without_extension" Either Close(1002) "RFC 6455 §5.2"
        "RSV3 is set, but no extension that gives it a meaning was negotiated";
    /// RSV1 marks a message as compressed on its first frame alone.
    Rsv1Misplaced "rsv1_misplaced" Either Close(1002) "RFC 7692 §6"
        "with permessage-deflate, RSV1 may be set on the first frame of a message alone; never on \
         a control frame or a continuation";
    /// Opcodes 3 to 7 and 0xB to 0xF are reserved.
    ReservedOpcode "reserved_opcode" Either Close(1002) "RFC 6455 §5.2"
        "this opcode is reserved; nobody knows what it means";
    /// A control frame must not be fragmented.
    FragmentedControl "fragmented_control_frame" Either Close(1002) "RFC 6455 §5.5"
        "a control frame must be whole: FIN must be 1";
    /// A continuation frame must continue a message that was begun.
    NothingToContinue "continuation_without_message" Either Close(1002) "RFC 6455 §5.4"
        "a continuation frame, but no message was begun";
    /// A message in pieces must be finished before the next one begins.
    UnfinishedMessage "data_frame_inside_message" Either Close(1002) "RFC 6455 §5.4"
        "a new message begins before the fragmented one has ended; only control frames may come \
         between";
    /// A client must mask every frame.
    UnmaskedClient "unmasked_client_frame" Client Close(1002) "RFC 6455 §5.1"
        "a client must mask every frame that it sends";
    /// A server must not mask any frame.
    MaskedServer "masked_server_frame" Server Close(1002) "RFC 6455 §5.1"
        "a server must not mask the frames that it sends";
    /// A control frame's payload must be 125 bytes or fewer.
    LongControl "control_frame_too_long" Either Close(1002) "RFC 6455 §5.5"
        "a control frame carries at most 125 bytes";
    /// A length must be written in the shortest form that holds it.
    LongLengthForm "length_not_minimal" Either Close(1002) "RFC 6455 §5.2"
        "the length must use the shortest form that holds it";
    /// The top bit of a 64-bit length must be 0.
    LengthTopBit "length_top_bit" Either Close(1002) "RFC 6455 §5.2"
        "the top bit of a 64-bit length must be 0";
    /// A message must fit what the receiver is willing to hold.
    TooBig "message_too_big" Either Close(1009) "RFC 6455 §7.4.1"
        "the message is larger than the receiver is willing to hold";
    /// The payload of a text message must be UTF-8.
    TextNotUtf8 "text_not_utf8" Either Close(1007) "RFC 6455 §8.1"
        "the payload of a text message must be UTF-8";
    /// The payload of a compressed message must inflate.
    BadDeflate "bad_deflate_data" Either Close(1007) "RFC 7692 §7.2.2"
        "the compressed payload is not DEFLATE, or refers back to what was never said";
    /// A Close payload is empty or begins with a two-byte code.
    CloseOneByte "close_payload_of_one_byte" Either Close(1002) "RFC 6455 §5.5.1"
        "a Close payload is empty or starts with a two-byte code";
    /// A Close must carry a code that may be sent.
    CloseCode "close_code_not_sendable" Either Close(1002) "RFC 6455 §7.4"
        "this close code must not be sent in a Close frame";
    /// The reason in a Close must be UTF-8.
    ReasonNotUtf8 "close_reason_not_utf8" Either Close(1007) "RFC 6455 §5.5.1"
        "the reason in a Close frame must be UTF-8";
    /// No data frame may follow a Close.
    AfterClose "data_after_close" Either Close(1002) "RFC 6455 §5.5.1"
        "no data may follow a Close frame";

    /// The first line must have the form of a request line or a status line.
    StartLine "malformed_start_line" Either Status(400) "RFC 9112 §3"
        "the first line is not a request line or a status line";
    /// A header line must be a name, a colon and a value.
    HeaderLine "malformed_header_line" Either Status(400) "RFC 9112 §5"
        "a header line is a name, a colon at once, and a value";
    /// Lines end in CR LF; a lone LF or CR is refused.
    LineEnd "line_end_not_crlf" Either Status(400) "RFC 9112 §2.2"
        "every line of a head ends in CR LF";
    /// A head must fit what the receiver is willing to hold.
    HeadTooBig "head_too_big" Either Status(431) "RFC 6585 §5"
        "the head is larger than the receiver is willing to hold";
    /// Content-Length must be one decimal number.
    ContentLength "bad_content_length" Either Status(400) "RFC 9112 §6.3"
        "Content-Length must be one decimal number";
    /// The transfer coding must be one that the receiver knows.
    TransferCoding "unknown_transfer_coding" Either Status(501) "RFC 9112 §6.1"
        "this transfer coding is not one that the receiver knows";
    /// A request must name its host, once.
    HostMissing "host_missing" Client Status(400) "RFC 9112 §3.2"
        "an HTTP/1.1 request must name its host, exactly once";
    /// The last transfer coding of a request must be chunked.
    CodingNotChunked "chunked_not_last" Client Status(400) "RFC 9112 §6.3"
        "chunked must be the last transfer coding of a request, or nobody knows where it ends";
    /// The chunked coding must be applied once.
    ChunkedTwice "chunked_twice" Either Status(400) "RFC 9112 §6.1"
        "a body must not be wrapped in chunks more than once";
    /// A message has a length or a transfer coding, not both.
    LengthAndCoding "length_and_transfer_coding" Either Status(400) "RFC 9112 §6.1"
        "Content-Length beside Transfer-Encoding: two readers may see two ends, which is how \
         requests are smuggled";
    /// HTTP/1.0 knows no transfer coding.
    CodingInHttp10 "transfer_coding_in_http_1_0" Either Status(400) "RFC 9112 §6.1"
        "HTTP/1.0 knows no Transfer-Encoding: where the body ends is in doubt";
    /// A body must fit what the receiver is willing to hold.
    BodyTooBig "body_too_big" Either Status(413) "RFC 9110 §15.5.14"
        "the body is larger than the receiver is willing to hold";
    /// A chunk begins with its size in hexadecimal.
    ChunkSize "bad_chunk_size" Either Status(400) "RFC 9112 §7.1"
        "a chunk begins with its size: 1 to 16 hexadecimal digits";
    /// What follows a chunk's size must be an extension or the end of the line.
    ChunkExtension "malformed_chunk_extension" Either Status(400) "RFC 9112 §7.1.1"
        "behind a chunk's size comes the end of the line, or a semicolon and an extension";
    /// The extensions of a body's chunks must fit what the receiver puts up with.
    ChunkExtensionsTooBig "chunk_extensions_too_big" Either Status(400) "RFC 9112 §7.1.1"
        "the chunk extensions are longer than the receiver puts up with";
    /// The line with a chunk's size ends in CR LF.
    ChunkLineEnd "chunk_line_end_not_crlf" Either Status(400) "RFC 9112 §7.1"
        "the line with the size of a chunk ends in CR LF";
    /// The data of a chunk are as long as its size says, and CR LF follows.
    ChunkEnd "chunk_not_ended" Either Status(400) "RFC 9112 §7.1"
        "the data of a chunk must be as long as its size says, and end in CR LF";
    /// A message must be whole before the connection is closed.
    CutShort "message_cut_short" Either Status(400) "RFC 9112 §8"
        "the connection was closed before the message was whole";
    /// Requests that wait for their turn must fit what the server is willing to hold.
    PipelinedTooFar "pipelined_too_far" Client Abandon "RFC 9112 §9.3.2"
        "more requests wait behind the unanswered one than the server is willing to hold";
    /// A server must not answer what was not asked.
    UnaskedResponse "response_unasked" Server Abandon "RFC 9112 §9.2"
        "the server sent something although no request is open";
    /// A server must not switch to a protocol that was not asked for.
    UnaskedSwitch "switched_unasked" Server Abandon "RFC 9110 §7.8"
        "101 Switching Protocols, but no upgrade was asked for";
    /// An event must fit what the receiver is willing to hold.
    EventTooBig "event_too_big" Server Abandon "WHATWG HTML §9.2.6"
        "the event is larger than the receiver is willing to hold";

    /// The method of an upgrade must be GET.
    UpgradeMethod "upgrade_method_not_get" Client Status(405) "RFC 6455 §4.1"
        "the method of an upgrade request must be GET";
    /// The HTTP version of an upgrade must be 1.1.
    UpgradeHttpVersion "upgrade_http_version" Client Status(400) "RFC 6455 §4.1"
        "an upgrade request must be HTTP/1.1 or higher";
    /// The resource that is asked for must have no fragment.
    Fragment "target_with_fragment" Client Status(400) "RFC 6455 §3"
        "the request target of an upgrade must not have a fragment (#…)";
    /// The Upgrade header of the request must contain `websocket`.
    UpgradeHeader "upgrade_header_missing" Client Status(400) "RFC 6455 §4.1"
        "the request needs an Upgrade header that contains websocket";
    /// The Connection header of the request must contain `Upgrade`.
    ConnectionHeader "connection_header_missing" Client Status(400) "RFC 6455 §4.1"
        "the request needs a Connection header with Upgrade in it";
    /// Sec-WebSocket-Key must be base64 of 16 bytes, once.
    Key "bad_key" Client Status(400) "RFC 6455 §4.1"
        "Sec-WebSocket-Key must be there once: 16 bytes in base64";
    /// Sec-WebSocket-Version must be 13.
    Version "unsupported_version" Client Status(426) "RFC 6455 §4.2.2"
        "Sec-WebSocket-Version must be 13";
    /// Sec-WebSocket-Protocol of the request lists tokens, each once.
    ProtocolList "bad_protocol_list" Client Status(400) "RFC 6455 §4.1"
        "Sec-WebSocket-Protocol must list one or more tokens, each of them once";
    /// Sec-WebSocket-Extensions must have the form of the grammar.
    ExtensionSyntax "malformed_extensions" Either Status(400) "RFC 6455 §9.1"
        "Sec-WebSocket-Extensions must be a list of names with parameters, as the grammar has it";

    /// The server must answer 101 for the connection to be upgraded.
    NotSwitched "status_not_101" Server Abandon "RFC 6455 §4.1"
        "only 101 Switching Protocols upgrades the connection";
    /// The Upgrade header of the response must be `websocket`.
    ResponseUpgrade "response_upgrade_missing" Server Abandon "RFC 6455 §4.1"
        "the response needs the header Upgrade: websocket";
    /// The Connection header of the response must contain `Upgrade`.
    ResponseConnection "response_connection_missing" Server Abandon "RFC 6455 §4.1"
        "the response needs a Connection header with Upgrade in it";
    /// Sec-WebSocket-Accept must be derived from the key that was sent.
    Accept "wrong_accept" Server Abandon "RFC 6455 §4.1"
        "Sec-WebSocket-Accept must be base64(SHA-1(key + GUID)) of the key that was sent";
    /// The server must choose a subprotocol that was offered, or none.
    ProtocolNotOffered "protocol_not_offered" Server Abandon "RFC 6455 §4.1"
        "the server chose a subprotocol that was not offered";
    /// The server must not use an extension that was not offered.
    ExtensionNotOffered "extension_not_offered" Server Abandon "RFC 6455 §4.1"
        "the server chose an extension that was not offered";
    /// Sec-WebSocket-Extensions must not appear twice in a response.
    ExtensionsTwice "extensions_header_repeated" Server Abandon "RFC 6455 §11.3.2"
        "a response has at most one Sec-WebSocket-Extensions header";
    /// A parameter of permessage-deflate must be one that is defined.
    DeflateUnknown "deflate_parameter_unknown" Server Abandon "RFC 7692 §7"
        "this parameter of permessage-deflate is not defined";
    /// A parameter of permessage-deflate must have a value that is defined.
    DeflateValue "deflate_parameter_value" Server Abandon "RFC 7692 §7"
        "this parameter of permessage-deflate has no value that is allowed: window bits are 8 to \
         15, the others have none";
    /// A parameter of permessage-deflate must not appear twice.
    DeflateRepeated "deflate_parameter_repeated" Server Abandon "RFC 7692 §7"
        "a parameter of permessage-deflate appears twice";
    /// A server that is asked to forget must say that it will.
    DeflateTakeover "deflate_takeover_not_dropped" Server Abandon "RFC 7692 §7.1.1.1"
        "server_no_context_takeover was offered: a server that accepts must repeat it";
    /// A server must not use a larger window than it is asked to.
    DeflateServerBits "deflate_server_window_too_large" Server Abandon "RFC 7692 §7.1.2.1"
        "server_max_window_bits was offered: a server that accepts must repeat it, with the same \
         or a smaller value";
    /// A server must not limit the window of a client that did not offer it.
    DeflateClientBits "deflate_client_window_not_offered" Server Abandon "RFC 7692 §7.1.2.2"
        "client_max_window_bits was not offered: the answer must not include it";
}

impl Rule {
    /// The close code of a peer that fails the connection, where one is sent.
    pub fn close_code(self) -> Option<u16> {
        match self.remedy() {
            Remedy::Close(code) => Some(code),
            Remedy::Status(_) | Remedy::Abandon => None,
        }
    }

    /// What other implementations do, where it is known that they differ.
    pub fn elsewhere(self) -> Option<&'static str> {
        Some(match self {
            Self::LongLengthForm => {
                "ws, undici and tungstenite accept a length that is not minimal; Chromium and \
                 wsproto fail the connection"
            }
            Self::UnmaskedClient => "soketto, fastwebsockets and aiohttp do not check masking",
            Self::TextNotUtf8 => "Chromium sends 1002 in place of 1007, and reports 1006",
            Self::Version => "many servers answer 400 in place of 426",
            Self::TooBig => "limits differ: 16 MiB in many servers, none in browsers",
            Self::BadDeflate => "the RFC names no code; 1007 is what ws and wsproto send",
            Self::LengthAndCoding => {
                "RFC 9112 §6.3 allows a receiver to let Transfer-Encoding win; node refuses both"
            }
            Self::ChunkExtension => "httparse accepts blanks between the size and CR LF",
            Self::PipelinedTooFar => "most servers stop reading and let TCP hold the client back",
            Self::LineEnd => "many servers accept a bare LF, as RFC 9112 §2.2 allows them to",
            _ => return None, // Nothing is known of the others.
        })
    }
}
