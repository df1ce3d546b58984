//! Texts that speak to a model and not of a tool: phrases, in the languages that attacks were seen in.
//!
//! A pattern is words that follow each other within one sentence, with at most a few others between
//! two of them: `a|b` is one of several, `stem~` all that begins so. Languages that are written without
//! spaces are searched for parts of their texts.

/// What a phrase does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aim {
    /// It sets aside what the model was told before.
    Override,
    /// It keeps something from the person.
    Conceal,
    /// It has something fetched, or handed over, that is no business of the tool.
    Fetch,
    /// It poses as what only the host may say: a system message, a mark of importance.
    Pose,
}

impl Aim {
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Aim::Override => "sets aside what the model was told before",
            Aim::Conceal => "keeps something from the person",
            Aim::Fetch => "has something fetched or handed over that is no business of the tool",
            Aim::Pose => "poses as a message of the host",
        }
    }
}

/// So many other words may stand between two of a pattern.
const BETWEEN: usize = 3;

const PATTERNS: &[(Aim, &str)] = &[
    // English
    (
        Aim::Override,
        "ignore|ignoring|disregard|disregarding|forget|override|overrides|bypass previous|prior|earlier|preceding|above|system|other|all|any|your instruction~|prompt~|guideline~|directive~|safeguard~|training",
    ),
    (Aim::Override, "supersede~|overrule~|replaces instruction~|guideline~|directive~"),
    (Aim::Override, "new|updated instructions for|to the|you model|assistant|agent|ai|follow"),
    (
        Aim::Conceal,
        "not|never|dont|without|avoid|refrain tell~|mention~|inform~|reveal~|notify~|notifying|disclos~|alert~|report~|showing|show|explain~|warn~ user|users|human|humans|person|operator|customer|developer",
    ),
    (
        Aim::Conceal,
        "keep|keeping|hide|hiding|conceal~ this|it|secret|hidden|from user|users|human|operator|secret",
    ),
    (Aim::Conceal, "without users|user knowledge|noticing|knowing|consent|awareness"),
    (
        Aim::Conceal,
        "silently|secretly|quietly|covertly|discreetly send|sends|forward~|copy|copies|include|includes|upload~|append|attach|add|read|call|invoke|bcc",
    ),
    (
        Aim::Fetch,
        "before|prior using|use|calling|call|invoking|running|executing this|the|any|every|these tool|tools|function read|open|load|cat|send|upload|copy|paste",
    ),
    (
        Aim::Fetch,
        "entire|full|whole|complete|previous|all conversation|chat|messages|dialogue|context|prompt history|log|transcript|above|verbatim|window|far",
    ),
    (
        Aim::Fetch,
        "pass|include|send|put|provide|attach|copy|paste|write contents|content of file|files",
    ),
    (
        Aim::Fetch,
        "pass|include|send|put|attach|paste|insert|reveal|print|repeat system prompt|message|instructions",
    ),
    (Aim::Fetch, "exfiltrat~"),
    (Aim::Pose, "you are now|henceforth"),
    (
        Aim::Pose,
        "message|instruction|notice|note|directive|order to|for|from all|the|any ai|llm|language|system|administrator model|models|agents|agent|assistant|assistants",
    ),
    (Aim::Pose, "as an ai|llm model|assistant|agent you must|should|will"),
    // German
    (
        Aim::Override,
        "ignorier~|vergiss|missachte|missachten vorherige~|bisherige~|obige~|früheren|alle|andere~ anweisung~|instruktion~|regel~|vorgaben",
    ),
    (
        Aim::Conceal,
        "nutzer|benutzer|anwender|nutzerin nicht|nichts|niemals mitteil~|sag~|erwähn~|verrat~|informier~|erzähl~",
    ),
    (
        Aim::Conceal,
        "sag|sage|erzähl|erzähle|verrate|teile|informiere|erwähne nutzer|benutzer|anwender nicht|nichts|niemals",
    ),
    (
        Aim::Conceal,
        "nicht|nichts|niemals|ohne nutzer|benutzer|anwender sagen|mitteilen|informieren|erwähnen|erzählen|wissen",
    ),
    (Aim::Conceal, "heimlich|unbemerkt send~|schick~|kopier~|lies|lese|füge"),
    (Aim::Fetch, "bevor|vor werkzeug|tool|werkzeugs|tools|funktion lies|lese|öffne|sende|lade"),
    // French
    (Aim::Override, "ignor~|oubli~ instructions|consignes|règles précédent~|antérieur~|ci"),
    (Aim::Override, "ignor~|oubli~ toutes|les|précédentes instructions|consignes|règles"),
    (
        Aim::Conceal,
        "ne|sans dire|dis|dites|mentionne~|informe~|révèle~|révéle~|parle~ utilisateur|lutilisateur",
    ),
    (Aim::Conceal, "à|au linsu|insu"),
    (
        Aim::Fetch,
        "avant utiliser|dutiliser|appeler|dappeler cet|cette|loutil|outil lis|lisez|lire|ouvre|ouvrez|envoie|envoyez",
    ),
    // Spanish
    (
        Aim::Override,
        "ignora~|olvida~|descarta las|todas|tus|sus instrucciones|indicaciones|reglas anteriores|previas|del",
    ),
    (
        Aim::Conceal,
        "no|sin le|lo|se digas|diga|menciones|mencione|informes|informe|informar|reveles|revele|decir~|cuentes usuario|usuaria",
    ),
    (
        Aim::Fetch,
        "antes usar|utilizar|llamar|invocar esta|este|la herramienta|función lee|lea|abre|abra|envía|envíe",
    ),
    // Portuguese
    (
        Aim::Override,
        "ignor~|esqueça|desconsider~ as|todas|suas instruções|orientações|regras anteriores|prévias|do",
    ),
    (
        Aim::Conceal,
        "não|sem diga|mencione|informe|informar|revele|conte|avise|avisar usuário|utilizador",
    ),
    (
        Aim::Fetch,
        "antes usar|utilizar|chamar|invocar esta|este|a ferramenta|função leia|lê|abra|envie",
    ),
    // Italian
    (Aim::Override, "ignora~|dimentica~ le|tutte istruzioni|indicazioni|regole precedenti|del"),
    (
        Aim::Conceal,
        "non|senza dire|dirlo|menzionare|informare|rivelare|avvisare utente|allutente|lutente",
    ),
    (
        Aim::Fetch,
        "prima usare|utilizzare|chiamare|invocare questo|lo strumento|funzione leggi|leggere|apri|invia",
    ),
    // Dutch
    (
        Aim::Override,
        "negeer|vergeet alle|de|eerdere|vorige eerdere|vorige|instructies instructies|regels",
    ),
    (Aim::Conceal, "vertel|zeg|meld|noem gebruiker niet|niets|nooit"),
    // Polish
    (
        Aim::Override,
        "ignoruj|zignoruj|pomiń|zapomnij poprzednie|wcześniejsze|wszystkie|o instrukcje|polecenia|poleceniach",
    ),
    (Aim::Conceal, "nie mów|wspominaj|informuj|ujawniaj użytkownik~"),
    // Russian, Ukrainian
    (
        Aim::Override,
        "игнорируй~|проигнорируй~|забудь~|отбрось~|ігноруй~ все|всі|предыдущ~|прежн~|попередн~ инструкц~|указани~|правил~|інструкц~|предыдущ~|попередн~",
    ),
    (
        Aim::Conceal,
        "не говори~|сообщай~|упоминай~|рассказывай~|раскрывай~|показывай~|кажи~|повідомляй~ пользовател~|користувач~",
    ),
    (
        Aim::Fetch,
        "перед|прежде вызовом|использованием|вызвать|использовать инструмент~|функци~|этого|этот прочитай~|открой~|отправь~|инструмент~",
    ),
    // Turkish
    (Aim::Override, "önceki|tüm talimat~|yönerge~ yok|unut|dikkate|görmezden"),
    (Aim::Conceal, "kullanıcıya söyleme~|bahsetme~|bildirme~|gösterme~"),
    // Arabic
    (Aim::Override, "تجاهل|انس جميع|كل|التعليمات التعليمات|السابقة"),
    (Aim::Conceal, "لا تخبر|تذكر|تكشف المستخدم|للمستخدم"),
    // Hindi
    (Aim::Override, "पिछले|सभी निर्देशों|निर्देश अनदेखा|नज़रअंदाज|भूल"),
    // Vietnamese, Indonesian
    (Aim::Override, "bỏ qua mọi|các|tất hướng|chỉ|lệnh"),
    (Aim::Override, "abaikan semua|instruksi|perintah instruksi|perintah|sebelumnya"),
    (Aim::Conceal, "jangan beri|beritahu|katakan|sebutkan|beritahukan pengguna|kepada"),
];

