//! Plain words of other languages, for descriptions that English says nothing of.

use crate::words::{Sense, Verb, entry};

/// Beginnings of verbs, as a sentence begins with them.
const STEMS: [(Sense, &[&str]); 5] = [
    (
        Sense::Delete,
        &[
            "elimin",
            "borra",
            "supprim",
            "efface",
            "löscht",
            "löschen",
            "entfern",
            "cancella",
            "rimuov",
            "exclui",
            "apaga",
            "remov",
            "удал",
            "verwijder",
            "usuwa",
            "sletter",
            "silme",
        ],
    ),
    (
        Sense::Pay,
        &[
            "zahlt",
            "bezahl",
            "überweis",
            "paga ",
            "pagar",
            "paie",
            "payer",
            "rembours",
            "оплат",
            "betaal",
        ],
    ),
    (
        Sense::Execute,
        &[
            "ejecut",
            "exécut",
            "führt",
            "startet",
            "esegu",
            "execut",
            "lance",
            "запус",
            "выполн",
            "uitvoer",
            "voert",
        ],
    ),
    (
        Sense::Write,
        &[
            "crea ",
            "crear",
            "crée",
            "créer",
            "erstell",
            "erzeug",
            "legt ",
            "ändert",
            "actualiz",
            "aktualis",
            "modific",
            "modifi",
            "ajout",
            "añad",
            "agreg",
            "envía",
            "envoi",
            "sendet",
            "schreib",
            "guard",
            "enregistr",
            "speicher",
            "crie",
            "cria",
            "aggiun",
            "invia",
            "созда",
            "измен",
            "обнов",
            "добав",
            "отправ",
            "maakt",
            "wijzig",
        ],
    ),
    (
        Sense::Read,
        &[
            "obten",
            "obtien",
            "busca",
            "lista",
            "muestra",
            "lee ",
            "consulta",
            "obtient",
            "liste",
            "recherch",
            "affiche",
            "récup",
            "lit ",
            "zeigt",
            "liest",
            "sucht",
            "ruft",
            "gibt",
            "listet",
            "cerca",
            "elenca",
            "mostra",
            "legge",
            "restitu",
            "retorna",
            "получ",
            "найти",
            "поиск",
            "показ",
            "возвра",
            "haalt",
            "toont",
            "zoek",
        ],
    ),
];

/// Words of languages that are written without spaces, wherever they stand.
const SIGNS: [(Sense, &[&str]); 5] = [
    (Sense::Delete, &["删除", "移除", "清空", "刪除", "削除", "삭제", "제거"]),
    (Sense::Pay, &["支付", "付款", "转账", "退款", "支払", "송금", "결제"]),
    (Sense::Execute, &["执行", "运行", "启动", "執行", "実行", "起動", "실행"]),
    (
        Sense::Write,
        &[
            "创建", "新增", "添加", "更新", "修改", "写入", "发送", "保存", "建立", "作成", "追加",
            "変更", "送信", "생성", "추가", "수정", "전송",
        ],
    ),
    (
        Sense::Read,
        &[
            "获取", "查询", "搜索", "列出", "读取", "查看", "取得", "検索", "一覧", "表示", "조회",
            "검색", "목록", "가져",
        ],
    ),
];

/// So many bytes are looked at: the beginning says what a tool does.
const BEGINNING: usize = 200;

/// What the beginning of a description says in one of these languages, with the words.
pub(super) fn verb(description: &str) -> Option<(Verb, &str)> {
    let mut end = description.len().min(BEGINNING);
    while !description.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let text = description.get(..end).unwrap_or_default().trim_start();
    let sense = |sense| Verb { sense, noun: false };
    for (meaning, words) in SIGNS {
        if let Some(word) = words.iter().find(|word| text.contains(**word)) {
            return Some((sense(meaning), word));
        }
    }
    let lower = text.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // English begins so too: `Removal history`.
    if entry(first).verb.is_some() {
        return None;
    }
    for (meaning, stems) in STEMS {
        if stems.iter().any(|stem| lower.starts_with(stem)) {
            return Some((sense(meaning), text.split_whitespace().next().unwrap_or_default()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_understood() {
        for (text, expected) in [
            ("Elimina un archivo.", Some(Sense::Delete)),
            ("Supprime le fichier", Some(Sense::Delete)),
            ("Löscht eine Datei", Some(Sense::Delete)),
            ("删除指定的文件", Some(Sense::Delete)),
            ("ファイルの一覧を取得します", Some(Sense::Read)),
            ("Zeigt alle Dateien", Some(Sense::Read)),
            ("Crée un dossier", Some(Sense::Write)),
            ("Führt ein Skript aus", Some(Sense::Execute)),
            ("Удаляет файл", Some(Sense::Delete)),
            ("Die Liste der Dateien", None),
            ("Removal history", None),
            ("Executes code", None),
            ("", None),
        ] {
            assert_eq!(verb(text).map(|(verb, _)| verb.sense), expected, "{text}");
        }
    }
}
