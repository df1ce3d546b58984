//! The traits of a tool, and the risk that follows from them.

use super::evidence::{Evidence, Place, Says};
use super::judge::Case;
use super::text::Weight;
use super::{Category, Risk, Trait};
use crate::words::{Nouns, Sense};

/// What a policy should know of a tool of this category, with the reasons.
pub(super) fn find(case: &Case<'_>, category: Category) -> (Vec<Trait>, Vec<Evidence>) {
    let mut evidence = case.arguments.evidence.clone();
    let mut says = |place, words: &str, says| {
        evidence.push(Evidence::new(place, words, Says::Trait(says)));
    };
    let name = &case.tool.name;
    let main = || case.text.said.iter().filter(|said| said.weight == Weight::Main);
    let objects = main().fold(case.name.objects, |all, said| all.and(said.objects));
    if let Some(words) = case.text.costs {
        says(Place::Description, words, Trait::Cost);
    }
    if category != Category::Read {
        let sends = case.name.verbs.iter().find(|heard| heard.verb.sense == Sense::Send);
        let told = main().find(|said| said.verb.sense == Sense::Send && !said.verb.noun);
        if let Some(heard) = sends {
            says(Place::Name, &heard.word, Trait::Egress);
        } else if let Some(said) = told {
            says(Place::Description, said.phrase, Trait::Egress);
        } else if let Some(argument) = &case.arguments.recipient {
            says(Place::Argument(argument.clone()), argument, Trait::Egress);
        }
        let rights = Nouns::RIGHTS.and(Nouns::PEOPLE).and(Nouns::SECRET);
        let grants = case.name.verbs.iter().find(|heard| heard.verb.sense == Sense::Grant);
        if let Some(heard) = grants {
            says(Place::Name, &heard.word, Trait::Identity);
        } else if case.name.objects.any(rights) {
            says(Place::Name, name, Trait::Identity);
        } else if let Some(said) = main().find(|said| {
            said.objects.any(Nouns::RIGHTS) || said.verb.sense == Sense::Grant && !said.verb.noun
        }) {
            says(Place::Description, said.phrase, Trait::Identity);
        }
    }
    if category <= Category::Execute && category != Category::Write {
        let outside = objects.any(Nouns::OUTSIDE);
        if outside {
            let named = case.name.objects.any(Nouns::OUTSIDE);
            let phrase = main().map(|said| said.phrase).next().unwrap_or_default();
            let (place, words) =
                if named { (Place::Name, name.as_str()) } else { (Place::Description, phrase) };
            says(place, words, Trait::Untrusted);
        }
    }
    if category == Category::Read && case.name.objects.any(Nouns::SECRET) {
        says(Place::Name, name, Trait::Secrets);
    }
    let has = |wanted: &Trait| evidence.iter().any(|one| one.says == Says::Trait(*wanted));
    let traits = Trait::ALL.into_iter().filter(has).collect();
    (traits, evidence)
}

/// The harm that a tool of this category and these traits may do.
pub(super) fn risk(case: &Case<'_>, category: Category, traits: &[Trait]) -> Risk {
    let has = |wanted: &[Trait]| wanted.iter().any(|one| traits.contains(one));
    let rights = case.name.objects.any(Nouns::RIGHTS.and(Nouns::SECRET))
        || case.name.verbs.iter().any(|heard| heard.verb.sense == Sense::Grant);
    let main = case.text.said.iter().filter(|said| said.weight == Weight::Main);
    let all = case.name.objects.any(Nouns::ALL)
        || main.into_iter().any(|said| said.objects.any(Nouns::ALL));
    match category {
        Category::Read if has(&[Trait::Secrets]) => Risk::High,
        Category::Read
            if has(&[
                Trait::Untrusted,
                Trait::Address,
                Trait::RawText,
                Trait::Credentials,
                Trait::Cost,
            ]) =>
        {
            Risk::Medium
        }
        Category::Read => Risk::Low,
        Category::Write if has(&[Trait::Identity]) && rights => Risk::Critical,
        Category::Write
            if has(&[Trait::Identity, Trait::Egress, Trait::Credentials, Trait::Multiplexing]) =>
        {
            Risk::High
        }
        Category::Write => Risk::Medium,
        Category::Execute if has(&[Trait::RawText]) => Risk::Critical,
        Category::Execute => Risk::High,
        Category::Destructive
            if case.text.forever.is_some()
                || all
                || has(&[Trait::Identity, Trait::Multiplexing]) =>
        {
            Risk::Critical
        }
        Category::Destructive => Risk::High,
        Category::Financial => {
            let moves = case.name.verbs.iter().any(|heard| heard.verb.sense == Sense::Pay);
            if moves || case.arguments.money { Risk::Critical } else { Risk::High }
        }
    }
}