/// Parts of texts that are written without spaces.
const PARTS: &[(Aim, &[&str])] = &[
    (
        Aim::Override,
        &[
            "忽略之前",
            "忽略以前",
            "忽略先前",
            "忽略所有",
            "忽略上述",
            "忽略以上",
            "无视之前",
            "无视以上",
            "忘记之前",
            "忽略前面",
            "忽略系统",
            "忽略先前的",
            "忽視之前",
            "忽略之前的",
            "無視之前",
            "以前の指示を無視",
            "これまでの指示を無視",
            "上記の指示を無視",
            "すべての指示を無視",
            "前の指示を無視",
            "이전 지시",
            "이전의 지시",
            "이전 명령을 무시",
            "모든 지시를 무시",
            "ละเว้นคำสั่ง",
            "ไม่สนใจคำสั่ง",
        ],
    ),
    (
        Aim::Conceal,
        &[
            "不要告诉用户",
            "不要告知用户",
            "不要向用户",
            "别告诉用户",
            "勿告知用户",
            "请勿告诉用户",
            "不让用户知道",
            "不要告訴使用者",
            "不要告訴用戶",
            "不要讓使用者",
            "ユーザーに言わない",
            "ユーザーに知らせない",
            "ユーザーに伝えない",
            "ユーザーには伝え",
            "ユーザーには言わ",
            "ユーザーに通知しない",
            "사용자에게 말하지",
            "사용자에게 알리지",
            "사용자에게 언급하지",
            "อย่าบอกผู้ใช้",
        ],
    ),
    (
        Aim::Fetch,
        &[
            "使用此工具之前",
            "使用本工具前",
            "调用此工具之前",
            "调用本工具前",
            "使用此工具前",
            "调用此工具前",
            "このツールを使う前に",
            "このツールを使用する前に",
            "このツールを呼び出す前に",
            "이 도구를 사용하기 전에",
            "이 도구를 호출하기 전에",
        ],
    ),
];

