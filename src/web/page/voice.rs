//! What happens, in words for those who do not see it: one polite live region, spoken into at most every few seconds.
//! Knows no run but what the page tells of it.

use crate::frame::{Frame, Status};
use crate::lab::sentence::plainly;
use crate::web::dom;
use crate::web::views::charts;

/// Milliseconds between two messages.
const PAUSE: f64 = 2500.0;
/// Most messages that wait; older ones are out of date.
const MOST: usize = 3;

/// Says things one after the other.
#[derive(Default)]
pub(super) struct Voice {
    waiting: Vec<String>,
    said_at: f64,
    /// Which runs were told to have diverged.
    diverged: Vec<bool>,
    stopped: bool,
}

impl Voice {
    /// Says it soon.
    pub(super) fn say(&mut self, words: String) {
        if self.waiting.last() != Some(&words) {
            self.waiting.push(words);
        }
        let surplus = self.waiting.len().saturating_sub(MOST);
        self.waiting.drain(..surplus);
    }

    /// Another run is on the page.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
        self.diverged.clear();
        self.stopped = false;
    }

    /// Tells what is new in a frame of networks of so many layers: runs that diverged, and the end.
    pub(super) fn watch(&mut self, frame: &Frame, layers: usize) {
        self.diverged.resize(frame.members.len(), false);
        for i in 0..frame.members.len() {
            let member = &frame.members[i];
            let diverged = member.status == Status::Diverged;
            if diverged && !self.diverged[i] {
                let plain = plainly(member, layers).filter(|_| charts::few());
                let plain = plain.map(|words| format!("Run {} {words}", i + 1));
                let words = plain.or_else(|| member.explanation.clone());
                self.say(words.unwrap_or_else(|| format!("Run {} diverged.", i + 1)));
            }
            self.diverged[i] = diverged;
        }
        if let Some(why) = &frame.stopped
            && !self.stopped
        {
            self.say(why.clone());
        }
        self.stopped = frame.stopped.is_some();
    }

    /// Says the next thing if it is time; whether anything still waits for that. What is covered is told of when it is revealed.
    pub(super) fn speak(&mut self) -> bool {
        let now = dom::now();
        if self.waiting.is_empty() || dom::root().has_attribute("data-covered") {
            return false;
        }
        if self.said_at == 0.0 || now - self.said_at > PAUSE {
            self.said_at = now;
            let words = std::mem::take(&mut self.waiting).join(" ");
            dom::write(&dom::by_id("voice"), &words);
        }
        !self.waiting.is_empty()
    }
}
