//! A client that asks for news and is answered when there are some (RFC 6202 §2).
//!
//! **Invariant:** a question for news is always under way or about to be, until the client leaves;
//! what it says goes over a connection of its own.

use super::asker::{Ask, Asker};
use super::{Demand, Happening, Line};
use crate::conn::{Event, Message};
use crate::sim::RecordIdx;
use crate::sim::scenario::{Scenario, Wish};

/// The program's state.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct LongPoll {
    news: Asker,
    posts: Asker,
}

impl LongPoll {
    pub(super) fn new(client: usize, scenario: &Scenario) -> Self {
        let news = Asker::new(Line::Main, client, scenario).held_for(scenario.poll.hold_ms);
        Self { news, posts: Asker::new(Line::Aside, client, scenario) }
    }

    pub(super) fn left(&self) -> bool {
        self.news.leaving()
    }

    fn asker(&mut self, line: Line) -> &mut Asker {
        match line {
            Line::Main => &mut self.news,
            Line::Aside => &mut self.posts,
        }
    }

    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match happening {
            Happening::Starts => self.news.ask(Ask::News, cause),
            Happening::Wants(wish) => self.want(wish, cause),
            Happening::Connected(line) => self.asker(*line).connected(),
            Happening::Told(line, Event::Response(response, body)) => {
                let asker = self.asker(*line);
                let mut demands = asker.answered(response.status, body);
                demands.extend(asker.go_on());
                // RFC 6202 §2.1: the client "typically sends a new long poll request, either
                // immediately upon receiving a message or after a pause".
                if *line == Line::Main && !self.news.leaving() && !self.news.asks_for_news() {
                    demands.extend(self.news.ask(Ask::News, cause));
                }
                demands
            }
            Happening::Disconnected(line, _) => self.asker(*line).disconnected(),
            Happening::Retries(line) => self.asker(*line).retry(),
            Happening::Leaves => self.leave(),
            Happening::Told(..) | Happening::Ticks => Vec::new(),
        }
    }

    fn want(&mut self, wish: &Wish, cause: Option<RecordIdx>) -> Vec<Demand> {
        match wish {
            _ if self.news.leaving() => vec![Demand::Skip("the client has left")],
            Wish::Ping(_) => vec![Demand::Skip("HTTP has no ping; the answer will tell")],
            Wish::Close(..) => self.leave(),
            Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => {
                self.posts.ask(Ask::Post(Message::joined(&wish.parts())), cause)
            }
        }
    }

    fn leave(&mut self) -> Vec<Demand> {
        let mut demands = self.news.hang_up();
        demands.extend(self.posts.leave());
        demands
    }
}
