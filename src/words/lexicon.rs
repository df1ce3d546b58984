//! The words themselves. A verb with `~` is as often a noun, and counts as a verb only where a verb is
//! expected.

use super::{Class, DELETES, LOOKS, Nouns, RUNS, Sense, WRITES};

/// Verbs by what they do.
pub(super) const VERBS: [(Sense, &str); 12] = [
    (Sense::Read, LOOKS),
    (Sense::Write, WRITES),
    (Sense::Execute, RUNS),
    (Sense::Delete, DELETES),
    (
        Sense::Read,
        "aggregate analyse ask~ autocomplete enrich benchmark~ browse~ calculate combine capture~
        classify compare compute convert correlate count~ crawl~ decode detect diagnose diff~
        discover display~ download~ echo~ encode enumerate estimate~ examine explore export~
        extract~ filter~ forecast~ geocode grep highlight~ identify infer inquire inspect
        interpret introspect investigate learn locate lookup~ measure~ monitor~ observe obtain
        parse peek~ ping~ plot~ poll~ preview~ print~ profile~ query~ rank~ recommend
        render~ resolve~ retrieve return~ reveal scan~ score~ scrape select~ stat subtract
        suggest summarise summarize surface~ tail~ think trace~ transcribe translate
        troubleshoot verify view~ visualize wait whoami sum~ sample~ match~ walk~ recall collect
        evaluate~ solve study~ report~ blame~ whois access~ load~ open~ consult paginate traverse derive
        normalise review~ tell ocr survey~ assess watch~",
    ),
    (
        Sense::Write,
        "accept place~ ack acknowledge adjust allocate alter amend annotate append apply approve
        archive assign associate attach augment back~ backup~ bind bookmark~ bump~ change~
        clone~ close~ comment~ commit~ complete~ compose~ compress configure confirm consolidate
        construct copy~ customize cut~ deactivate activate decline declare decompress decrement
        decr dedupe deduplicate define deny detach disable disassociate dismiss down~ draft~
        duplicate~ edit embed enable enqueue enroll escalate expire extend favorite~ fill~
        finalize flag~ follow~ fork~ format~ freeze~ hide import~ increment incr index~ ingest
        integrate join~ label~ like~ link~ lock~ log~ make mark merge migrate mount~ move~ mute
        mutate normalize onboard optimize organize override~ overwrite paste persist pin~
        populate prepare prepend promote demote propose provision push~ react rate~ rearrange
        rebase record~ refactor refine register reindex reject remember rename reopen reorder
        replicate request~ reserve resequence resize restore retag revert revise rotate save
        schedule~ seed~ set~ setup~ shift~ snooze sort~ split~ stage~ star~ store~ subscribe
        swap~ switch~ sync~ synchronize tag~ toggle~ touch~ track~ transition~ transform~
        triage~ trim unarchive unassign unblock undelete undrop unfollow unhide unlike unlink
        unlock unmerge unmute unpin unpublish unset unshare unstage unstar unsubscribe unwatch
        upgrade~ upload~ vote~ zip~ unstack crop~ rehost customise initialise unsnooze rsvp
        book~ queue~ reassign reclassify unflag attest stamp~ concat concatenate fold~ deselect
        pull~ checkout~ cherry stash~ chmod chown mkdir symlink rewrite substitute refresh~
        renew sign~ bless note~ draw~ design~ model~ clip~ tidy reschedule relocate redact
        encrypt decrypt wrap unwrap reconcile adopt align allot anonymize backfill calibrate
        censor certify circulate confer confiscate curtail declassify decouple deduct defer
        deprioritize disallow disqualify divert downgrade~ downvote earmark endorse enlist
        entrust establish exclude exempt expedite fulfil fulfill furlough harden hire hoist
        impose impound incorporate instantiate isolate leave~ loosen lower mitigate moderate
        mothball negate nudge obfuscate obsolete offload overrule penalize perturb postpone
        preempt prohibit prolong pseudonymize publicize quarantine~ raise rebalance rebrand
        recategorize reclaim recruit rectify recycle redirect~ redistribute redo reinstate
        reissue relax relegate repair~ replenish reprioritize reroute seize sequester shelve
        shorten shrink silence~ soften strip~ strengthen subdivide suppress surrender connect disconnect generate regenerate release~ tamper throttle~
        tighten timeout~ tweak~ usurp veto~ waive weaken withhold",
    ),
    (
        Sense::Send,
        "broadcast~ dispatch~ email~ forward~ invite~ mail~ message~ notify post~ publish reply~
        respond send share~ sms~ transmit tweet~ retweet announce fax~ repost crosspost dm~",
    ),
    (
        Sense::Execute,
        "abort authenticate automate begin boot~ bootstrap~ build~ call~ click~ compile
        containerize debug~ test~ drag~ predict emulate hover scroll~ focus~ eval exec
        execute failover~ fuzz go halt hibernate initialize initiate install interrupt
        invoke kickoff launch~ login~ logout~ navigate orchestrate play~ press~ quit~ reboot~
        rebuild~ reconnect redeploy reload~ relaunch rerun retry~ rollback~ rollout~ run~
        scaffold scale~ shell~ signal~ sleep~ spawn stream~ submit suspend swipe~ tap~ train~
        trigger~ tune type~ wake replay~ synthesize dial~ impersonate delegate crack~ exploit~
        inject~ ssh~ step~ provoke fly goto spin unpause unfreeze unsuspend preheat
        dispense speak animate morph arm~ disarm brew~ bypass dim~ eject enact energize exfiltrate
        hijack ignite irrigate kickstart maneuver control~ mow patrol phish quiesce redrive rewind roam
        shoot skip~ spoof steer summon bruteforce remediate intercept",
    ),
    (
        Sense::Delete,
        "ban~ block~ forget shutdown clean cleanup~ clear decommission del delist deprovision
        deregister destruct discard dispose empty~ eradicate erase evacuate evict expunge kick~
        kill~ nuke obliterate pop~ prune reimage reset revoke rm rmdir shred trash~ truncate
        uninstall unregister wipe zap~ vacate detonate unprovision teardown~ hdel srem zrem lrem
        xdel lpop rpop abandon abolish annihilate banish blackhole~ blacklist~ blocklist~ cleanse
        clobber cull deallocate defund demolish denylist~ dequeue disband disinherit dismantle
        disown dissolve ditch excise exile expel exterminate extinguish flushall flushdb incinerate
        invalidate jettison junk~ nullify offboard oust purgeall quash reap relinquish rescind
        retire~ retract sabotage scrap~ scrub~ sunset~ tombstone~ unmap unsend uproot vaporize void~
        wreck yank~ zeroize",
    ),
    (
        Sense::Pay,
        "bid~ buy~ charge~ disburse donate liquidate pay~ payout~ prepay purchase~ refund~
        reimburse remit repay sell~ stake~ tip~ trade~ wager~ withdraw invoice~ bill~ transfer~
        order~ deposit~ mint~ bet~ unstake airdrop~ cashout~ compensate divest invest lend procure
        redeem refinance reinvest settle spend~ topup~ underwrite
        borrow~ burn~",
    ),
    (
        Sense::Grant,
        "assume authorize elevate entitle give grant~ sudo allowlist~ whitelist~ deauthorize",
    ),
    (
        Sense::Generic,
        "administer allow assist do ensure facilitate handle help~ interact let manage
        offer operate perform process~ provide serve support~ use~ work~ cover include enables
        require conduct take deliver empower enforce",
    ),
];

