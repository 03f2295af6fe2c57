use std::sync::OnceLock;

use serde::Serialize;

use crate::Fence;

/// A frame on its way to one or more connections: shared, with its JSON made at most once, by whoever
/// first needs it and never by the engine.
#[derive(Debug)]
pub struct Framed<F> {
    fence: Fence,
    frame: F,
    json: OnceLock<Box<str>>,
}

impl<F> Framed<F> {
    /// A frame of the desk's owner with this fence.
    #[must_use]
    pub const fn new(fence: Fence, frame: F) -> Self {
        Self { fence, frame, json: OnceLock::new() }
    }

    /// The frame.
    #[must_use]
    pub const fn frame(&self) -> &F {
        &self.frame
    }

    /// The fence of the owner that made it; a client ignores frames with a lower one than it has seen.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        self.fence
    }
}

impl<F: Serialize> Framed<F> {
    /// The frame as one JSON object with its fence.
    pub fn json(&self) -> &str {
        #[derive(Serialize)]
        struct Envelope<'a, F> {
            #[serde(flatten)]
            frame: &'a F,
            fence: Fence,
        }
        self.json.get_or_init(|| {
            serde_json::to_string(&Envelope { frame: &self.frame, fence: self.fence })
                .expect("frames are maps with string keys")
                .into_boxed_str()
        })
    }
}
