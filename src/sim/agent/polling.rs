//! A client that asks for news again and again.

use super::asker::{Ask, Asker};
use super::{Demand, Happening, Line};
use crate::conn::{Event, Message};
use crate::sim::RecordIdx;
use crate::sim::scenario::{Scenario, Wish};

/// The program's state.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct Polling {
    asker: Asker,
}

impl Polling {
    pub(super) fn new(client: usize, scenario: &Scenario) -> Self {
        Self { asker: Asker::new(Line::Main, client, scenario) }
    }

    pub(super) fn asks_again(&self) -> bool {
        !self.asker.leaving()
    }

    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match happening {
            Happening::Starts | Happening::Ticks => {
                // A question that waits already will do.
                let mut demands = if self.asker.news_wait() {
                    Vec::new()
                } else {
                    self.asker.ask(Ask::News, cause)
                };
                demands.push(Demand::Tick);
                demands
            }
            Happening::Wants(wish) => self.want(wish, cause),
            Happening::Connected(_) => self.asker.connected(),
            Happening::Told(_, Event::Response(response, body)) => {
                let mut demands = self.asker.answered(response.status, body);
                demands.extend(self.asker.go_on());
                demands
            }
            Happening::Disconnected(..) => self.asker.disconnected(),
            Happening::Retries(_) => self.asker.retry(),
            Happening::Leaves => self.asker.leave(),
            Happening::Told(..) => Vec::new(),
        }
    }

    fn want(&mut self, wish: &Wish, cause: Option<RecordIdx>) -> Vec<Demand> {
        match wish {
            _ if self.asker.leaving() => vec![Demand::Skip("the client has left")],
            Wish::Ping(_) => vec![Demand::Skip("HTTP has no ping; the next poll will tell")],
            Wish::Close(..) => self.asker.leave(),
            Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => {
                self.asker.ask(Ask::Post(Message::joined(&wish.parts())), cause)
            }
        }
    }
}
