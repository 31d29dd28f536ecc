//! What the keys do.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::StepOptions;
use super::columns;
use super::frame::frame;
use super::label::printable;
use super::line::{Line, Style};
use super::panel;
use super::view::{Going, Panel, View};
use crate::ask::{Question, Score};
use crate::play::{Play, Settled};
use crate::record::{Header, Record, Side};

/// In a live run things happen by themselves: a call that waits has a timeout, a peer isn't
/// watched, a signal comes. No key tells of it, so the run is asked again after this time.
/// Of a recorded run nothing comes by itself.
const TICK: Duration = Duration::from_millis(50);
/// Nobody sees more frames than this has room for.
const FRAME: Duration = Duration::from_millis(30);

/// Where the screen is drawn and keys come from.
pub(crate) trait Front {
    /// Columns and rows.
    fn size(&self) -> io::Result<(usize, usize)>;
    fn draw(&mut self, lines: &[Line]) -> io::Result<()>;
    /// The next input; none if there isn't any within `patience`.
    fn input(&mut self, patience: Option<Duration>) -> io::Result<Option<Input>>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    Key(KeyCode),
    Resize,
    /// Somebody wishes the program to end, by a signal.
    Stop,
}

/// Steps through a run.
pub(crate) struct Stepper<'a> {
    play: &'a mut dyn Play,
    view: View,
    is_recorded: bool,
    /// The screen's, when it was last drawn.
    size: (usize, usize),
    /// Something has changed since the last frame.
    is_stale: bool,
    drawn: Option<Instant>,
    /// A call was let go, and what comes of it isn't known yet.
    has_released: bool,
}

impl<'a> Stepper<'a> {
    pub(crate) fn new(play: &'a mut dyn Play, header: &Header, options: &StepOptions) -> Self {
        Self {
            play,
            view: View::new(header, &options.title, options.ask),
            is_recorded: options.is_recorded,
            size: (0, 0),
            has_released: false,
            is_stale: true,
            drawn: None,
        }
    }

    pub(crate) fn score(&self) -> Option<&Score> {
        self.view.asking.as_ref().map(|asking| &asking.score)
    }

    /// Goes on until somebody leaves.
    pub(crate) fn run(&mut self, front: &mut dyn Front) -> anyhow::Result<()> {
        loop {
            let settled = self.settle()?;
            if settled == Settled::Stop {
                return Ok(());
            }
            self.draw(front)?;
            let mut input = front.input(self.patience(settled))?;
            if input.is_none() && self.is_going() && settled == Settled::Still {
                self.release_natural();
            }
            // Several keys may have been read at once, and settling waits for others. But
            // once a call has been let go, the next key is about what comes of it.
            while let Some(one) = input {
                if !self.take(one) {
                    return Ok(());
                }
                if self.has_released {
                    break;
                }
                self.draw(front)?;
                input = front.input(Some(Duration::ZERO))?;
            }
            self.has_released = false;
        }
    }

    /// How long to wait for a key before the run is asked again.
    fn patience(&self, settled: Settled) -> Option<Duration> {
        let is_going = self.is_going();
        if is_going && settled == Settled::Still && !self.view.held.is_empty() {
            Some(Duration::ZERO)
        } else if is_going || settled == Settled::Key || !self.is_recorded {
            Some(TICK)
        } else {
            None
        }
    }

    /// False: it says to leave.
    fn take(&mut self, input: Input) -> bool {
        self.is_stale = true;
        match input {
            Input::Resize => true,
            Input::Key(key) => self.press(key),
            Input::Stop => false,
        }
    }

    /// Takes what has happened.
    fn settle(&mut self) -> anyhow::Result<Settled> {
        let view = &mut self.view;
        let is_stale = &mut self.is_stale;
        let settled = self.play.settle(&mut |record| {
            // The end may be told again and again.
            *is_stale |= !matches!(record, Record::End(_));
            view.see(record);
        })?;
        let held = self.play.held();
        *is_stale |= held != view.held;
        view.held = held;
        if let Going::UntilOneEnds(steps) = &view.going
            && !steps.iter().all(|step| view.story.waits_in(*step))
        {
            view.going = Going::ByKeys;
            *is_stale = true;
        }
        if settled == Settled::Over && view.going != Going::Over {
            view.going = Going::Over;
            *is_stale = true;
        }
        self.ask(settled);
        Ok(settled)
    }

    /// Puts the question about the natural next call, if there is one to put.
    fn ask(&mut self, settled: Settled) {
        let is_by_keys = self.view.going == Going::ByKeys;
        let natural = self.view.natural().and_then(Question::about);
        let held: Vec<u32> = self.view.held.iter().map(|held| held.thread).collect();
        let Some(asking) = &mut self.view.asking else {
            return;
        };
        // A question that was put stays, as long as its call is held.
        let is_open = |question: &Question| held.contains(&question.thread);
        if !is_by_keys || !asking.question.as_ref().is_some_and(is_open) {
            let question = natural.filter(|_| is_by_keys && settled == Settled::Still);
            self.is_stale |= question != asking.question;
            asking.question = question;
        }
    }

