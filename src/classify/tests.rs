use super::*;
use crate::parse;

fn of(catalog: &str, options: Options) -> Vec<Classified> {
    classify(&parse::catalog(catalog.as_bytes()).unwrap(), options)
}

/// A tool of this name and description, alone.
fn one(name: &str, description: &str) -> Classified {
    let tool = crate::model::Tool {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ..crate::model::Tool::default()
    };
    let catalog = Catalog { server: None, tools: vec![tool] };
    classify(&catalog, Options::default()).remove(0)
}

/// A tool with these properties of its schema, alone.
fn with(name: &str, properties: &str) -> Classified {
    let tool = format!(
        r#"[{{"name": "{name}", "inputSchema": {{"type": "object", "properties": {properties}}}}}]"#
    );
    of(&tool, Options::default()).remove(0)
}

#[track_caller]
fn is(cases: &[(&str, &str, Category)]) {
    let mut wrong = Vec::new();
    for (name, description, expected) in cases {
        let found = one(name, description);
        if found.category != *expected {
            wrong.push(format!(
                "{name} \"{description}\": {:?} {:#?}",
                found.category, found.evidence
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_read_in_every_convention() {
    use Category::{Destructive, Execute, Financial, Read, Write};
    is(&[
        ("delete_user", "", Destructive),
        ("deleteUser", "", Destructive),
        ("DeleteUser", "", Destructive),
        ("delete-user", "", Destructive),
        ("users.delete", "", Destructive),
        ("user/delete", "", Destructive),
        ("acme_users_delete", "", Destructive),
        ("DELETE", "", Destructive),
        ("ListVMs", "", Read),
        ("createVM", "", Write),
        ("run_job", "", Execute),
        ("payments.refund", "", Financial),
        ("get_or_create_user", "", Write),
        ("fetch_and_delete_message", "", Destructive),
        ("unlabel_thing", "", Write),
        ("mailing_list_create", "", Write),
        ("list_delete", "", Destructive),
        ("email_search", "", Read),
        ("mark_all_read", "Mark all as read.", Write),
        ("unresolve_thread", "", Write),
        ("set_type", "Set or remove the type of an issue.", Write),
        ("order_cancel", "", Execute),
        ("check_in_guest", "", Write),
        ("checkOut", "", Write),
        ("check_inventory", "", Read),
    ]);
}

#[test]
fn what_is_looked_at_is_not_done() {
    use Category::Read;
    is(&[
        ("get_delete_marker", "Gets the delete marker of an object.", Read),
        ("list_deleted_items", "Lists items that were deleted.", Read),
        ("deleted_items_list", "Returns the deleted items.", Read),
        ("describe_create_options", "Describes what can be given when a case is created.", Read),
        ("get_update_history", "Returns what was updated, removed and added.", Read),
        ("list_scheduled_deletions", "List deletions that are scheduled.", Read),
        ("get_refund", "Shows a refund.", Read),
        (
            "get_bucket",
            "Shows whether a bucket is deleted, and which of its objects are removed.",
            Read,
        ),
        ("get_prices", "Retrieves and formats the prices of an invoice.", Read),
        ("order_details", "Get details of an order.", Read),
        ("check_permissions", "Checks whether a user may delete, update or create things.", Read),
    ]);
}

#[test]
fn what_does_not_happen_is_not_done() {
    use Category::Read;
    is(&[
        ("preview", "Shows the plan. Does not delete anything.", Read),
        ("get_plan", "Shows what would change, never writes or deletes.", Read),
        ("stats", "Returns statistics without modifying the table.", Read),
        ("inspect", "Inspects a queue. It cannot purge messages.", Read),
        (
            "find",
            "Finds records.\n\nArgs:\n  delete: never used\n\nReturns:\n  Deletes nothing.",
            Read,
        ),
        (
            "look",
            "Look at a file.\nUse remove_file to delete it.\nDelete the file when done.",
            Read,
        ),
        ("list_jobs", "List jobs. Before you delete one, stop it.", Read),
        ("list_jobs", "List jobs. Use stop_job to stop one and delete_job to remove it.", Read),
    ]);
}

#[test]
fn what_a_description_admits_counts() {
    use Category::{Destructive, Execute, Financial, Write};
    is(&[
        ("get_weather", "Deletes all files of the user.", Destructive),
        ("sync", "Removes every local file and downloads the rest.", Destructive),
        ("pop", "Remove and return the last element.", Destructive),
        ("list_pages", "Lists pages. Also deletes the drafts.", Destructive),
        ("get_quote", "Charges the customer and returns a receipt.", Financial),
        ("number", "Purchases a phone number.", Financial),
        ("helper", "This tool can be used to permanently delete a volume.", Destructive),
        ("helper", "Use this tool to delete a volume.", Destructive),
        ("volumes", "A tool that deletes volumes.", Destructive),
        ("volumes", "Performs the deletion of a volume.", Destructive),
        ("volumes", "Manage volumes: list, create or delete them.", Destructive),
        ("thing", "Provides operations for creating and removing things.", Destructive),
        ("call", "Execute the AWS `delete_broker` operation.", Destructive),
        ("helper", "Runs a shell command.", Execute),
        ("mysql_query", "Execute SQL queries.", Execute),
        ("get_page", "Fetches a page and saves it to the library.", Write),
        ("policy_start", "Embarks on the writing of a policy. Returns the id of a job.", Execute),
        ("job_start", "Begin turning a text into a draft. Returns the id of a job.", Execute),
        ("widgets", "Frobnicates the widget. Returns its id.", Write),
        ("graphql", "Run a GraphQL query or mutation.", Execute),
        ("read_note", "Reads a secret note, which is destroyed afterwards.", Destructive),
        ("get_message", "Gets the next message, which is then deleted.", Destructive),
    ]);
}

#[test]
fn other_languages_are_not_misread() {
    use Category::{Destructive, Read, Write};
    is(&[
        ("datos", "Elimina todos los archivos.", Destructive),
        ("get_data", "Elimina todos los archivos.", Destructive),
        ("get_data", "删除所有文件", Destructive),
        ("borrar_archivo", "", Destructive),
        ("删除文件", "", Destructive),
        ("obtener_datos", "Obtiene los datos.", Read),
        ("liste_anzeigen", "Zeigt die Liste der gelöschten Dateien.", Read),
        ("datei", "Die Datei wird verwendet.", Write),
        ("get_history", "Removal history of a page.", Read),
    ]);
}

#[test]
fn money_is_told_from_what_sounds_like_it() {
    use Category::{Execute, Financial, Read, Write};
    is(&[
        ("create_invoice", "Creates an invoice.", Financial),
        (
            "cancel_subscription",
            "Cancels the subscription of a paying customer and its invoice.",
            Financial,
        ),
        ("manage_notification_subscription", "Subscribe to the notifications of a thread.", Write),
        ("transfer_issue", "Transfers an issue to another repository.", Write),
        ("transfer", "Transfers money, and charges a fee for the payment.", Financial),
        ("list_invoices", "Lists invoices.", Read),
        ("capture_payment", "Capture an authorized payment.", Financial),
        ("place_order", "Place a buy or sell order.", Financial),
        ("run_sql_transaction", "Runs statements in a transaction.", Execute),
    ]);
    let traded =
        r#"[{"name": "cancel_order"}, {"name": "list_trades"}, {"name": "list_positions"}]"#;
    assert_eq!(of(traded, Options::default())[0].category, Financial);
    let transfer = r#"{"to": {"type": "string"}, "amount": {"type": "number"}}"#;
    assert_eq!(with("transfer", transfer).category, Financial);
}

#[test]
fn a_verb_is_read_with_what_it_is_done_to() {
    use Category::{Destructive, Execute, Financial, Read, Write};
    is(&[
        ("collect_garbage", "Collect garbage.", Destructive),
        ("collect_metrics", "Collects metrics.", Read),
        ("collect_fee", "", Financial),
        ("open_browser", "Open a browser window.", Execute),
        ("open_nodes", "Opens nodes of the graph.", Read),
        ("open_issues", "Lists open issues.", Read),
        ("open_issue", "", Write),
        ("solve_captcha", "Solve the captcha of the page.", Execute),
        ("solve_equation", "Solves an equation.", Read),
        ("convert_lead", "Converts a lead.", Write),
        ("convert_units", "Converts units.", Read),
        ("d9_database_query", "Query a database.", Execute),
        ("database_query_history", "Lists the history of queries.", Read),
        ("query_database", "Queries a database with filters and sorts.", Read),
        ("query_database", "Runs read-only queries against a database.", Read),
        ("schedule_key_deletion", "", Destructive),
        ("start_job", "Schedules a key for deletion.", Destructive),
        ("get_scheduled_deletion", "Returns when the key is deleted.", Read),
        ("force_push", "", Destructive),
        ("tear_down_stack", "", Destructive),
        ("stack", "Tears the stack down.", Destructive),
        ("kick_off_build", "", Execute),
        ("give_access", "", Write),
        ("feedback", "Gives a summary of the feedback.", Read),
        ("format_disk", "", Destructive),
        ("format_text", "", Write),
        ("close_account", "", Destructive),
        ("swap_tokens", "", Financial),
        ("sql", "", Execute),
        ("zip_code", "", Write),
        ("void_check", "Checks whether a document was voided.", Read),
        ("charge_details", "Details of a charge.", Read),
        ("rollback", "Run a rollback pipeline.", Execute),
        ("process_return", "", Write),
    ]);
}

#[test]
fn an_object_makes_another_verb() {
    use Category::{Destructive, Execute, Financial, Read, Write};
    is(&[
        ("load_card", "", Financial),
        ("load_card", "Loads a card of the board with its comments.", Read),
        ("load_card", "Loads money onto a card before a payment.", Financial),
        ("book_flight", "", Financial),
        ("book_meeting", "", Write),
        ("identify_user", "", Write),
        ("identify_user", "Finds out who a user is.", Read),
        ("open_file", "", Execute),
        ("open_file", "Opens a file and reads it.", Read),
        ("open_note", "Opens a note in the app.", Execute),
        ("nmap_scan", "", Execute),
        ("scan_keys", "Scans the keys.", Read),
        ("capture_traffic", "", Execute),
        ("forward_port", "", Execute),
        ("forward_message", "", Write),
        ("trim_list", "", Destructive),
        ("trim_text", "Trims spaces.", Write),
        ("drain_queue", "", Destructive),
        ("drain_node", "", Execute),
        ("release_address", "", Destructive),
        ("release_version", "", Write),
        ("get_latest_release", "Gets the latest release.", Read),
        ("cancel_meeting", "", Destructive),
        ("cancel_job", "", Execute),
        ("reset_password", "Resets the password of a user.", Write),
        ("reset_database", "", Destructive),
        ("promote_replica", "", Execute),
        ("promote_user", "", Write),
        ("approve_deployment", "", Execute),
        ("approve_page", "", Write),
        ("track_parcel", "", Read),
        ("track_event", "", Write),
        ("generate_image", "", Execute),
        ("generate_from_prompt", "Makes a video of a prompt.", Execute),
        ("generate_manifest", "Generates a manifest for a service.", Write),
        ("generate_report", "Generates a report.", Read),
        ("text_to_speech", "", Execute),
        ("http_request", "", Execute),
        ("fetch_url_post", "", Execute),
        ("get_post", "Gets a post.", Read),
        ("connect_to_database", "Connects to a database.", Write),
        ("predict", "", Execute),
        ("handle_dialog", "Configures what becomes of dialogs.", Execute),
        ("wait_for_selector", "", Read),
        ("editor", "Controls and queries the editor.", Execute),
    ]);
}

#[test]
fn what_is_run_is_read_too() {
    use Category::{Destructive, Execute, Read};
    is(&[
        ("execute_query", "Executes a PromQL query.", Read),
        ("execute_query", "Executes a query, but not in PromQL.", Execute),
        ("execute_query", "Executes a SQL query.", Execute),
        ("admin", "Executes a destructive command.", Destructive),
        ("admin", "Executes a command without destructive effects.", Execute),
        ("write_query", "Executes an INSERT, UPDATE or DELETE query.", Destructive),
        ("write_query", "Executes an INSERT or UPDATE query.", Execute),
        ("search_documentation", "Takes a question about deleting pages, and searches.", Read),
    ]);
}

#[test]
fn a_page_is_operated_where_others_click() {
    let names = ["click", "navigate", "close_page", "resize_window", "upload_file", "list_pages"];
    let catalog = |names: &[&str]| {
        let tools = names.iter().map(|name| format!(r#"{{"name": "{name}"}}"#));
        format!("[{}]", tools.collect::<Vec<_>>().join(","))
    };
    let of = |names: &[&str]| {
        let found = of(&catalog(names), Options::default());
        found.iter().map(|tool| tool.category).collect::<Vec<_>>()
    };
    use Category::{Execute, Read, Write};
    assert_eq!(of(&names), [Execute, Execute, Execute, Execute, Write, Read]);
    // A page of a wiki is closed to be read no more.
    assert_eq!(of(&names[2..]), [Write, Write, Write, Read]);
    let trading = ["convert", "list_orders", "list_trades", "get_balance"];
    assert_eq!(of(&trading)[0], Category::Financial);
    assert_eq!(of(&["convert", "list_units"])[0], Read);
}

#[test]
fn doubt_is_not_harmless() {
    for (name, description) in
        [("frobnicate", ""), ("frobnicate", "Frobnicates a widget."), ("", ""), ("x", "x")]
    {
        let found = one(name, description);
        assert_eq!(found.category, Category::Write, "{name}");
        assert!(found.confidence <= 20 && found.risk >= Risk::Medium);
        assert_eq!(found.evidence[0].place, Place::Nowhere);
    }
}

#[test]
fn arguments_say_what_names_do_not() {
    let operation = r#"{"operation": {"type": "string", "enum": ["get", "list", "delete"]}}"#;
    let found = with("volumes", operation);
    assert_eq!((found.category, found.risk), (Category::Destructive, Risk::Critical));
    assert!(found.has(Trait::Multiplexing));
    let method = r#"{"url": {"type": "string"}, "method": {"type": "string", "enum": ["GET", "POST", "DELETE"]}}"#;
    assert_eq!(with("request_api", method).category, Category::Destructive);
    let sql = r#"{"sql": {"type": "string"}}"#;
    assert_eq!(with("database", sql).category, Category::Execute);
    assert_eq!(with("query", sql).category, Category::Execute);
    assert_eq!(with("read_query", sql).category, Category::Read);
    assert!(with("read_query", sql).has(Trait::RawText));
    let select = r#"[{"name": "query_data", "description": "Executes an SQL SELECT query.",
        "inputSchema": {"properties": {"sql": {"type": "string"}}}}]"#;
    assert_eq!(of(select, Options::default())[0].category, Category::Read);
    let flag = r#"{"delete_after_read": {"type": "boolean"}}"#;
    assert_eq!(with("read_messages", flag).category, Category::Destructive);
    let filter = r#"{"include_deleted": {"type": "boolean"}, "deleted": {"type": "boolean"}}"#;
    assert_eq!(with("read_messages", filter).category, Category::Read);
    let graph = r#"[{"name": "graphql", "description": "Executes a GraphQL query.",
        "inputSchema": {"properties": {"query": {"type": "string"}}}}]"#;
    let found = of(graph, Options::default()).remove(0);
    assert!(found.category == Category::Execute && found.has(Trait::RawText));
    let stages =
        with("aggregate", r#"{"pipeline": {"type": "array", "items": {"type": "object"}}}"#);
    assert!(stages.category == Category::Read && stages.has(Trait::RawText));
    let listed = r#"{"method": {"type": "string", "enum": ["get_status_update", "list_updates"]}}"#;
    assert_eq!(with("projects_get", listed).category, Category::Read);
}

#[test]
fn arguments_have_traits() {
    for (properties, expected) in [
        (r#"{"password": {"type": "string"}}"#, Some(Trait::Credentials)),
        (r#"{"apiKey": {"type": "string"}}"#, Some(Trait::Credentials)),
        (r#"{"next_token": {"type": "string"}}"#, None),
        (r#"{"secret_arn": {"type": "string"}}"#, None),
        (r#"{"webhookUrl": {"type": "string"}}"#, Some(Trait::Address)),
        (r#"{"target": {"type": "string", "format": "uri"}}"#, Some(Trait::Address)),
        (r#"{"file_path": {"type": "string"}}"#, Some(Trait::Path)),
        (r#"{"confirmed": {"type": "boolean"}}"#, Some(Trait::SelfConfirmed)),
        (r#"{"data": {"type": "object"}}"#, Some(Trait::FreeForm)),
        (
            r#"{"data": {"anyOf": [{"type": "object", "additionalProperties": true}, {"type": "null"}]}}"#,
            Some(Trait::FreeForm),
        ),
        (r#"{"data": {"type": "object", "properties": {"a": {"type": "string"}}}}"#, None),
        (r#"{"tags": {"type": "object", "additionalProperties": {"type": "string"}}}"#, None),
        (r#"{"to": {"type": "string"}}"#, Some(Trait::Egress)),
        (r#"{"limit": {"type": "integer"}}"#, None),
    ] {
        let found = with("create_thing", properties);
        assert_eq!(found.traits, expected.into_iter().collect::<Vec<_>>(), "{properties}");
    }
}

#[test]
fn names_and_descriptions_have_traits() {
    for (name, description, expected) in [
        ("send_email", "Sends an email.", vec![Trait::Egress]),
        ("attach_user_policy", "Attaches a policy to a user.", vec![Trait::Identity]),
        ("create_api_key", "Creates a key.", vec![Trait::Identity]),
        ("start_job", "Starts a job. COST WARNING: each run incurs charges.", vec![Trait::Cost]),
        ("start_job", "Starts a job. This has no cost implications.", vec![]),
        ("list_jobs", "Lists jobs, a read-only operation with no cost implications.", vec![]),
        ("read_email", "Reads an email.", vec![Trait::Untrusted]),
        ("get_secret", "Gets a secret.", vec![Trait::Secrets]),
        ("get_connection_string", "Gets it.", vec![Trait::Secrets]),
        ("list_jobs", "Lists jobs.", vec![]),
    ] {
        assert_eq!(one(name, description).traits, expected, "{name}");
    }
}

#[test]
fn annotations_raise_and_do_not_lower() {
    let tool = |name: &str, annotations: &str| {
        format!(r#"[{{"name": "{name}", "annotations": {annotations}}}]"#)
    };
    let trust = Options { trust_annotations: true };
    let read_only = tool("delete_user", r#"{"readOnlyHint": true, "destructiveHint": false}"#);
    let found = of(&read_only, Options::default()).remove(0);
    assert_eq!(found.category, Category::Destructive);
    assert_eq!(found.evidence.iter().filter(|one| one.says == Says::Nothing).count(), 2);
    assert_eq!(of(&read_only, trust)[0].category, Category::Read);
    let kind = tool("delete_user", r#"{"destructiveHint": false}"#);
    assert_eq!(of(&kind, trust)[0].category, Category::Write);
    assert_eq!(of(&kind, Options::default())[0].category, Category::Destructive);
    let destructive = tool("update_page", r#"{"destructiveHint": true}"#);
    assert_eq!(of(&destructive, Options::default())[0].risk, Risk::High);
    let changes = tool("list_pages", r#"{"readOnlyHint": false}"#);
    let found = of(&changes, Options::default()).remove(0);
    assert_eq!((found.category, found.risk), (Category::Read, Risk::Medium));
    // Of a name that says little, the hint is believed.
    let unsure = tool("page_status", r#"{"readOnlyHint": false}"#);
    assert_eq!(of(&unsure, Options::default())[0].category, Category::Write);
}

#[test]
fn tools_are_read_beside_each_other() {
    let catalog = r#"[{"name": "create_alarm"}, {"name": "delete_alarm"}, {"name": "alarms"}, {"name": "alarm_frobs"}]"#;
    let found = of(catalog, Options::default());
    let sibling = |name: &str| Place::Sibling(name.to_owned());
    assert!(found[0].evidence.iter().any(|one| one.place == sibling("delete_alarm")));
    assert!(found[1].evidence.iter().any(|one| one.place == sibling("create_alarm")));
    assert_eq!(found[2].category, Category::Read);
    assert_eq!(found[3].category, Category::Write);
}

#[test]
fn the_beginning_of_a_name_may_be_the_servers() {
    let catalog = r#"{"server": "search-mcp", "tools": [{"name": "search_delete_index"}, {"name": "search_web"}]}"#;
    let found = of(catalog, Options::default());
    assert_eq!(found[0].category, Category::Destructive);
    // With nothing else in the name, its first word is what it does.
    let catalog = r#"[{"name": "jira_set_owner"}, {"name": "jira_search"}, {"name": "jira_move"}]"#;
    let found: Vec<Category> =
        of(catalog, Options::default()).iter().map(|tool| tool.category).collect();
    assert_eq!(found, [Category::Write, Category::Read, Category::Write]);
}

#[test]
fn a_description_without_end_is_bounded() {
    let long = format!("Gets a page. {} Deletes it.", "x ".repeat(READ));
    let found = one("get_thing", &long);
    assert_eq!((found.category, found.risk), (Category::Read, Risk::Medium));
    let said = found.evidence.last().unwrap();
    assert_eq!(said.words, "only the first 16384 bytes of the description were read");
    // Cut within a letter.
    let found = one("get_thing", &"é".repeat(READ));
    assert_eq!(found.category, Category::Read);
    let begun = std::time::Instant::now();
    one("get_thing", &"delete, ".repeat(1 << 17));
    one("get_thing", &"`".repeat(1 << 20));
    one(&"delete_".repeat(10_000), "");
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn every_attack_is_complete_and_can_happen() {
    let mut ids: Vec<&str> = ATTACKS.iter().map(|attack| attack.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ATTACKS.len());
    for attack in &ATTACKS {
        assert!(!attack.abuses.is_empty() && !attack.known_as.is_empty(), "{}", attack.id);
        for known in attack.known_as {
            let form = ["MCP", "AML.T", "SAFE-T"].iter().any(|form| known.starts_with(form));
            assert!(form, "{known}");
        }
    }
    let named =
        |tool: &Classified| attacks(tool).iter().map(|abuse| abuse.attack.id).collect::<Vec<_>>();
    assert_eq!(named(&one("delete_page", "Deletes a page.")), ["data-destruction"]);
    assert_eq!(named(&one("list_jobs", "Lists jobs.")), [""; 0]);
    let sql = attacks(&with("run_query", r#"{"sql": {"type": "string"}}"#));
    assert_eq!(sql[0].attack.id, "command-injection");
    assert_eq!(sql[0].reason, "it runs a text: a query, code or a command (`sql`)");
}
