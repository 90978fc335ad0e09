//! What a long run is at, for somebody who looks at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs that are over before then show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line on standard error that goes away again. The default shows nothing.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
    start: Instant,
    /// Whether it has still to appear.
    waits: Arc<AtomicBool>,
}

impl Default for Progress {
    fn default() -> Self {
        let waits = Arc::new(AtomicBool::new(false));
        Self { bar: ProgressBar::hidden(), start: Instant::now(), waits }
    }
}

impl Progress {
    /// Appears when the run takes long and standard error is a terminal.
    pub fn on_terminal() -> Self {
        let progress = Self::default();
        progress.waits.store(true, Ordering::Relaxed);
        progress
    }

    /// Something else begins.
    pub fn stage(&self, what: &'static str) {
        self.bar.unset_length();
        self.bar.set_position(0);
        self.bar.set_style(style("{spinner} {msg} {elapsed}"));
        self.bar.set_message(what);
        self.appear();
    }

    /// There are so many more to do in this stage.
    pub fn expect(&self, more: usize) {
        self.bar.set_style(style("{spinner} {msg} {pos}/{len} {elapsed}"));
        self.bar.set_length(self.bar.length().unwrap_or_default() + more as u64);
    }

    /// One of them is done.
    pub fn advance(&self) {
        self.bar.inc(1);
        self.appear();
    }

    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn appear(&self) {
        if self.start.elapsed() > PATIENCE && self.waits.swap(false, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well formed")
}
