//! Makes wasm-bindgen's glue shorter, line by line, as it writes it. Knows no function's purpose.

/// The same glue without what says nothing: names for what is only returned, `function` around one statement, long names of
/// arguments.
pub(crate) fn shorten(glue: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in glue.lines() {
        let returned = lines
            .last()
            .filter(|_| line == "return ret;")
            .and_then(|before| before.strip_prefix("const ret = "))
            .map(|value| format!("return {value}"));
        match returned {
            Some(returned) => *lines.last_mut().expect("there is one") = returned,
            None => lines.push(line.to_owned()),
        }
    }
    let mut text = String::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(short) = lines.get(at..at + 3).and_then(arrow) {
            text += &short;
            at += 3;
        } else {
            text += &lines[at];
            at += 1;
        }
        text.push('\n');
    }
    let text = (0..10).fold(text, |text, k| {
        text.replace(&format!("arg{k}"), &format!("${k}"))
    });
    let tight = |line: &str| {
        // What people read may have blanks of its own.
        let quotes = line.contains(['\'', '"', '`', '/']);
        let pairs = BLANKS.iter().filter(|_| !quotes);
        let line = pairs.fold(line.to_owned(), |line, (loose, tight)| {
            line.replace(loose, tight)
        });
        line + "\n"
    };
    text.lines().map(tight).collect()
}

/// Where a blank says nothing.
const BLANKS: [(&str, &str); 9] = [
    (", ", ","),
    (" = ", "="),
    (") {", "){"),
    (" === ", "==="),
    (" ? ", "?"),
    (" : ", ":"),
    (" + ", "+"),
    (" && ", "&&"),
    (": ", ":"),
];

/// A function of one statement, between its first line and its last.
fn arrow(lines: &[String]) -> Option<String> {
    let [first, statement, last] = lines else {
        return None;
    };
    let (name, rest) = first.split_once(": function(")?;
    let arguments = rest.strip_suffix(") {").filter(|_| last == "},")?;
    let statement = statement.strip_suffix(';')?;
    // Several statements are not one, and an object would be a block.
    if statement.contains(';') || statement.starts_with("return {") {
        return None;
    }
    Some(match statement.strip_prefix("return ") {
        Some(value) => format!("{name}:({arguments})=>{value},"),
        None => format!("{name}:({arguments})=>{{{statement}}},"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_goes_and_all_else_stays() {
        let glue = "_1: function(arg0, arg1) {\nconst ret = arg0.append(arg1);\nreturn ret;\n},\n_2: function(arg0) {\narg0.f();\n},\n\
                    _3: function() { return handleError(function (arg0) {\nconst ret = arg0.x;\nreturn ret;\n}, arguments); },\n\
                    _4: function(arg0) {\nconst ret = arg0.y;\nreturn isLikeNone(ret) ? 0 : ret;\n},\n";
        let short = "_1:($0,$1)=>$0.append($1),\n_2:($0)=>{$0.f()},\n\
                     _3:function(){ return handleError(function ($0){\nreturn $0.x;\n},arguments); },\n\
                     _4:function($0){\nconst ret=$0.y;\nreturn isLikeNone(ret)?0:ret;\n},\n";
        assert_eq!(shorten(glue), short);
    }
}
