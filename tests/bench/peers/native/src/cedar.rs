//! Cedar, in the two ways that its users write such a policy: a policy for each tool, which is an action
//! then, and one policy for all with the bounds in entities, the tools being resources.

use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request,
};
use serde_json::Value;

use crate::case::{self, Call, Case};
use crate::contest::{Contestant, again, parsed, text};

const NAME: &str = "cedar-policy, a policy a tool";
const DATA_NAME: &str = "cedar-policy, tools as data";

/// How a call becomes a request.
#[derive(Clone, Copy)]
enum Form {
    Actions,
    Resources,
}

struct Gate {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Gate {
    fn new(policies: &str, entities: Option<&Value>) -> Gate {
        let entities = entities.map_or_else(Entities::empty, |json| {
            Entities::from_json_value(json.clone(), None).expect("the entities are some")
        });
        let policies = PolicySet::from_str(policies).expect("the policy is one");
        Gate { authorizer: Authorizer::new(), policies, entities }
    }

    /// `None`, which no policy permits, is a call that Cedar cannot be asked about.
    fn allows(&self, request: Option<&Request>) -> bool {
        request.is_some_and(|request| {
            let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
            response.decision() == Decision::Allow
        })
    }
}

pub fn enter(case: &Case, calls: &[Call]) -> Vec<Box<dyn Contestant>> {
    let mut contestants = vec![];
    let mut add = |name, gate: &dyn Fn() -> Gate, form| {
        let of_parsed = gate();
        let decide = move |call: &Option<Request>| of_parsed.allows(call.as_ref());
        contestants.push(parsed(name, calls, reader(form), decide));
        let (of_text, read) = (gate(), reader(form));
        contestants.push(text(name, calls, move |text| of_text.allows(read(text).as_ref())));
    };
    if let Some(policies) = &case.policies.cedar {
        add(NAME, &|| Gate::new(policies, None), Form::Actions);
    }
    if let Some(data) = &case.policies.cedar_data {
        add(DATA_NAME, &|| Gate::new(&data.text, Some(&data.entities)), Form::Resources);
    }
    contestants
}

pub fn set_up(case: &Case) -> Vec<Box<dyn Contestant>> {
    let mut contestants = vec![];
    if let Some(policies) = case.policies.cedar.clone() {
        contestants
            .push(again(NAME, "text", move || !Gate::new(&policies, None).policies.is_empty()));
    }
    if let Some(data) = &case.policies.cedar_data {
        let (policies, entities) = (data.text.clone(), data.entities.to_string());
        contestants.push(again(DATA_NAME, "text", move || {
            let entities: Value = serde_json::from_str(&entities).expect("it is json");
            !Gate::new(&policies, Some(&entities)).policies.is_empty()
        }));
    }
    contestants
}

/// A reader of calls, with all that is the same for every call made once.
fn reader(form: Form) -> impl Fn(&str) -> Option<Request> {
    let type_of = |name: &str| EntityTypeName::from_str(name).expect("it is a name");
    let uid = |kind: &EntityTypeName, id: &str| {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
    };
    let (agent, server) = (uid(&type_of("Agent"), "agent"), uid(&type_of("Server"), "server"));
    let (action, tool) = (type_of("Action"), type_of("Tool"));
    let call = uid(&action, "call");
    move |text| {
        let mut message: Value = serde_json::from_str(text).ok()?;
        let (name, arguments) = case::parts(&mut message);
        // Refuses null and fractions.
        let context = Context::from_json_value(arguments, None).ok()?;
        let (action, resource) = match form {
            Form::Actions => (uid(&action, &name), server.clone()),
            Form::Resources => (call.clone(), uid(&tool, &name)),
        };
        Request::new(agent.clone(), action, resource, context, None).ok()
    }
}
