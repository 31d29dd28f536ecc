//! All that the screen shows: what has happened, what comes next, and what the person has
//! asked to see.

use super::label::printable;
use super::line::Style;
use super::story::{Row, Story};
use crate::ask::{Answer, Question, Score};
use crate::play::Held;
use crate::record::{Header, Record, Side, Step};
use crate::words::{self, Words};

/// All that the screen shows.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) title: String,
    /// The commands, word by word.
    pub(crate) server: String,
    pub(crate) client: String,
    pub(crate) story: Story,
    /// The natural next one first.
    pub(crate) held: Vec<Held>,
    pub(crate) going: Going,
    pub(crate) panel: Option<Panel>,
    /// How many of the panel's lines are above its first one on the screen.
    pub(crate) scroll: usize,
    /// A word about the last key.
    pub(crate) say: Option<(Style, String)>,
    pub(crate) asking: Option<Asking>,
}

/// Whether a key is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Going {
    /// Before each call.
    ByKeys,
    /// Not before one of these calls has ended, which wait.
    UntilOneEnds(Vec<Step>),
    /// Not before the end.
    ToTheEnd,
    /// There is nothing more.
    Over,
}

/// What can be shown instead of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// The last call whole, and its bytes.
    Bytes,
    /// More words.
    More,
}

/// What `--ask` adds.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pub(crate) question: Option<Question>,
    /// The question that was answered, until the call has said what is right.
    predicted: Option<(Question, Answer)>,
    /// The call that the word about the last prediction is about.
    pub(crate) judged: Option<Step>,
    pub(crate) score: Score,
}

impl View {
    pub(crate) fn new(header: &Header, title: &str, ask: bool) -> Self {
        let command = |side: Side| {
            let mut programs = header.programs.iter();
            let program = programs.find(|program| program.side == side);
            program
                .map(|program| program.command.join(" "))
                .unwrap_or_default()
        };
        Self {
            title: title.to_owned(),
            server: command(Side::Server),
            client: command(Side::Client),
            story: Story::default(),
            held: Vec::new(),
            going: Going::ByKeys,
            panel: None,
            scroll: 0,
            say: None,
            asking: ask.then(Asking::default),
        }
    }

    /// Goes on by what was seen.
    pub(crate) fn see(&mut self, record: Record) {
        let asking = self.asking.as_mut();
        if let Some(verdict) = asking.and_then(|asking| asking.judge(&record)) {
            self.say = Some(verdict);
        }
        self.story.see(record);
        self.scroll = 0;
    }

    /// What was said about the last key is no longer of interest.
    pub(crate) fn forget_word(&mut self) {
        self.say = None;
        if let Some(asking) = &mut self.asking {
            asking.judged = None;
        }
    }

    pub(crate) fn natural(&self) -> Option<&Held> {
        self.held.first()
    }

    pub(crate) fn held_of(&self, side: Side) -> Option<&Held> {
        self.held.iter().find(|held| held.side == side)
    }

    pub(crate) fn question(&self) -> Option<&Question> {
        self.asking.as_ref()?.question.as_ref()
    }

    /// About what comes next.
    pub(crate) fn words_before(&self) -> Option<Words> {
        let next = self.natural()?;
        Some(words::before(&next.name, next.kind, &next.arguments))
    }

    /// The call that there is a word about: the last one, or the one that was predicted,
    /// whose effect may have come since.
    pub(crate) fn happened(&self) -> Option<&Row> {
        let judged = self.asking.as_ref().and_then(|asking| asking.judged);
        let judged = judged.and_then(|step| self.story.row_of(step));
        judged.or(self.story.last())
    }

    /// About what happened last.
    pub(crate) fn words_after(&self) -> Option<Words> {
        match self.happened()? {
            Row::Wait(wait) => Some(words_waiting(&wait.name, &wait.arguments)),
            Row::Call(call) if self.story.has_reset(call) => Some(words::after_reset()),
            Row::Call(call) => Some(words::after(call)),
            Row::Told(..) => None,
        }
    }
}

pub(crate) fn words_waiting(name: &str, arguments: &[crate::record::Argument]) -> Words {
    words::waiting(name, crate::kind::kind_of(name, arguments))
}

impl Asking {
    /// Takes an answer to the question that is open.
    pub(crate) fn predict(&mut self, number: usize) -> Option<u32> {
        let answer = self.question.as_ref()?.answer(number)?;
        let question = self.question.take()?;
        let thread = question.thread;
        self.predicted = Some((question, answer));
        Some(thread)
    }

    fn judge(&mut self, record: &Record) -> Option<(Style, String)> {
        let (question, predicted) = self.predicted.as_ref()?;
        let happened = question.outcome(record)?;
        let (step, words) = match record {
            Record::Wait(wait) => (wait.step, words_waiting(&wait.name, &wait.arguments)),
            Record::Call(call) => (call.step, words::after(call)),
            _ => return None,
        };
        let is_right = happened == *predicted;
        self.score.count(is_right, &question.name, words.chapter);
        self.judged = Some(step);
        let name = printable(&question.name);
        let verdict = if is_right {
            (Style::Good, format!("Right: {name} {}.", happened.text()))
        } else {
            let number = question
                .answers
                .iter()
                .position(|answer| answer == predicted);
            let number = number.map_or(0, |index| index + 1);
            let text = format!("Not {number}: {name} {}.", happened.text());
            (Style::Bad, text)
        };
        self.predicted = None;
        Some(verdict)
    }
}