/// Verbs that mean something else with a small word behind them.
pub(super) const PHRASES: [(&str, &str, Sense); 40] = [
    ("tear", "down", Sense::Delete),
    ("take", "down", Sense::Delete),
    ("shut", "down", Sense::Delete),
    ("zero", "out", Sense::Delete),
    ("phase", "out", Sense::Delete),
    ("throw", "away", Sense::Delete),
    ("kick", "out", Sense::Delete),
    ("cut", "off", Sense::Delete),
    ("strip", "off", Sense::Delete),
    ("kick", "off", Sense::Execute),
    ("turn", "on", Sense::Write),
    ("turn", "off", Sense::Write),
    ("power", "on", Sense::Execute),
    ("power", "off", Sense::Execute),
    ("switch", "on", Sense::Write),
    ("switch", "off", Sense::Write),
    ("hang", "up", Sense::Execute),
    ("log", "out", Sense::Execute),
    ("sign", "out", Sense::Execute),
    ("call", "off", Sense::Execute),
    ("roll", "back", Sense::Execute),
    ("roll", "out", Sense::Execute),
    ("spin", "down", Sense::Execute),
    ("scale", "down", Sense::Execute),
    ("bring", "up", Sense::Execute),
    ("bring", "down", Sense::Execute),
    ("opt", "in", Sense::Write),
    ("opt", "out", Sense::Write),
    ("time", "out", Sense::Write),
    ("hand", "over", Sense::Write),
    ("hand", "off", Sense::Write),
    ("check", "off", Sense::Write),
    ("cross", "off", Sense::Write),
    ("sign", "off", Sense::Write),
    ("lock", "down", Sense::Write),
    ("top", "up", Sense::Pay),
    ("cash", "out", Sense::Pay),
    ("pay", "out", Sense::Pay),
    ("pay", "off", Sense::Pay),
    ("sell", "off", Sense::Pay),
];

