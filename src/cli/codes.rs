//! `cattlegrid codes`

use cattlegrid::diagnostic::{Code, name, nearest};

use super::{Answer, Failure, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The code to explain, such as `unknown-key`
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let Some(wanted) = &arguments.code else {
        let line = |code: &Code| format!("{:<8} {}", code.severity().as_str(), code.as_str());
        print(&Code::ALL.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        return Ok(Answer::Yes);
    };
    let Some(code) = Code::ALL.iter().find(|code| code.as_str() == wanted) else {
        let meant = nearest(wanted, Code::ALL.iter().map(|code| code.as_str()));
        let help = meant.map(|meant| format!(": did you mean {}?", name(meant)));
        let help = help.unwrap_or_else(|| "; `cattlegrid codes` lists them".to_owned());
        return Err(Failure(format!("error: there is no code {}{help}", name(wanted))));
    };
    print(&format!("{} [{}]\n\n{}", code.severity().as_str(), code.as_str(), code.explain()))?;
    Ok(Answer::Yes)
}
