//! In-memory streams for the peers that read from a stream themselves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::ReadBuf;

/// Bytes to be read, in pieces of at most `piece`; what is written is forgotten, except where it
/// is kept.
pub struct Feed<'a> {
    bytes: &'a [u8],
    piece: usize,
    /// What was written, where somebody wants to see it.
    pub written: Vec<u8>,
}

impl<'a> Feed<'a> {
    /// A stream of `bytes` of which a read yields at most `piece`.
    pub fn new(bytes: &'a [u8], piece: usize) -> Self {
        Self { bytes, piece, written: Vec::new() }
    }

    /// Begins anew with other bytes.
    pub fn restart(&mut self, bytes: &'a [u8]) {
        self.bytes = bytes;
        self.written.clear();
    }

    fn next(&mut self, room: usize) -> &'a [u8] {
        let (now, rest) = self.bytes.split_at(self.bytes.len().min(self.piece).min(room));
        self.bytes = rest;
        now
    }
}

impl io::Read for Feed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let now = self.next(out.len());
        out[..now.len()].copy_from_slice(now);
        if now.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(now.len()) }
    }
}

impl io::Write for Feed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncRead for Feed<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let now = self.next(out.remaining());
        out.put_slice(now);
        if now.is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

impl tokio::io::AsyncWrite for Feed<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncRead for Feed<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let now = self.next(out.len());
        out[..now.len()].copy_from_slice(now);
        if now.is_empty() { Poll::Pending } else { Poll::Ready(Ok(now.len())) }
    }
}

impl futures::io::AsyncWrite for Feed<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What the future yields without waiting; `None` where it would wait.
pub fn now<F: Future>(future: F) -> Option<F::Output> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