/// Acts by what they do: nouns made of verbs.
pub(super) const ACTS: [(Sense, &str); 6] = [
    (
        Sense::Read,
        "analysis aggregation assessment calculation comparison conversion description detection
        diagnosis diagnostics discovery enumeration estimation evaluation extraction inspection
        introspection investigation retrieval summarization transcription translation validation
        verification",
    ),
    (
        Sense::Write,
        "addition assignment creation insertion modification migration registration replacement
        renaming transformation mutation",
    ),
    (Sense::Send, "transmission publication"),
    (Sense::Execute, "compilation deployment execution installation invocation initialization"),
    (
        Sense::Delete,
        "cancellation deletion destruction eviction removal revocation termination truncation wiping",
    ),
    (Sense::Pay, "disbursement payment reimbursement settlement withdrawal"),
];

/// Nouns by what they are about.
pub(super) const NOUNS: [(Nouns, &str); 32] = [
    (
        Nouns::MONEY,
        "wallet invoice payment paymentlink refund payout payroll escrow loan remittance dispute
        chargeback disbursement reimbursement withdrawal checkout billing donation payable
        receivable mandate debit overdraft dividend fee salary expense liquidity collateral
        funds tax erc20 eth btc usdc usdt bitcoin ethereum",
    ),
    (
        Nouns::MAYBE_MONEY,
        "subscription order transfer transaction trade position swap bill charge credit
        balance fund money purchase deposit tip bid stake portfolio budget discount leverage
        coin reward bonus",
    ),
    (
        Nouns::RIGHTS,
        "role policy permission acl privilege access restriction entitlement scope rbac iam grant
        trust authorization identity sso mfa admin administrator owner collaborator",
    ),
    (Nouns::PEOPLE, "user member account team tenant principal participant"),
    (
        Nouns::SECRET,
        "secret password passwd credential token apikey passphrase vault certificate keypair env",
    ),
    (
        Nouns::RESULT,
        "healthcheck status info information detail details stat stats statistic statistics metadata log logs
        history tree schema guide guideline help docs doc documentation summary overview report
        metrics metric preview snapshot screenshot version size count list listing usage health
        metadata facts fact weather forecast time date price prices quote quotes leaderboard
        results result messages requests response content contents outline graph definition
        example examples elevation directions direction distance matrix practices practice
        recommendation recommendations advisor dependencies dependency context thinking
        resources indexes headers properties types rates reasons balance",
    ),
    (
        Nouns::OUTSIDE,
        "web webpage website url page site internet email inbox mail message comment issue ticket
        review thread reply conversation channel chat tweet post article news feed document file
        attachment transcript video pr repository repo readme notification dm mailbox wiki note
        paper browser console forum social discussion",
    ),
    (
        Nouns::QUERY,
        "query search lookup select aggregation analysis analytics audit check diagnostic
        diagnostics inspection scan calculation comparison validation review simulation
        simulated read readonly jql logql promql traceql pipeline explain lint",
    ),
    (
        Nouns::COST,
        "cost costs billable billed charges charged incur incurs paid credits pricing expensive",
    ),
    (
        Nouns::VIEW,
        "list summary report diff snapshot screenshot link links url urls types type timeline
        diagram deeplink deeplinks preview overview visualization graph view command
        instructions estimate plan outline explanation visual digest sitemap permalink qr",
    ),
    (Nouns::CODE, "javascript js script code snippet python bash shell sql cypher graphql statement powershell repl osascript terminal"),
    (Nouns::FOREVER, "permanently irreversible irreversibly undone unrecoverable"),
    (
        Nouns::CASE,
        "issue incident alert case ticket thread comment conversation conflict bug alarm",
    ),
    (Nouns::GARBAGE, "garbage"),
    (Nouns::DISK, "disk drive volume partition"),
    (Nouns::PROSPECT, "lead prospect opportunity trial"),
    (
        Nouns::DATABASE,
        "database db sql cypher postgres postgresql mysql mariadb sqlite mongodb warehouse",
    ),
    (
        Nouns::OPENED,
        "browser app application door garage gate window cover blind valve session connection
        program position port firewall tunnel url link website site webpage lid account",
    ),
    (
        Nouns::WIDGET,
        "option element dropdown checkbox radio button field form tab dialog combobox menu
        captcha",
    ),
    (Nouns::BOUGHT, "flight hotel ride taxi cab courier cruise food meal pizza grocery groceries"),
    (Nouns::SERIES, "array list stream queue topic"),
    (Nouns::LEASED, "ip eip address number"),
    (Nouns::DATED, "event meeting appointment booking reservation shipment delivery"),
    (Nouns::PROGRAM, "ui editor ide viewer application app"),
    (Nouns::PROBED, "nmap port host subnet network traffic packet"),
    (Nouns::STANDBY, "replica production standby"),
    (Nouns::RUN, "run deployment pipeline build execution rollout"),
    (
        Nouns::MEDIA,
        "image picture photo video audio music song sound speech voice animation model asset avatar art
        text completion reply response answer embedding",
    ),
    (Nouns::PARCEL, "parcel package shipment delivery flight"),
    (Nouns::FILE, "file document"),
    (Nouns::CARD, "card"),
    (
        Nouns::ALL,
        "all every entire everything database bucket cluster account organization org workspace
        project tenant batch bulk recursively",
    ),
];

