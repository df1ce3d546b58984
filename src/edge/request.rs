//! A request on its way to the server: whose it is, and what it is.

use super::{Asked, Identity, Mode, Place, Settings, Stop};
use crate::model::{Call, Decision};
use crate::pin::{PinMemory, Unpinned};
use crate::protocol::{Era, Id, Kind, Message, answer};

/// What a message of a client is to who stands before the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// A call of a tool: the policy decides.
    Call {
        /// What the answer is to name.
        id: Id,
    },
    /// It goes on.
    Forward(Asked),
    /// A call that is denied whatever the policy says.
    Denied {
        /// What the answer is to name.
        id: Id,
        /// The denial.
        decision: Decision,
    },
}

impl Settings {
    /// The name of the server that a path leads to, if servers have names.
    ///
    /// # Errors
    /// If it leads to none.
    pub fn server_at(&self, path: &str) -> Result<Option<String>, Stop> {
        match self.server(path) {
            Place::Only => Ok(None),
            Place::Server(name) => Ok(Some(name)),
            Place::Nowhere => Err(Stop::unknown_server()),
        }
    }

    /// Whose a request with this `authorization` header to a server is, and whether decisions about it are
    /// carried out.
    ///
    /// # Errors
    /// If the token is missing or not known.
    pub fn whose(
        &self,
        authorization: Option<&str>,
        server: Option<&str>,
    ) -> Result<(Identity, Mode), Stop> {
        let identity = self.identity(authorization, server).ok_or_else(Stop::unknown_grant)?;
        let mode = identity.policy.as_ref().map_or(self.mode, |policy| policy.mode);
        Ok((identity, mode))
    }

    /// How a tool that is called is not what is pinned, and whether the call is denied for it; `None` if
    /// it is, if the server has no lock, and for a grant without a policy, which is denied all the same.
    pub fn unpinned(
        &self,
        identity: &Identity,
        server: Option<&str>,
        tool: &str,
        memory: &mut dyn PinMemory,
    ) -> Option<(Unpinned, bool)> {
        identity.policy.as_ref()?;
        let watch = self.watch(server)?;
        Some((watch.of_call(tool, memory)?, watch.denies()))
    }

    /// What becomes of a message that was read.
    ///
    /// # Errors
    /// If it does not go on.
    pub fn judge(&self, message: &Message) -> Result<Judged, Stop> {
        Ok(match message.kind.clone() {
            Kind::Call { id } => Judged::Call { id },
            Kind::MalformedCall { id } => {
                let decision = answer::malformed_call(message.tool().unwrap_or_default());
                Judged::Denied { id, decision }
            }
            // Nobody waits for an answer, and nobody could be told a denial.
            Kind::CallWithoutId => {
                return Err(Stop::dropped("notification", "a call without an id"));
            }
            Kind::ListTools { id } => Judged::Forward(Asked::List(id)),
            Kind::Request { id } if self.lets_pass(message) => Judged::Forward(Asked::Other(id)),
            Kind::Request { id } => return Err(Stop::unknown_method(&id, message.era())),
            Kind::Notification if !self.lets_pass(message) => return Err(Stop::dropped_method()),
            Kind::Notification | Kind::Response => Judged::Forward(Asked::Nothing),
        })
    }
}

/// The session that a header names.
///
/// # Errors
/// If it is none as MCP writes it: visible ASCII. What came in two lines has a space here, and servers
/// differ in which of the two they take.
pub fn session(header: &str) -> Result<String, Stop> {
    if header.is_empty() || !header.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Stop::session());
    }
    Ok(header.to_owned())
}

/// The call that a message makes, with what the host knows of it: `session` and `approval` are those of
/// the headers. `None` if it makes none.
#[must_use]
pub fn call_of(
    message: Message,
    identity: &Identity,
    server: Option<&str>,
    session: Option<&str>,
    approval: Option<&str>,
) -> Option<Call> {
    let era = message.era();
    let call = message.into_call()?;
    Some(Call {
        grant: Some(identity.label.as_str().to_owned()),
        // There are none since 2026-07-28: a header that says otherwise opens no new budget.
        session: session.filter(|_| era == Era::Sessions).map(str::to_owned),
        server: server.map(str::to_owned),
        approval: call.approval.or_else(|| approval.map(str::to_owned)),
        ..call
    })
}
