//! What the contenders are fed: frames and requests made by none of them.

use bytes::BytesMut;

/// The key of every masked frame here.
pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Appends a masked frame whose first byte is `first`.
pub fn push_frame(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    out.push(first);
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&KEY);
    out.extend(payload.iter().enumerate().map(|(idx, byte)| byte ^ KEY[idx % 4]));
}

/// Bytes of no pattern.
pub fn noise(len: usize) -> Vec<u8> {
    let mut dice = Dice::new(len as u64);
    (0..len).map(|_| dice.below(256) as u8).collect()
}

/// Masked binary frames of `len` bytes each: as many as fit `total`, at least one.
pub fn same_frames(len: usize, total: usize) -> (Vec<u8>, usize) {
    let n = (total / (len + 8)).max(1);
    let mut out = Vec::new();
    for _ in 0..n {
        push_frame(&mut out, 0x82, &noise(len));
    }
    (out, n)
}

/// Masked frames as a busy chat has them: mostly short texts, some binary, some long, a Ping
/// now and then.
pub fn mixed_frames(n: usize) -> Vec<u8> {
    let mut dice = Dice::new(7);
    let mut out = Vec::new();
    for _ in 0..n {
        let len = match dice.below(100) {
            0..50 => 4 + dice.below(29),
            50..80 => 33 + dice.below(93),
            80..95 => 126 + dice.below(475),
            95..99 => 600 + dice.below(801),
            _ => 4096,
        } as usize;
        match dice.below(100) {
            0..70 => push_frame(&mut out, 0x81, &text(len, Script::Ascii)),
            70..80 => push_frame(&mut out, 0x81, &text(len, Script::Mixed)),
            80..98 => push_frame(&mut out, 0x82, &noise(len)),
            _ => push_frame(&mut out, 0x89, &noise(len.min(125))),
        }
    }
    out
}

/// What a text is written in.
#[derive(Clone, Copy)]
pub enum Script {
    /// One byte a letter.
    Ascii,
    /// One to four bytes a letter.
    Mixed,
}

/// UTF-8 of exactly `len` bytes.
pub fn text(len: usize, script: Script) -> Vec<u8> {
    let letters: &[char] = match script {
        Script::Ascii => &['e', 't', ' ', 'a', 'o', 'n'],
        Script::Mixed => &['κ', 'ό', 'σ', 'μ', 'ε', ' ', 'д', 'а', '字', '漢', '😀', 'x'],
    };
    let mut dice = Dice::new(len as u64);
    let mut out = String::new();
    while out.len() < len {
        let letter = letters[dice.below(letters.len() as u64) as usize];
        out.push(if out.len() + letter.len_utf8() <= len { letter } else { '.' });
    }
    out.into_bytes()
}

/// Bytes in memory that are handed out at another place within a page each time: copying depends
/// on how source and destination lie to each other, and no contender shall be lucky.
pub struct Shifting {
    page: bytes::Bytes,
    shift: usize,
}

impl Shifting {
    /// The same bytes at shifting places.
    pub fn new(bytes: &[u8]) -> Self {
        Self { page: bytes.repeat(1 + PAGE.div_ceil(bytes.len())).into(), shift: 0 }
    }

    /// The next `len` bytes; they begin anywhere in the pattern, the same in every run.
    pub fn next(&mut self, len: usize) -> bytes::Bytes {
        self.shift = (self.shift + 208) % PAGE;
        self.page.slice(self.shift..self.shift + len)
    }
}

const PAGE: usize = 4096;

/// A request with nothing that an upgrade does not need.
pub const LEAN: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// A request as a browser on a page with cookies sends it.
pub const BROWSER: &[u8] = b"GET /chat?room=427 HTTP/1.1\r\n\
    Host: server.example.com:8080\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: http://server.example.com:8080\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-US,en;q=0.9,de-DE;q=0.8,de;q=0.7\r\n\
    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes; timezone=Europe/Berlin; _ga=GA1.1.1234567890.1700000000; lang=en-US\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-Fetch-Mode: websocket\r\n\
    Sec-Fetch-Site: same-origin\r\n\r\n";

/// Fills a buffer that a peer reads from, as reading a socket into it would.
pub fn refill(buffer: &mut BytesMut, bytes: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(bytes);
}
const _: () = assert!(LEAN.len() == 161 && BROWSER.len() == 669);