    fn is_going(&self) -> bool {
        matches!(self.view.going, Going::UntilOneEnds(_) | Going::ToTheEnd)
    }

    fn draw(&mut self, front: &mut dyn Front) -> io::Result<()> {
        // A live run may have taken the signal that tells of another size.
        let size = front.size()?;
        let has_changed = self.is_stale || self.size != size;
        let is_early = |drawn: Instant| drawn.elapsed() < FRAME;
        if !has_changed || self.is_going() && self.drawn.is_some_and(is_early) {
            return Ok(());
        }
        let (width, height) = size;
        self.size = size;
        self.is_stale = false;
        self.drawn = Some(Instant::now());
        front.draw(&frame(&self.view, width, height))
    }

    /// Does what the key says. False: it says to leave.
    fn press(&mut self, key: KeyCode) -> bool {
        self.view.forget_word();
        match key {
            KeyCode::Char('q') => return false,
            KeyCode::Esc if self.view.panel.is_none() => return false,
            _ if self.is_going() => self.view.going = Going::ByKeys,
            KeyCode::Esc => self.view.panel = None,
            KeyCode::Char('b') => self.toggle(Panel::Bytes),
            KeyCode::Char('?') => self.toggle(Panel::More),
            KeyCode::Up | KeyCode::Char('k') => self.scroll(-1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll(1),
            KeyCode::PageUp => self.scroll(-8),
            KeyCode::PageDown => self.scroll(8),
            KeyCode::Home => self.view.scroll = 0,
            KeyCode::End => self.scroll(isize::MAX),
            _ if self.view.going == Going::Over => self.say("the run is over; q leaves"),
            KeyCode::Enter | KeyCode::Char(' ') => self.go(None),
            KeyCode::Char('s') => self.go(Some(Side::Server)),
            KeyCode::Char('c') => self.go(Some(Side::Client)),
            KeyCode::Char('u') => self.go_until_one_ends(),
            KeyCode::Char('r') => self.set_going(Going::ToTheEnd),
            KeyCode::Char(digit @ '1'..='9') if self.view.asking.is_some() => self.predict(digit),
            _ => {}
        }
        true
    }

    fn toggle(&mut self, panel: Panel) {
        let is_shown = self.view.panel == Some(panel);
        self.view.panel = (!is_shown).then_some(panel);
        self.view.scroll = 0;
    }

    fn scroll(&mut self, by: isize) {
        let Some(panel) = self.view.panel else {
            return;
        };
        let last = panel::n_lines(&self.view, panel, self.size.0).saturating_sub(1);
        self.view.scroll = self.view.scroll.saturating_add_signed(by).min(last);
    }

    /// Lets the natural next call go, or that of `side`.
    fn go(&mut self, side: Option<Side>) {
        let natural = self.view.natural();
        let held = side.map_or(natural, |side| self.view.held_of(side));
        let Some(held) = held else {
            let why = self.why_none_is_held(side);
            return self.say(&why);
        };
        if self.is_recorded && natural.is_some_and(|natural| natural.thread != held.thread) {
            let other = held.side.other();
            let why = format!("a recorded run goes on as it went: with the {other}'s call");
            return self.say(&why);
        }
        let (thread, question) = (held.thread, Question::about(held));
        let Some(asking) = &mut self.view.asking else {
            return self.release(thread);
        };
        let Some(question) = question else {
            return self.release(thread);
        };
        let answers = question.answers.len();
        asking.question = Some(question);
        self.say(&format!("first predict what it will do: 1 to {answers}"));
    }

    fn why_none_is_held(&self, side: Option<Side>) -> String {
        let Some(side) = side else {
            return "no call is held; what is awaited stands above".to_owned();
        };
        let Some(wait) = self.view.story.wait_of(side) else {
            return format!("the {side} {}", columns::idle(&self.view, side));
        };
        let other = side.other();
        let what = match self.view.held_of(other) {
            Some(_) => format!("a call of the {other} can end that"),
            None => "nothing that is held can end that".to_owned(),
        };
        format!("the {side} waits in {}; {what}", printable(&wait.name))
    }

    fn go_until_one_ends(&mut self) {
        let waits = self.view.story.waits();
        if waits.is_empty() {
            return self.say("no call waits now");
        }
        let steps = waits.iter().map(|wait| wait.step).collect();
        self.set_going(Going::UntilOneEnds(steps));
    }

    fn release_natural(&mut self) {
        if let Some(thread) = self.view.natural().map(|held| held.thread) {
            self.release(thread);
        }
    }

    fn release(&mut self, thread: u32) {
        self.has_released = true;
        self.play.release(thread);
    }

    /// Goes on by itself from here.
    fn set_going(&mut self, going: Going) {
        self.view.going = going;
        self.release_natural();
    }

    fn predict(&mut self, digit: char) {
        let number = digit.to_digit(10).map_or(0, |digit| digit as usize);
        let asking = self.view.asking.as_mut();
        match asking.and_then(|asking| asking.predict(number)) {
            Some(thread) => self.release(thread),
            None => self.say("there is no such answer now"),
        }
    }

    fn say(&mut self, text: &str) {
        self.view.say = Some((Style::Plain, text.to_owned()));
    }
}