/// Marks that are a host's, in lower case.
const MARKS: &[&str] = &[
    "<important>",
    "</important>",
    "<system>",
    "</system>",
    "<hidden>",
    "<admin>",
    "<sys>",
    "<<sys>>",
    "<system_prompt>",
    "<system-prompt>",
    "<system_message>",
    "<instructions_for_ai>",
    "<assistant>",
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|endoftext|>",
    "[inst]",
    "[/inst]",
    "[system]",
    "### system:",
    "### instruction:",
    "<untrusted>",
    "</tool_description>",
    "</description>",
    "</tool>",
    "</tools>",
    "<override>",
    "<critical_instruction>",
    "[important instruction",
    "[system prompt",
    "begin system",
];

/// What is no business of a tool's: files with keys, and what the host keeps.
const KEPT: &[&str] = &[
    "~/.",
    "/.ssh",
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    "/etc/passwd",
    "/etc/shadow",
    ".aws/credentials",
    ".netrc",
    ".npmrc",
    ".git-credentials",
    "mcp.json",
    ".cursor/",
    "claude_desktop_config",
    ".bash_history",
    "authorized_keys",
    "private key file",
    "ssh key",
    "wallet.dat",
    "keychain",
];

/// Words with which something is taken or handed over.
const TAKING: &[&str] = &[
    "read",
    "open",
    "cat",
    "load",
    "fetch",
    "access",
    "retrieve",
    "include",
    "pass",
    "send",
    "provide",
    "attach",
    "append",
    "copy",
    "upload",
    "paste",
    "insert",
    "put",
    "lies",
    "sende",
    "lis",
    "lisez",
    "envoie",
    "envoyez",
    "lee",
    "envía",
    "leia",
    "envie",
    "leggi",
    "invia",
    "прочитай",
    "отправь",
    "读取",
    "讀取",
    "发送",
    "読み",
    "読んで",
    "送信",
];

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) aim: Aim,
    /// The words as they stand there, in lower case.
    pub(super) words: String,
}