/// Words that shape a sentence.
pub(super) const CLASSES: [(Class, &str); 11] = [
    (
        Class::Lead,
        "this tool function operation method endpoint command action it will can may is used
        designed intended meant allows lets enables helps you users user agents agent
        permanently safely automatically also optionally explicitly directly securely simply
        quickly easily recursively atomically immediately batch bulk that's helper
        asynchronously programmatically first intelligently internally please for",
    ),
    (
        Class::Determiner,
        "the a an all one any each every some multiple several your existing specific specified
        given new current their its them up both many another more following two three",
    ),
    (Class::Negation, "not never no without cannot can't don't doesn't won't isn't nor neither"),
    (Class::And, "and or then plus"),
    (
        Class::Preposition,
        "from with in into on onto of by via using at across within under against through over
        during about between based per as like than",
    ),
    (
        Class::Aside,
        "when whenever if asks asked wants wanted needs needed before after once unless while
        until because since note warning important caution tip example prefer avoid must should
        always only requires available see however instead otherwise where therefore default
        defaults ideal best useful helpful requires",
    ),
    (Class::Use, "use"),
    (Class::That, "that which"),
    (Class::To, "to"),
    (
        Class::AsideHeading,
        "args arg arguments argument parameters parameter params param inputs input returns
        return output outputs response raises examples example usage prerequisites prerequisite
        requirements requirement permissions notes note tips tip hints see workflow limitations
        related errors error throws supported valid when recommended next best required optional
        yields",
    ),
    (
        Class::Heading,
        "purpose description overview features capabilities operations actions guardrails warning
        important caution summary what",
    ),
];
