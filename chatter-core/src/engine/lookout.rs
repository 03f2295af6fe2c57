use std::fmt;

use crate::desk::Desk;

type Look = Box<dyn FnMut(&Desk) + Send>;

/// An eye on the desk, for tests and simulations.
#[derive(Default)]
pub(super) struct Watch {
    look: Option<Look>,
}

impl Watch {
    pub(super) fn new(look: impl FnMut(&Desk) + Send + 'static) -> Self {
        Self { look: Some(Box::new(look)) }
    }

    pub(super) fn look(&mut self, desk: &Desk) {
        if let Some(look) = &mut self.look {
            look(desk);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("looks", &self.look.is_some()).finish()
    }
}
