//! How far a long run has come, on standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two lines where there is no terminal to draw a bar on.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Tells it: a bar on a terminal, a line now and then elsewhere.
#[derive(Debug)]
pub(super) struct Told {
    what: &'static str,
    began: Instant,
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
}

impl Told {
    /// Of something that is counted in runs.
    pub(super) fn new(what: &'static str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} runs, {eta} left");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.with_style(style.expect("the template is a good one")).with_message(what)
        });
        let now = Instant::now();
        Self { what, began: now, bar, last: Mutex::new(now) }
    }

    /// So many runs are done, of so many.
    pub(super) fn tell(&self, done: u32, all: u32) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(all));
            bar.set_position(u64::from(done));
            return;
        }
        let mut last = self.last.lock().expect("nobody panics while holding it");
        if last.elapsed() >= BETWEEN_LINES && done < all {
            *last = Instant::now();
            self.line(&format!("{done} of {all} runs"));
        }
    }

    /// A line beside the bar.
    pub(super) fn line(&self, text: &str) {
        let line = format!("{}: {text}, {:.0} s", self.what, self.began.elapsed().as_secs_f64());
        match &self.bar {
            Some(bar) => bar.println(line),
            // Progress that nobody reads must not end the run.
            None => drop(writeln!(io::stderr(), "{line}")),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