/// So much of a text is searched, in bytes: more than any definition that was seen.
const SEARCHED: usize = 256 << 10;

/// The phrases in a text that speak to a model, each once.
pub(super) fn find(text: &str) -> Vec<Phrase> {
    let end = (0..=text.len().min(SEARCHED)).rev().find(|end| text.is_char_boundary(*end));
    let lower = text.get(..end.unwrap_or(0)).unwrap_or_default().to_lowercase();
    let mut found: Vec<Phrase> = Vec::new();
    let mut put = |aim, words: &str| {
        if found.iter().all(|known: &Phrase| known.aim != aim || known.words != words) {
            found.push(Phrase { aim, words: words.to_owned() });
        }
    };
    for mark in MARKS.iter().filter(|mark| lower.contains(**mark)) {
        put(Aim::Pose, mark);
    }
    for (aim, parts) in PARTS {
        for part in parts.iter().filter(|part| lower.contains(**part)) {
            put(*aim, part);
        }
    }
    for sentence in sentences(&lower) {
        let words = words(sentence);
        if let Some(kept) = KEPT.iter().find(|kept| sentence.contains(**kept)) {
            let takes = |taking: &&&str| {
                words.iter().any(|word| word == **taking)
                    || !taking.is_ascii() && sentence.contains(**taking)
            };
            if let Some(taking) = TAKING.iter().find(takes) {
                put(Aim::Fetch, &format!("{taking} … {kept}"));
            }
        }
        for (aim, pattern) in PATTERNS {
            if let Some((from, to)) = place(pattern, &words) {
                let words = words.get(from..=to).unwrap_or_default();
                put(*aim, &words.join(" "));
            }
        }
    }
    found
}

/// The sentences of a text. A line's end is none, for lines are broken anywhere; an empty line is.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").flat_map(|part| {
        let mut rest = Some(part);
        std::iter::from_fn(move || {
            let text = rest?;
            let ends = |(at, c): (usize, char)| {
                let behind = text.get(at.saturating_add(c.len_utf8())..)?;
                let over = matches!(c, '。' | '！' | '？' | '|')
                    || matches!(c, '.' | '!' | '?' | ';')
                        && behind
                            .chars()
                            .next()
                            .is_none_or(|next| next.is_whitespace() || next == '"');
                over.then_some((text.get(..at)?, behind))
            };
            let Some((sentence, behind)) = text.char_indices().find_map(ends) else {
                rest = None;
                return Some(text);
            };
            rest = Some(behind);
            Some(sentence)
        })
    })
}

/// The words of a sentence: letters and digits, apostrophes left out.
pub(super) fn words(sentence: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in sentence.chars() {
        match c {
            '\'' | '’' | '\u{94d}' => {}
            // Marks of Hindi and Thai are parts of their letters.
            c if c.is_alphanumeric() || c == '_' || matches!(c, '\u{900}'..='\u{dff}') => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// From which word to which a pattern is in a sentence.
fn place(pattern: &str, words: &[String]) -> Option<(usize, usize)> {
    let mut groups = pattern.split(' ');
    let first = groups.next()?;
    let fits = |group: &str, word: &str| {
        group.split('|').any(|one| match one.strip_suffix('~') {
            Some(stem) => word.starts_with(stem),
            None => word == one,
        })
    };
    let starts = words.iter().enumerate().filter(|(_, word)| fits(first, word));
    starts.into_iter().find_map(|(from, _)| {
        let mut at = from;
        for group in groups.clone() {
            let next = at.saturating_add(1);
            let near = words.get(next..)?.iter().take(BETWEEN.saturating_add(1));
            at = next.saturating_add(near.into_iter().position(|word| fits(group, word))?);
        }
        Some((from, at))
    })
}
