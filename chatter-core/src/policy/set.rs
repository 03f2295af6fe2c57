//! The policies that a desk can choose from.

use std::sync::Arc;

use super::{AssignmentPolicy, NAMES, by_name};

/// Which of a desk's policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PolicyIx(usize);

/// A desk's policies: all that are shipped, and those that whoever embeds it adds, each by its name; one of them
/// is the desk's own, for categories that name none and between categories.
#[derive(Clone, Debug)]
pub struct Policies {
    known: Vec<Arc<dyn AssignmentPolicy>>,
    /// Their names, written into every choice.
    names: Vec<Arc<str>>,
    desk: PolicyIx,
}

impl Policies {
    /// The shipped policies, with this one as the desk's. It takes the place of a shipped one of its name.
    #[must_use]
    pub fn new(desk: Arc<dyn AssignmentPolicy>) -> Self {
        let mut policies = Self { known: Vec::new(), names: Vec::new(), desk: PolicyIx(0) };
        for shipped in NAMES.into_iter().filter_map(by_name) {
            policies.add(shipped);
        }
        policies.desk = policies.add(desk);
        policies
    }

    /// The same and another policy that can be chosen by its name.
    #[must_use]
    pub fn with(mut self, policy: Arc<dyn AssignmentPolicy>) -> Self {
        self.add(policy);
        self
    }

    /// The desk's own policy.
    #[must_use]
    pub fn desk(&self) -> &Arc<dyn AssignmentPolicy> {
        &self.known[self.desk.0]
    }

    /// The same with the policy of that name as the desk's, if there is one.
    #[must_use]
    pub fn with_desk(mut self, name: &str) -> Option<Self> {
        self.desk = self.find(name)?;
        Some(self)
    }

    /// True when there is a policy of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn find(&self, name: &str) -> Option<PolicyIx> {
        self.known.iter().position(|policy| policy.name() == name).map(PolicyIx)
    }

    pub(crate) const fn desk_ix(&self) -> PolicyIx {
        self.desk
    }

    pub(crate) fn set_desk(&mut self, desk: PolicyIx) {
        self.desk = desk;
    }

    pub(crate) fn get(&self, ix: PolicyIx) -> &Arc<dyn AssignmentPolicy> {
        &self.known[ix.0]
    }

    /// The name of a policy, shared.
    pub(crate) fn name(&self, ix: PolicyIx) -> Arc<str> {
        Arc::clone(&self.names[ix.0])
    }

    fn add(&mut self, policy: Arc<dyn AssignmentPolicy>) -> PolicyIx {
        if let Some(ix) = self.find(policy.name()) {
            self.known[ix.0] = policy;
            return ix;
        }
        self.names.push(policy.name().into());
        self.known.push(policy);
        PolicyIx(self.known.len() - 1)
    }
}

impl<P: AssignmentPolicy + 'static> From<Arc<P>> for Policies {
    fn from(desk: Arc<P>) -> Self {
        Self::new(desk)
    }
}

impl From<Arc<dyn AssignmentPolicy>> for Policies {
    fn from(desk: Arc<dyn AssignmentPolicy>) -> Self {
        Self::new(desk)
    }
}
