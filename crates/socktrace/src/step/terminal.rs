//! The terminal: a frame goes out in one write, keys come in, and after every ending it
//! is what it was.

use std::env;
use std::io::{self, Write};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::style::{Attribute, Color, Print, SetAttribute, SetForegroundColor};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{execute, queue};

use super::keyboard;
use super::line::{Line, Style, to_ascii};
use super::stepper::{Front, Input};
use crate::locale;

/// A signal doesn't end the waiting for a key, so we look whether there was one.
const STOP_TICK: Duration = Duration::from_millis(200);

type Hook = dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send + 'static;

/// The terminal while it is ours: another screen, no cursor, keys at once and unseen.
pub(crate) struct Terminal {
    /// What told of panics before, until it does so again.
    hook: Option<Arc<Hook>>,
}

impl Terminal {
    pub(crate) fn enter() -> io::Result<Self> {
        // The message of a panic belongs on the screen that stays. The guard would be
        // too late: it is dropped after the message.
        let hook: Arc<Hook> = Arc::from(panic::take_hook());
        let earlier = Arc::clone(&hook);
        panic::set_hook(Box::new(move |info| {
            restore();
            earlier(info);
        }));
        // From here on, whatever fails, the guard undoes the rest.
        let terminal = Self { hook: Some(hook) };
        terminal::enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        // Begins to watch for another size, before the first frame has this one.
        event::poll(Duration::ZERO)?;
        Ok(terminal)
    }

    /// Gives the terminal back.
    pub(crate) fn leave(&mut self) {
        // While a thread panics, its hook can't be exchanged; nobody needs it any more.
        if let Some(hook) = self.hook.take_if(|_| !thread::panicking()) {
            restore();
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What was changed is changed back. A terminal that is gone can't be helped.
fn restore() {
    let _ = execute!(io::stdout(), Show, LeaveAlternateScreen);
    let _ = terminal::disable_raw_mode();
}

/// Draws on the terminal, and reads its keys.
pub(crate) struct Screen {
    has_colours: bool,
    has_unicode: bool,
    /// The last frame's size: another one leaves nothing of what was there.
    size: (u16, u16),
    buffer: Vec<u8>,
    /// Set by SIGTERM and its like, which would otherwise leave the terminal as it is.
    is_stopped: Arc<AtomicBool>,
}

impl Screen {
    pub(crate) fn new() -> io::Result<Self> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        common::on_stop_request(move || stopped.store(true, Ordering::Relaxed))?;
        let has_colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Ok(Self::with(has_colours, locale::has_unicode(), is_stopped))
    }

    fn with(has_colours: bool, has_unicode: bool, is_stopped: Arc<AtomicBool>) -> Self {
        Self {
            has_colours,
            has_unicode,
            size: (0, 0),
            buffer: Vec::new(),
            is_stopped,
        }
    }

    /// Makes of `lines` what the terminal understands.
    fn queue(&mut self, lines: &[Line], size: (u16, u16)) -> io::Result<()> {
        self.buffer.clear();
        queue!(self.buffer, BeginSynchronizedUpdate)?;
        if size != self.size {
            self.size = size;
            queue!(self.buffer, Clear(ClearType::All))?;
        }
        for (row, line) in (0..size.1).zip(lines) {
            queue!(self.buffer, MoveTo(0, row))?;
            for (style, text) in line.pieces() {
                let ascii = (!self.has_unicode).then(|| to_ascii(text));
                let text = ascii.as_deref().unwrap_or(text);
                self.queue_style(*style)?;
                queue!(self.buffer, Print(text), SetAttribute(Attribute::Reset))?;
            }
            // A line that is full leaves the cursor on its last character.
            if line.width() < usize::from(size.0) {
                queue!(self.buffer, Clear(ClearType::UntilNewLine))?;
            }
        }
        queue!(self.buffer, EndSynchronizedUpdate)
    }

    fn queue_style(&mut self, style: Style) -> io::Result<()> {
        let (attribute, colour) = match style {
            Style::Plain => return Ok(()),
            Style::Dim => (Attribute::Dim, None),
            Style::Strong => (Attribute::Bold, None),
            Style::Good => (Attribute::Bold, Some(Color::Green)),
            Style::Bad => (Attribute::Bold, Some(Color::Red)),
            Style::Waits => (Attribute::Bold, Some(Color::Yellow)),
        };
        queue!(self.buffer, SetAttribute(attribute))?;
        match colour.filter(|_| self.has_colours) {
            Some(colour) => queue!(self.buffer, SetForegroundColor(colour)),
            None => Ok(()),
        }
    }
}

impl Front for Screen {
    fn size(&self) -> io::Result<(usize, usize)> {
        let (columns, rows) = terminal::size()?;
        Ok((columns.into(), rows.into()))
    }

    fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        self.queue(lines, terminal::size()?)?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.buffer)?;
        stdout.flush()
    }

    fn input(&mut self, patience: Option<Duration>) -> io::Result<Option<Input>> {
        let mut has_waited = false;
        loop {
            if self.is_stopped.load(Ordering::Relaxed) || keyboard::is_gone()? {
                return Ok(Some(Input::Stop));
            }
            while event::poll(Duration::ZERO)? {
                match event::read()? {
                    Event::Resize(..) => return Ok(Some(Input::Resize)),
                    Event::Key(key) if key.kind != KeyEventKind::Release => {
                        return Ok(Some(Input::Key(simple(key))));
                    }
                    _ => {}
                }
            }
            if has_waited && patience.is_some() {
                return Ok(None);
            }
            has_waited = true;
            keyboard::wait(patience.unwrap_or(STOP_TICK))?;
        }
    }
}

/// Ctrl-C is a key like any other in raw mode, and means what `q` does.
fn simple(key: KeyEvent) -> KeyCode {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if is_control => KeyCode::Char('q'),
        // What Enter gives that was pressed before the terminal was ours.
        KeyCode::Char('j') if is_control => KeyCode::Enter,
        KeyCode::Char(_) if is_control => KeyCode::Null,
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes to the terminal, as text.
    fn written(has_colours: bool, has_unicode: bool, line: Line) -> String {
        // Whatever the environment of the test says.
        crossterm::style::force_color_output(true);
        let mut screen = Screen::with(has_colours, has_unicode, Arc::default());
        screen
            .queue(&[line], (20, 5))
            .expect("memory takes all of it");
        String::from_utf8(screen.buffer).expect("text and escapes")
    }

    #[test]
    fn without_colours_the_rest_of_a_style_stays() {
        let error = || Line::new(Style::Bad, "EAGAIN");
        let bold = "\u{1b}[1m";
        let with = written(true, true, error());
        assert!(
            with.contains(bold) && with.contains("\u{1b}[38;5;9mEAGAIN"),
            "{with:?}"
        );
        let without = written(false, true, error());
        assert!(without.contains(&format!("{bold}EAGAIN")), "{without:?}");
    }

    #[test]
    fn without_utf_8_all_is_ascii() {
        let line = || Line::plain("◄── é");
        assert!(written(true, true, line()).contains("◄── é"));
        assert!(written(true, false, line()).contains("<-- ?"));
    }
}
