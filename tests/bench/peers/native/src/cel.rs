//! CEL, in the crate `cel`: an expression for each tool, found by the tool's name, for CEL knows no policies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::{Context, Env, Program, Value, to_value};

use crate::case::{self, Call, Case};
use crate::contest::{Contestant, again, parsed, text};

const NAME: &str = "cel";

struct Gate {
    env: Arc<Env>,
    programs: HashMap<String, Program>,
}

impl Gate {
    fn new(expressions: &BTreeMap<String, String>) -> Gate {
        let env = Arc::new(Env::stdlib());
        let compile = |text: &String| env.compile(text).expect("the expression is one");
        let programs = expressions.iter().map(|(name, text)| (name.clone(), compile(text)));
        let programs = programs.collect();
        Gate { env, programs }
    }

    /// The arguments as a variable.
    fn bind(&self, arguments: Value) -> Context<'static, 'static> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.add_variable_from_value("args", arguments);
        context
    }

    fn allows(&self, name: &str, context: &Context) -> bool {
        let program = self.programs.get(name);
        program.is_some_and(|program| program.execute(context) == Ok(Value::Bool(true)))
    }
}

fn read(text: &str) -> Option<(String, Value)> {
    let mut message: serde_json::Value = serde_json::from_str(text).ok()?;
    let (name, arguments) = case::parts(&mut message);
    Some((name, to_value(arguments).ok()?))
}

pub fn enter(case: &Case, calls: &[Call]) -> Vec<Box<dyn Contestant>> {
    let Some(expressions) = &case.policies.cel else { return vec![] };
    let (of_parsed, of_text) = (Arc::new(Gate::new(expressions)), Gate::new(expressions));
    let binder = Arc::clone(&of_parsed);
    let bound = move |text: &str| {
        let (name, arguments) = read(text).expect("the call is one");
        (name, binder.bind(arguments))
    };
    vec![
        parsed(NAME, calls, bound, move |(name, context)| of_parsed.allows(name, context)),
        text(NAME, calls, move |text| {
            read(text)
                .is_some_and(|(name, arguments)| of_text.allows(&name, &of_text.bind(arguments)))
        }),
    ]
}

pub fn set_up(case: &Case) -> Vec<Box<dyn Contestant>> {
    let Some(expressions) = case.policies.cel.clone() else { return vec![] };
    vec![again(NAME, "text", move || !Gate::new(&expressions).programs.is_empty())]
}
